"""Conversations of one person about one matter, in several places, are one case.

A case is named after one of its conversations. It is made by a person, and by itself where a move
to private begins a private thread.
"""

from datetime import datetime

from inbox.store import audit, cases, events
from inbox.store.session import Store
from inbox.store.tables import Conversation


class CannotJoin(ValueError):
    """The two cannot be one case; the message says why."""


def join(store: Store, *, conversation_id: int, other_id: int, actor: str, now: datetime) -> None:
    """Makes two conversations (and the cases they are in) one. Raises `CannotJoin`."""
    with store.write() as session:
        here = session.get(Conversation, conversation_id)
        there = session.get(Conversation, other_id)
        if here is None or there is None:
            raise CannotJoin("There is no such conversation.")
        if here.id == there.id:
            raise CannotJoin("A conversation is always one case with itself.")
        cases.join(session, here.id, there.id)
        subject = f"conversation:{conversation_id}"
        audit.record(session, actor, "join_case", subject, now, other=other_id)
        events.announce_all(session, "conversation", now, [here.id, there.id])


def leave(store: Store, *, conversation_id: int, actor: str, now: datetime) -> None:
    """Takes a conversation out of its case."""
    with store.write() as session:
        others = cases.others(session, conversation_id)
        cases.leave(session, conversation_id)
        audit.record(session, actor, "leave_case", f"conversation:{conversation_id}", now)
        ids = [conversation_id, *(row.id for row in others)]
        events.announce_all(session, "conversation", now, ids)
