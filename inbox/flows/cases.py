"""Conversations of one person about one matter, in several places, are one case.

A case is named after one of its conversations. It is made by a person, and by itself where a move
to private begins a private thread.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.store import audit, cases, events, thread
from inbox.store.session import Store, lock_matters
from inbox.store.tables import Conversation


class CannotJoin(ValueError):
    """The two cannot be one case; the message says why."""


def join(store: Store, *, conversation_id: int, other_id: int, actor: str, now: datetime) -> None:
    """Makes two conversations (and the cases they are in) one. Raises `CannotJoin`."""
    with store.read() as session:
        is_seen = thread.exists(session, other_id)
    with store.write() as session:
        lock_matters(session)
        here = session.get(Conversation, conversation_id)
        there = session.get(Conversation, other_id)
        if here is None or there is None or not is_seen:
            raise CannotJoin(word("There is no such conversation."))
        if here.id == there.id:
            raise CannotJoin(word("A conversation is always one case with itself."))
        if here.case_id is not None and here.case_id == there.case_id:
            raise CannotJoin(word("They are one matter already."))
        before = cases.named(session, [here.id, there.id])
        cases.join(session, here.id, there.id)
        _note(session, cases.JOIN, [here.id, there.id], before, actor, now)


def leave(store: Store, *, conversation_id: int, actor: str, now: datetime) -> None:
    """Takes a conversation out of its case; alone it stays alone."""
    with store.write() as session:
        lock_matters(session)
        before = cases.named(session, [conversation_id])
        if len(before) > 1:
            cases.leave(session, conversation_id)
            _note(session, cases.LEAVE, list(before), before, actor, now)


def undo(store: Store, *, conversation_id: int, actor: str, now: datetime) -> None:
    """Takes the newest joining or leaving of this conversation back: every conversation is in the
    case it was in. Raises `CannotJoin` when there is none, or something was joined since."""
    with store.write() as session:
        lock_matters(session)
        change = cases.change_to_undo(session, conversation_id)
        if change is None:
            raise CannotJoin(word("There is nothing to take back here."))
        cases.put(session, change.before)
        _note(session, cases.UNDO, list(change.before), change.after, actor, now)


def _note(
    session: Session,
    action: str,
    ids: Sequence[int],
    before: dict[int, int | None],
    actor: str,
    now: datetime,
) -> None:
    """Into the audit log of each, with what undoes it; and every open page is told."""
    after = cases.named(session, list(before))
    told = {"before": _texts(before), "after": _texts(after)}
    for id_ in ids:
        audit.record(session, actor, action, f"conversation:{id_}", now, **told)
    events.announce_all(session, "conversation", now, sorted({*before, *after}))


def _texts(named: dict[int, int | None]) -> dict[str, int | None]:
    return {str(id_): case for id_, case in named.items()}
