"""Following a conversation: its followers are told when the customer writes again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from inbox.flows.notes import FIRST_WORDS
from inbox.store import audit, events, notes, notices, persons
from inbox.store.session import Store
from inbox.store.tables import Conversation

NEWS = timedelta(days=1)
"""What a customer wrote longer ago is history: nobody is told of it."""


def follow(store: Store, *, conversation_id: int, user_id: int, actor: str, now: datetime) -> None:
    """This person is told of new messages from now on."""
    with store.write() as session:
        session.get_one(Conversation, conversation_id)
        notes.follow(session, conversation_id, [user_id], "self", now)
        audit.record(session, actor, "follow", f"conversation:{conversation_id}", now)
        events.announce(session, "conversation", now, conversation_id)


def unfollow(
    store: Store, *, conversation_id: int, user_id: int, actor: str, now: datetime
) -> None:
    """And no more, until they are named in a note or it is given to them again."""
    with store.write() as session:
        session.get_one(Conversation, conversation_id)
        notes.unfollow(session, conversation_id, user_id)
        audit.record(session, actor, "unfollow", f"conversation:{conversation_id}", now)
        events.announce(session, "conversation", now, conversation_id)


def tell(session: Session, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Tells the followers of what customers wrote in these new rows of messages; nobody hears of
    who is muted or blocked."""
    said = {
        row["conversation_id"]: row
        for row in rows
        if row["role"] == "customer"
        and row["conversation_id"] is not None
        and row["sent_at"] > now - NEWS
    }
    following = notes.followers(session, said) if said else ()
    hushed = persons.quiet(session, {one.conversation_id for one in following})
    following = [one for one in following if one.conversation_id not in hushed]
    for conversation_id in {one.conversation_id for one in following}:
        row = said[conversation_id]
        by = row["author_name"] or row["author_handle"] or ""
        text = " ".join(row["text"].split())[:FIRST_WORDS]
        people = [one.user_id for one in following if one.conversation_id == conversation_id]
        notices.tell(session, people, "message", conversation_id, by, text, now)
    if following:
        events.announce(session, "notice", now)
