"""What a person does with a conversation besides answering: take, excuse, resolve, read."""

from datetime import datetime

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from inbox.flows import hooks
from inbox.flows.refold import refold
from inbox.store import audit, events
from inbox.store.session import Store, lock_account
from inbox.store.sql import insert
from inbox.store.tables import Conversation, Message, Step


class ReasonNeeded(ValueError):
    """A customer waits: ending that without an answer needs a reason."""


def assign(
    store: Store,
    *,
    conversation_id: int,
    agent_id: int | None,
    expected: int | None,
    actor: str,
    now: datetime,
) -> bool:
    """Gives the conversation to an agent (None: to nobody), if it is still with `expected`."""
    with store.write() as session:
        moved = session.execute(
            update(Conversation)
            .where(
                Conversation.id == conversation_id,
                Conversation.assignee_id.is_not_distinct_from(expected),
            )
            .values(assignee_id=agent_id)
        )
        done = isinstance(moved, CursorResult) and moved.rowcount == 1
        if done:
            subject = f"conversation:{conversation_id}"
            audit.record(session, actor, "assign", subject, now, agent=agent_id)
            events.announce(session, "conversation", now, conversation_id)
            hooks.assigned(session, conversation_id, now)
    return done


def excuse(
    store: Store,
    *,
    conversation_id: int,
    agent_id: int,
    actor: str,
    reason: str,
    seen: int,
    now: datetime,
) -> None:
    """No reply needed. Raises `ReasonNeeded` without words."""
    if not reason.strip():
        raise ReasonNeeded("Say why no reply is needed.")
    with store.write() as session:
        _step(session, "excuse", conversation_id, agent_id, reason.strip(), seen, now)
        audit.record(
            session, actor, "excuse", f"conversation:{conversation_id}", now, reason=reason.strip()
        )
        refold(session, [conversation_id], now)


def resolve(
    store: Store,
    *,
    conversation_id: int,
    agent_id: int,
    actor: str,
    reason: str | None,
    seen: int,
    now: datetime,
) -> None:
    """Ends the episode. With a customer waiting it needs a reason, which excuses the wait."""
    with store.write() as session:
        conversation = session.get_one(Conversation, conversation_id)
        if conversation.due_at is not None:
            if not (reason or "").strip():
                raise ReasonNeeded("The customer still waits: say why no reply is needed.")
            words = (reason or "").strip()
            _step(session, "excuse", conversation_id, agent_id, words, seen, now)
            refold(session, [conversation_id], now)
        _step(session, "resolve", conversation_id, agent_id, reason, seen, now)
        audit.record(
            session, actor, "resolve", f"conversation:{conversation_id}", now, reason=reason
        )
        refold(session, [conversation_id], now)


def read(store: Store, *, conversation_id: int, up_to: int, now: datetime) -> None:
    """Someone has read up to this message; never moves back."""
    with store.write() as session:
        moved = session.execute(
            update(Conversation)
            .where(Conversation.id == conversation_id, Conversation.read_up_to < up_to)
            .values(
                read_up_to=up_to,
                unread=select(func.count())
                .select_from(Message)
                .where(
                    Message.conversation_id == conversation_id,
                    Message.role == "customer",
                    Message.id > up_to,
                )
                .scalar_subquery(),
            )
        )
        if isinstance(moved, CursorResult) and moved.rowcount:
            events.announce(session, "conversation", now, conversation_id)


def _step(
    session: Session,
    kind: str,
    conversation_id: int,
    agent_id: int,
    reason: str | None,
    seen: int,
    now: datetime,
) -> None:
    conversation = session.get_one(Conversation, conversation_id)
    lock_account(session, conversation.account_id)
    row = {
        "conversation_id": conversation_id,
        "kind": kind,
        "at": now,
        "agent_id": agent_id,
        "reason": reason,
        "seen": seen,
    }
    session.execute(insert(session, Step), [row])
