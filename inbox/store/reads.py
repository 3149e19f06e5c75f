"""What was read of accounts, day by day."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inbox.store.sql import insert
from inbox.store.tables import Conversation, Message, Reads, Reply


def add(session: Session, account_id: int, stream: str, items: int, now: datetime) -> None:
    """Counts one call that brought so many items."""
    day = now.astimezone(UTC).date()
    row = insert(session, Reads).values(
        account_id=account_id, stream=stream, day=day, items=items, calls=1
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["account_id", "stream", "day"],
            set_={"items": Reads.items + items, "calls": Reads.calls + 1},
        )
    )


def on_day(session: Session, account_id: int, now: datetime) -> dict[str, float]:
    """Items read today (UTC), by stream."""
    found = select(Reads.stream, Reads.items).where(
        Reads.account_id == account_id, Reads.day == now.astimezone(UTC).date()
    )
    return {stream: float(items) for stream, items in session.execute(found)}


def per_day(session: Session, account_id: int, now: datetime, days: int) -> dict[str, float]:
    """Items a day by stream, averaged over the days (at most so many) that were read at all."""
    since = now.astimezone(UTC).date() - timedelta(days=days - 1)
    found = (
        select(Reads.stream, func.sum(Reads.items), func.count(Reads.day.distinct()))
        .where(Reads.account_id == account_id, Reads.day >= since)
        .group_by(Reads.stream)
    )
    return {stream: float(items) / n for stream, items, n in session.execute(found) if n}


def answers_per_day(
    session: Session, account_id: int, now: datetime, days: int
) -> dict[str, float]:
    """Answers a day by visibility."""
    found = (
        select(Reply.visibility, func.count())
        .where(Reply.account_id == account_id, Reply.finished_at >= now - timedelta(days=days))
        .group_by(Reply.visibility)
    )
    return {visibility: n / days for visibility, n in session.execute(found)}


def last_arrival(session: Session, account_id: int) -> datetime | None:
    """When a customer last wrote to this account."""
    found = select(func.max(Conversation.last_message_at)).where(
        Conversation.account_id == account_id, Conversation.last_is_ours.is_(False)
    )
    return session.scalar(found)


def arrived_between(session: Session, account_id: int, since: datetime, until: datetime) -> int:
    """Customers' messages written in that time."""
    found = select(func.count()).where(
        Message.account_id == account_id,
        Message.role == "customer",
        Message.sent_at > since,
        Message.sent_at <= until,
    )
    return session.scalar(found) or 0
