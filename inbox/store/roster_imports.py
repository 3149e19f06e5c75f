"""Calendar files that were taken in, and the absences of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from inbox.store.sql import insert
from inbox.store.tables import AbsenceRow, Brand, RosterImport


def one_at_a_time(session: Session) -> None:
    """Until the transaction ends nobody else takes a file in, so that none comes in twice."""
    session.get(Brand, 1, with_for_update=True)


def standing(session: Session, now: datetime) -> dict[tuple[int, str], AbsenceRow]:
    """The absences from files that stand and are not over, by person and name in the file."""
    found = select(AbsenceRow).where(
        AbsenceRow.uid.is_not(None), AbsenceRow.withdrawn_at.is_(None), AbsenceRow.ends_at > now
    )
    return {(row.user_id, row.uid or ""): row for row in session.scalars(found)}


def add(session: Session, row: dict[str, Any]) -> int:
    made: int = session.scalars(
        insert(session, RosterImport).returning(RosterImport.id), [row]
    ).one()
    return made


def end_absence(session: Session, absence_id: int, import_id: int, now: datetime) -> None:
    """An import withdraws an absence."""
    ended = {"withdrawn_at": now, "ended_by": import_id}
    session.execute(update(AbsenceRow).where(AbsenceRow.id == absence_id).values(**ended))


def newest(session: Session, made_by: str | None, most: int = 5) -> Sequence[RosterImport]:
    """The newest imports, of one person or of all."""
    found = select(RosterImport).order_by(RosterImport.id.desc()).limit(most)
    if made_by is not None:
        found = found.where(RosterImport.made_by == made_by)
    return session.scalars(found).all()


def mark_undone(session: Session, import_id: int, now: datetime) -> bool:
    """False when it was before."""
    mine = (RosterImport.id == import_id, RosterImport.undone_at.is_(None))
    done = session.execute(update(RosterImport).where(*mine).values(undone_at=now))
    return isinstance(done, CursorResult) and done.rowcount == 1


def take_back(session: Session, import_id: int, now: datetime) -> tuple[list[int], list[int]]:
    """Withdraws what the import brought and brings back what it withdrew: the absences' numbers.

    What a later import put in its place, or ended in its turn, comes back once that one is undone.
    """
    brought = (AbsenceRow.import_id == import_id, AbsenceRow.withdrawn_at.is_(None))
    gone = update(AbsenceRow).where(*brought).values(withdrawn_at=now).returning(AbsenceRow.id)
    withdrawn = list(session.scalars(gone))
    undone = select(RosterImport.id).where(RosterImport.undone_at.is_not(None))
    had = select(AbsenceRow).where(
        AbsenceRow.ended_by == import_id, AbsenceRow.import_id.not_in(undone)
    )
    back = []
    for row in session.scalars(had).all():
        row.ended_by = _later(session, row, import_id)
        if row.ended_by is None:
            row.withdrawn_at = None
            back.append(row.id)
    return withdrawn, back


def _later(session: Session, row: AbsenceRow, import_id: int) -> int | None:
    """The import after this one by which another stands for an absence, or it is ended."""
    others = select(AbsenceRow.import_id, AbsenceRow.ended_by, AbsenceRow.withdrawn_at).where(
        AbsenceRow.user_id == row.user_id, AbsenceRow.uid == row.uid, AbsenceRow.id != row.id
    )
    for brought_by, ended_by, withdrawn_at in session.execute(others):
        if withdrawn_at is None:
            return brought_by
        if brought_by == import_id and ended_by is not None:
            return ended_by
    return None
