"""One person, one name: platforms that know somebody by several ids (WhatsApp) say so.

The id under which a contact was first stored stays; messages under another one join it, and so does
the private thread that is named after the person.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from connectors.core.contract import Message
from inbox.flows.incoming import Incoming
from inbox.store import contacts


def same_persons(session: Session, account_id: int, arrived: Sequence[Incoming]) -> list[Incoming]:
    """The page with every author and thread under the person's first id."""
    groups = [(a.id, *a.also) for i in arrived if (a := i.message.author) and a.also]
    first = contacts.first_ids(session, account_id, groups, _named(arrived))
    if not first:
        return list(arrived)
    return [replace(item, message=_renamed(item.message, first)) for item in arrived]


def _named(arrived: Sequence[Incoming]) -> set[str]:
    """Every id that may be an alias: of authors, and of the threads named after a person."""
    authors = {i.message.author.id for i in arrived if i.message.author}
    return authors | {i.message.conversation for i in arrived}


def _renamed(message: Message, first: dict[str, str]) -> Message:
    author = message.author
    if author and author.id in first:
        author = replace(author, id=first[author.id])
    conversation = first.get(message.conversation, message.conversation)
    return replace(message, author=author, conversation=conversation)
