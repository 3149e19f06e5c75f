"""Who gets the reports, and the mails that bring them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from inbox.store.sql import AnyRow, insert
from inbox.store.tables import Edition, ReportMail, ReportRecipient

QUEUED, ACCEPTED, REFUSED = "queued", "accepted", "refused"


def recipients(session: Session) -> Sequence[ReportRecipient]:
    """Everybody who gets reports, by address."""
    found = select(ReportRecipient).where(ReportRecipient.removed_at.is_(None))
    return session.scalars(found.order_by(ReportRecipient.address)).all()


def recipients_of(session: Session, kind: str) -> list[ReportRecipient]:
    """Those who get the reports of days, weeks or months, in the order in which they were added."""
    return sorted((one for one in recipients(session) if kind in one.kinds), key=lambda r: r.id)


def recipient(session: Session, id: int) -> ReportRecipient | None:
    """A recipient, also a removed one."""
    return session.get(ReportRecipient, id)


def recipient_at(session: Session, address: str) -> ReportRecipient | None:
    """Who has this address, in upper or lower case."""
    found = select(ReportRecipient).where(func.lower(ReportRecipient.address) == address.lower())
    return session.scalar(found.where(ReportRecipient.removed_at.is_(None)))


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Queues mails: each with edition_id, recipient, locale, message_id and not_before."""
    if rows:
        session.execute(insert(session, ReportMail), [row | {"state": QUEUED} for row in rows])


def of_report(session: Session, kind: str, first: date) -> list[ReportMail]:
    """The mails of a report, by recipient."""
    found = select(ReportMail).join(Edition, Edition.id == ReportMail.edition_id)
    found = found.where(Edition.kind == kind, Edition.local_date == first)
    return list(session.scalars(found.order_by(ReportMail.recipient)))


def due(session: Session, now: datetime) -> list[int]:
    """Queued mails whose time has come, in the order of queueing. What waits for somebody who was
    removed meanwhile is not sent."""
    found = (
        select(ReportMail.id)
        .join(ReportRecipient, ReportRecipient.address == ReportMail.recipient)
        .where(ReportMail.state == QUEUED, ReportRecipient.removed_at.is_(None))
        .where(or_(ReportMail.not_before.is_(None), ReportMail.not_before <= now))
    )
    return list(session.scalars(found.order_by(ReportMail.id)))


def waiting(session: Session) -> dict[str, datetime]:
    """When the next mail that is made and has a time leaves, by recipient."""
    found = (
        select(ReportMail.recipient, func.min(ReportMail.not_before))
        .where(ReportMail.state == QUEUED, ReportMail.not_before.is_not(None))
        .group_by(ReportMail.recipient)
    )
    return {who: at for who, at in session.execute(found) if at is not None}


def mail(session: Session, id: int) -> ReportMail | None:
    """One mail."""
    return session.get(ReportMail, id)


def with_edition(session: Session, mail_id: int) -> tuple[ReportMail, Edition]:
    """A mail with the edition that it brings."""
    found = session.execute(
        select(ReportMail, Edition)
        .join(Edition, Edition.id == ReportMail.edition_id)
        .where(ReportMail.id == mail_id)
    ).one()
    return found[0], found[1]


def settle(session: Session, mail_id: int, **values: Any) -> bool:
    """Changes a mail that is still queued; False when it no longer is."""
    held = update(ReportMail).where(ReportMail.id == mail_id, ReportMail.state == QUEUED)
    done = session.execute(held.values(**values))
    return isinstance(done, CursorResult) and done.rowcount == 1


def requeue(session: Session, mail_id: int) -> bool:
    """Lets a refused mail go out once more, under its Message-ID; False when it is not refused."""
    held = update(ReportMail).where(ReportMail.id == mail_id, ReportMail.state == REFUSED)
    fresh = {"state": QUEUED, "failures": 0, "not_before": None, "reason": None}
    done = session.execute(held.values(fresh))
    return isinstance(done, CursorResult) and done.rowcount == 1


def log(session: Session, limit: int, before: int | None = None) -> list[AnyRow]:
    """Mails, the newest first, older than `before`.

    Columns: those of a mail, `kind`, `first` (its first day), `edition`, `made_at`, and `gets`:
    whether its recipient still gets reports.
    """
    found = (
        select(
            *ReportMail.__table__.c,
            Edition.kind,
            Edition.local_date.label("first"),
            Edition.edition,
            Edition.made_at,
            ReportRecipient.id.is_not(None).label("gets"),
        )
        .join(Edition, Edition.id == ReportMail.edition_id)
        .outerjoin(
            ReportRecipient,
            (ReportRecipient.address == ReportMail.recipient)
            & ReportRecipient.removed_at.is_(None),
        )
    )
    if before is not None:
        found = found.where(ReportMail.id < before)
    return list(session.execute(found.order_by(ReportMail.id.desc()).limit(limit)))
