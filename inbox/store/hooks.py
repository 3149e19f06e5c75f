"""Outgoing webhooks: endpoints, deliveries claimed and moved, and the log of tries."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from inbox.domain.hooks import (
    ACTIVE,
    DELIVERED,
    FAILED,
    MOVES,
    PAUSED,
    SENDING,
    STALE_AFTER,
    STOPPED,
    TEST,
    WAITING,
)
from inbox.store.sql import AnyRow, insert
from inbox.store.tables import (
    Account,
    Contact,
    Conversation,
    HookDelivery,
    HookEndpoint,
    HookTry,
    Message,
    User,
)


def endpoints(session: Session) -> Sequence[HookEndpoint]:
    """All of them, oldest first."""
    return session.scalars(select(HookEndpoint).order_by(HookEndpoint.id)).all()


def listeners(session: Session, event: str) -> list[int]:
    """Active endpoints that chose this event. There are few endpoints, so all are looked at."""
    found = select(HookEndpoint.id, HookEndpoint.events).where(HookEndpoint.state == ACTIVE)
    return [id_ for id_, events in session.execute(found) if event in events]


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """New deliveries."""
    if rows:
        session.execute(insert(session, HookDelivery), list(rows))


def set_state(session: Session, endpoint_id: int, before: Sequence[str], **values: Any) -> bool:
    """Compare-and-set of an endpoint; False when it was in none of these states."""
    done = session.execute(
        update(HookEndpoint)
        .where(HookEndpoint.id == endpoint_id, HookEndpoint.state.in_(before))
        .values(**values)
    )
    return isinstance(done, CursorResult) and done.rowcount == 1


def move(session: Session, delivery_id: int, before: str, event: str, **values: Any) -> bool:
    """One step of MOVES as compare-and-set; False when the row is no longer there."""
    done = session.execute(
        update(HookDelivery)
        .where(HookDelivery.id == delivery_id, HookDelivery.state == before)
        .values(state=MOVES[before, event], **values)
    )
    return isinstance(done, CursorResult) and done.rowcount == 1


def claim(session: Session, delivery_id: int, now: datetime) -> bool:
    """Takes a delivery for sending; False when another worker was first, or its endpoint was
    paused meanwhile."""
    found = select(HookDelivery.id).join(HookEndpoint)
    if session.scalar(found.where(HookDelivery.id == delivery_id, *_due(now))) is None:
        return False
    return move(session, delivery_id, WAITING, "claimed", started_at=now)


def stands(session: Session, endpoint_id: int, delivery_id: int) -> bool:
    """Whether both are still there; they are until the transaction ends. The endpoint first, as
    whoever removes it does."""
    rows = (HookEndpoint, endpoint_id), (HookDelivery, delivery_id)
    return all(session.get(table, id_, with_for_update=True) for table, id_ in rows)


def free_abandoned(session: Session, now: datetime) -> None:
    """What a dead process left in `sending` is sent again, under the same `webhook-id`."""
    session.execute(
        update(HookDelivery)
        .where(HookDelivery.state == SENDING, HookDelivery.started_at < now - STALE_AFTER)
        .values(state=MOVES[SENDING, "abandoned"])
    )


def has_abandoned(session: Session, now: datetime) -> bool:
    """Whether there is such a delivery."""
    found = select(HookDelivery.id).where(
        HookDelivery.state == SENDING, HookDelivery.started_at < now - STALE_AFTER
    )
    return session.scalar(found.limit(1)) is not None


def endpoints_due(session: Session, now: datetime) -> Sequence[int]:
    """Endpoints with something to send now."""
    found = select(HookDelivery.endpoint_id).where(*_due(now)).join(HookEndpoint)
    return session.scalars(found.distinct()).all()


def due(session: Session, endpoint_id: int, now: datetime, limit: int) -> Sequence[int]:
    """Deliveries of an endpoint whose time has come, oldest first."""
    found = select(HookDelivery.id).join(HookEndpoint)
    found = found.where(*_due(now), HookDelivery.endpoint_id == endpoint_id)
    return session.scalars(found.order_by(HookDelivery.id).limit(limit)).all()


def _due(now: datetime) -> tuple[Any, ...]:
    """A test goes out also while its endpoint rests."""
    ready = HookDelivery.not_before.is_(None) | (HookDelivery.not_before <= now)
    going = (HookEndpoint.state == ACTIVE) | (HookDelivery.event == TEST)
    return HookDelivery.state == WAITING, ready, going


def log(session: Session, row: dict[str, Any]) -> None:
    """One try."""
    session.execute(insert(session, HookTry), [row])


def deliveries(
    session: Session, endpoint_id: int, limit: int, before: int | None = None
) -> Sequence[HookDelivery]:
    """Deliveries of an endpoint, newest first."""
    found = select(HookDelivery).where(HookDelivery.endpoint_id == endpoint_id)
    if before is not None:
        found = found.where(HookDelivery.id < before)
    return session.scalars(found.order_by(HookDelivery.id.desc()).limit(limit)).all()


def tries(session: Session, delivery_ids: Sequence[int]) -> dict[int, list[HookTry]]:
    """The tries of these deliveries, oldest first."""
    found = select(HookTry).where(HookTry.delivery_id.in_(delivery_ids)).order_by(HookTry.id)
    by_delivery: dict[int, list[HookTry]] = {}
    for one in session.scalars(found):
        by_delivery.setdefault(one.delivery_id, []).append(one)
    return by_delivery


def again(session: Session, delivery_id: int, event_of: Sequence[str]) -> bool:
    """Sets a finished delivery going again; False when it has not finished."""
    values = {"tries": 0, "not_before": None, "finished_at": None}
    return any(move(session, delivery_id, state, "again", **values) for state in event_of)


def prune(session: Session, before: datetime) -> None:
    """Forgets deliveries made before then, with their tries."""
    session.execute(delete(HookDelivery).where(HookDelivery.made_at < before))


def conversations(session: Session, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """What every event about a conversation says of it, by its id: ids, tags and times."""
    rows = session.execute(
        select(
            Conversation.id,
            Account.channel,
            Account.handle.label("account"),
            Conversation.status,
            Conversation.category,
            Conversation.urgency,
            User.email.label("assignee"),
            Conversation.due_at,
        )
        .join(Account, Account.id == Conversation.account_id)
        .outerjoin(User, User.id == Conversation.assignee_id)
        .where(Conversation.id.in_(ids))
    )
    return {
        row.id: dict(row._mapping) | {"due_at": row.due_at.isoformat() if row.due_at else None}
        for row in rows
    }


def stored_now(
    session: Session, account_id: int, external_ids: Sequence[str], now: datetime
) -> Sequence[AnyRow]:
    """(id, conversation, kind, …) of the customers' messages among these that were stored now."""
    return session.execute(
        select(
            Message.id,
            Message.conversation_id,
            Message.kind,
            Message.visibility,
            Message.sent_at,
            Message.lang,
        )
        .where(
            Message.account_id == account_id,
            Message.external_id.in_(external_ids),
            Message.stored_at == now,
            Message.role == "customer",
            Message.conversation_id.is_not(None),
        )
        .order_by(Message.id)
    ).all()


def words(session: Session, message_id: int) -> dict[str, Any]:
    """A message's words and who wrote them; nothing of what was deleted."""
    row = session.execute(
        select(Message.text, Contact.name, Contact.handle)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Message.id == message_id, Message.deleted_at.is_(None))
    ).one_or_none()
    return {} if row is None else {"text": row.text, "name": row.name, "handle": row.handle}


ENDED = (FAILED, DELIVERED)
CAN_RESUME = (PAUSED, STOPPED)
