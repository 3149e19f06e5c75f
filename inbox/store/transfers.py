"""Imports and exports, the newest first."""

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from inbox.domain.transfers import DONE, EXPORT, MOVES, RUNNING, WAITING
from inbox.store.tables import Transfer


def listed(session: Session, most: int) -> list[Transfer]:
    return list(session.scalars(select(Transfer).order_by(Transfer.id.desc()).limit(most)))


def one(session: Session, transfer_id: int) -> Transfer | None:
    return session.get(Transfer, transfer_id)


def unfinished(session: Session) -> list[int]:
    """What is to be done, the oldest first."""
    found = select(Transfer.id).where(Transfer.finished_at.is_(None)).order_by(Transfer.id)
    return list(session.scalars(found))


def waiting_export(session: Session) -> int | None:
    """An export that is not begun yet."""
    found = select(Transfer.id).where(Transfer.kind == EXPORT, Transfer.state == WAITING)
    return session.scalar(found.order_by(Transfer.id).limit(1))


def files(session: Session) -> set[str]:
    """The names of those that are not deleted."""
    return set(session.scalars(select(Transfer.file).where(Transfer.gone_at.is_(None))))


def move(session: Session, transfer_id: int, event: str, **values: Any) -> bool:
    """One step of MOVES as compare-and-set; False when it cannot be taken any more."""
    before = [state for state, name in MOVES if name == event]
    after = MOVES[before[0], event]
    held = update(Transfer).where(Transfer.id == transfer_id, Transfer.state.in_(before))
    done = session.execute(held.values(state=after, **values))
    return isinstance(done, CursorResult) and done.rowcount == 1


def tell(session: Session, transfer_id: int, **values: Any) -> bool:
    """How far it is; False when it does not run any more."""
    held = update(Transfer).where(Transfer.id == transfer_id, Transfer.state == RUNNING)
    done = session.execute(held.values(state=RUNNING, **values))
    return isinstance(done, CursorResult) and done.rowcount == 1


def to_delete(session: Session, before: datetime) -> list[Transfer]:
    """Those whose files are not needed any more: of imports at once, of exports later."""
    found = select(Transfer).where(
        Transfer.gone_at.is_(None),
        Transfer.finished_at.is_not(None),
        or_(Transfer.kind != EXPORT, Transfer.state != DONE, Transfer.finished_at < before),
    )
    return list(session.scalars(found))


def gone(session: Session, transfer_id: int, now: datetime) -> None:
    session.execute(update(Transfer).where(Transfer.id == transfer_id).values(gone_at=now))


def forget(session: Session, before: datetime) -> None:
    session.execute(
        delete(Transfer).where(Transfer.gone_at.is_not(None), Transfer.finished_at < before)
    )
