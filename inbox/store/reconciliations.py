"""Comparisons of platforms' lists with what is stored."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from inbox.store.tables import Account, Cursor, Reconciliation

RUNNING, DONE, FAILED = "running", "done", "failed"


def begin(session: Session, account_id: int, streams: Sequence[str], now: datetime) -> int:
    """A new comparison for each of these streams that has none under way."""
    busy = set(
        session.scalars(
            select(Reconciliation.stream).where(
                Reconciliation.account_id == account_id, Reconciliation.state == RUNNING
            )
        )
    )
    fresh = [s for s in streams if s not in busy]
    session.add_all(
        Reconciliation(account_id=account_id, stream=s, state=RUNNING, started_at=now)
        for s in fresh
    )
    return len(fresh)


def last_begun(session: Session, account_id: int, else_: datetime) -> datetime:
    """When the account was last compared."""
    found = select(func.max(Reconciliation.started_at)).where(
        Reconciliation.account_id == account_id
    )
    return session.scalar(found) or else_


def accounts_due(session: Session, now: datetime) -> list[int]:
    """Active accounts with a comparison to go on with."""
    found = (
        select(Reconciliation.account_id)
        .join(Account, Account.id == Reconciliation.account_id)
        .where(Account.state == "active", *_may_run(now))
        .distinct()
    )
    return list(session.scalars(found))


def running(session: Session, account_id: int, now: datetime) -> Sequence[Reconciliation]:
    """The account's comparisons under way that are not resting."""
    found = select(Reconciliation).where(Reconciliation.account_id == account_id, *_may_run(now))
    return session.scalars(found.order_by(Reconciliation.id)).all()


def newest(session: Session, account_id: int) -> dict[str, Reconciliation]:
    """The newest comparison of each stream."""
    found = (
        select(Reconciliation)
        .where(Reconciliation.account_id == account_id)
        .order_by(Reconciliation.id)
    )
    return {row.stream: row for row in session.scalars(found)}


def step(
    session: Session,
    row_id: int,
    cursor: dict[str, Any],
    seen: int,
    found: int,
    oldest_at: datetime | None,
) -> None:
    """One more page is compared and stored."""
    row = session.get_one(Reconciliation, row_id)
    row.cursor = cursor
    row.pages += 1
    row.seen += seen
    row.found += found
    row.error = row.not_before = None
    if oldest_at is not None:
        row.oldest_at = min(oldest_at, row.oldest_at or oldest_at)


def finish(session: Session, row_id: int, now: datetime) -> None:
    """The list was compared to its end: the stream is complete over all that it showed."""
    row = session.get_one(Reconciliation, row_id)
    row.state, row.finished_at = DONE, now
    at = session.get(Cursor, (row.account_id, row.stream))
    if at is not None:
        oldest = row.oldest_at or row.started_at
        at.complete_from = min(at.complete_from or oldest, oldest)
        at.complete_to = max(at.complete_to or row.started_at, row.started_at)


def rest(session: Session, row_id: int, until: datetime, why: str | None = None) -> None:
    """Goes on later."""
    session.execute(
        update(Reconciliation)
        .where(Reconciliation.id == row_id)
        .values(not_before=until, error=why)
    )


def fail(session: Session, row_id: int, why: str, now: datetime) -> None:
    """Ends without having seen all."""
    session.execute(
        update(Reconciliation)
        .where(Reconciliation.id == row_id)
        .values(state=FAILED, error=why, finished_at=now)
    )


def _may_run(now: datetime) -> tuple[Any, ...]:
    rested = or_(Reconciliation.not_before.is_(None), Reconciliation.not_before <= now)
    return Reconciliation.state == RUNNING, rested
