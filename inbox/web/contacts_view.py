"""People outside the team as their pages show them, from the store's rows."""

from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from inbox.domain.contacts import BadTag
from inbox.domain.conversation import OPEN, SNOOZED
from inbox.domain.search import BadSearch
from inbox.flows import contacts as flow
from inbox.store import persons
from inbox.store.conversations import BadCursor
from inbox.store.persons import Mark, Person
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from inbox.web import accounts_view
from inbox.web.pages import Frame
from inbox.web.pages_contacts import (
    Alike,
    ContactConversation,
    ContactPage,
    ContactRow,
    ContactsPage,
    IdentityRow,
    NoteRow,
)


def contacts_page(
    store: Store, frame: Frame, query: str, only: str, tag: str, after: str
) -> ContactsPage:
    """`/contacts`; a search that cannot be understood finds nobody and says why."""
    mark: Mark | None = next((one for one in persons.MARKS if one == only), None)
    wrong, found = "", flow.People((), {}, None)
    with store.read() as session:
        tags = tuple(persons.known_tags(session))
        try:
            found = flow.listed(session, words=query, mark=mark, tag=tag, cursor=after or None)
        except (BadSearch, BadTag, BadCursor) as e:
            wrong = str(e)
    asked = {"q": query, "only": mark or "", "tag": tag, "after": found.next_cursor or ""}
    more = urlencode({name: value for name, value in asked.items() if value})
    return ContactsPage(
        frame=frame,
        rows=tuple(row(one, found.wrote_last.get(one.id)) for one in found.people),
        query=query,
        only=mark or "",
        tag=tag,
        tags=tags,
        more=f"/contacts?{more}" if found.next_cursor else None,
        wrong=wrong,
    )


def contact_page(
    session: Session, frame: Frame, person: Person, done: str = "", wrong: str = ""
) -> ContactPage:
    """`/contacts/{id}`."""
    ids = [one.id for one in person.identities]
    said = persons.conversations(session, ids, persons.CONVERSATIONS)
    alike = flow.suggestions(session, person) if frame.me.writes else []
    return ContactPage(
        frame=frame,
        row=row(person, said[0].last_message_at if said else None),
        identities=tuple(map(_identity, person.identities)),
        conversations=tuple(map(_conversation, said)),
        notes=tuple(_note(one, frame.me.id) for one in persons.notes(session, ids)),
        alike=tuple(Alike(row(one.person, None), one.why) for one in alike),
        since=persons.first_wrote(session, ids),
        done=done,
        wrong=wrong,
    )


def row(person: Person, wrote_at: datetime | None) -> ContactRow:
    """A person by the names of their identities; the first that has one names them."""
    first = person.identities[0]
    names = [one.name for one in person.identities if one.name]
    handles = [one.handle for one in person.identities if one.handle]
    name = (names or handles or [first.external_id])[0]
    return ContactRow(
        id=person.id,
        name=name,
        handle=handles[0] if handles and handles[0] != name else "",
        channels=tuple(
            accounts_view.named(channel)
            for channel in dict.fromkeys(one.channel for one in person.identities)
        ),
        tags=person.tags,
        vip=person.has("vip"),
        muted=person.has("muted"),
        blocked=person.has("blocked"),
        wrote_at=wrote_at,
    )


def _identity(one: AnyRow) -> IdentityRow:
    return IdentityRow(
        id=one.id,
        channel=accounts_view.named(one.channel),
        account=one.account_handle,
        name=one.name or "",
        handle=one.handle or "",
        external_id=one.external_id,
        joined_at=one.joined_at,
        joined_by=one.joined_by or "",
    )


def _conversation(one: AnyRow) -> ContactConversation:
    return ContactConversation(
        id=one.id,
        channel=accounts_view.named(one.channel),
        kind=one.kind,
        status=one.status,
        category=one.category or "general",
        at=one.last_message_at,
        due_at=one.due_at if one.status in (OPEN, SNOOZED) else None,
        preview=one.preview,
    )


def _note(one: AnyRow, me: int) -> NoteRow:
    mine = one.author_id == me
    return NoteRow(one.id, one.text, one.author_name, one.created_at, one.edited_at, mine)
