"""Reports as they were kept: which there are, who made them, and one of them with its figures."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import String, cast, func, literal, select
from sqlalchemy.orm import Session

from inbox.store.report_mails import ACCEPTED
from inbox.store.sql import AnyRow, insert
from inbox.store.tables import Audit, Edition, ReportMail, User

MADE: Final = "report_edition"
"""The act of who made one, in the audit log; the first makes itself."""


def firsts(session: Session, kind: str, firsts: Sequence[date]) -> set[date]:
    """Which of these days, weeks or months, by their first day, have an edition."""
    found = select(Edition.local_date).where(Edition.kind == kind, Edition.local_date.in_(firsts))
    return set(session.scalars(found))


def one(session: Session, kind: str, first: date, number: int | None = None) -> Edition | None:
    """The edition of that number; the newest without one."""
    found = select(Edition).where(Edition.kind == kind, Edition.local_date == first)
    if number is not None:
        found = found.where(Edition.edition == number)
    return session.scalars(found.order_by(Edition.edition.desc()).limit(1)).first()


def newest(session: Session, kind: str, first: date) -> int:
    """The number of the newest edition; 0 without one."""
    found = select(func.max(Edition.edition)).where(Edition.kind == kind)
    return session.scalar(found.where(Edition.local_date == first)) or 0


def add(session: Session, row: dict[str, Any]) -> int | None:
    """The new edition's id; None when (kind, local_date, edition) exists: another was first."""
    statement = insert(session, Edition).on_conflict_do_nothing()
    made: int | None = session.execute(
        statement.values(**row).returning(Edition.__table__.c.id)
    ).scalar()
    return made


def listed(session: Session, kind: str, first: date) -> Sequence[AnyRow]:
    """All of a day, week or month, the newest first, without their documents.

    Columns: number, as_of, made_by (an actor of the audit log; None: by itself), person (the name
    of who has that address), mailed (to how many), received, turns_due, answered_in_time,
    overdue_open, share_in_time (None when nothing was due).
    """
    subject = literal("edition:") + cast(Edition.id, String)
    mailed = (
        select(func.count(ReportMail.id))
        .where(ReportMail.edition_id == Edition.id, ReportMail.state == ACCEPTED)
        .scalar_subquery()
    )
    counts = ("received", "turns_due", "answered_in_time", "overdue_open")
    found = (
        select(
            Edition.edition.label("number"),
            Edition.as_of,
            Audit.actor.label("made_by"),
            User.name.label("person"),
            mailed.label("mailed"),
            *(Edition.figures["figures", name].as_integer().label(name) for name in counts),
            Edition.figures["figures", "share_in_time"].as_float().label("share_in_time"),
        )
        .outerjoin(Audit, (Audit.subject == subject) & (Audit.action == MADE))
        .outerjoin(User, User.email == Audit.actor)
        .where(Edition.kind == kind, Edition.local_date == first)
        .order_by(Edition.edition.desc())
    )
    return session.execute(found).all()
