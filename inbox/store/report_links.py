"""Links at which somebody without an account sees one report, as it was when they were made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CursorResult, Select, delete, or_, select, update
from sqlalchemy.orm import Session, defer

from inbox.store.sql import insert
from inbox.store.tables import ReportLink, User

WORKS, EXPIRED, REVOKED = "works", "expired", "revoked"


@dataclass(frozen=True, slots=True)
class Frozen:
    """A report as it is shown at a link: its days, as of when, and all that is on it
    (`reports.sharing`). `edition` None: not a stored one."""

    first: date
    last: date
    zone: str
    as_of: datetime
    edition: int | None
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """A link and the name of who made it, None where nobody has that address (any more)."""

    link: ReportLink
    person: str | None


_LISTED: Final[Select[ReportLink, str]] = (
    select(ReportLink, User.name)
    .outerjoin(User, User.email == ReportLink.made_by)
    .options(defer(ReportLink.document))
)


def state_of(link: ReportLink, now: datetime) -> str:
    """works, expired or revoked."""
    if link.revoked_at is not None:
        return REVOKED
    return WORKS if link.expires_at > now else EXPIRED


def add(session: Session, report: Frozen, row: dict[str, Any]) -> int:
    """A new link's number."""
    about = {
        "first_day": report.first,
        "last_day": report.last,
        "zone": report.zone,
        "as_of": report.as_of,
        "edition": report.edition,
        "document": report.document,
    }
    adding = insert(session, ReportLink).values(**about, **row)
    made: int = session.execute(adding.returning(ReportLink.id)).scalar_one()
    return made


def listed(session: Session) -> list[Listed]:
    """Every link, also those that ended, the newest first, without what they show."""
    return [Listed(*row) for row in session.execute(_LISTED.order_by(ReportLink.id.desc()))]


def one(session: Session, id: int) -> Listed | None:
    """A link, whether it works or not."""
    row = session.execute(_LISTED.where(ReportLink.id == id)).one_or_none()
    return Listed(*row) if row else None


def at(session: Session, token_hash: str) -> ReportLink | None:
    """The link with this hash and what it shows, whether it works or not."""
    return session.scalar(select(ReportLink).where(ReportLink.token_hash == token_hash))


def touch(session: Session, id: int, now: datetime) -> None:
    """It was opened."""
    opened = {"opened": ReportLink.opened + 1, "opened_at": now}
    session.execute(update(ReportLink).where(ReportLink.id == id).values(opened))


def revoke(session: Session, id: int, now: datetime) -> bool:
    """False when it had ended, or there is none."""
    live = (ReportLink.revoked_at.is_(None), ReportLink.expires_at > now)
    return _set(session, id, live, now)


def restore(session: Session, id: int) -> bool:
    """Takes a revoking back; False when there was none."""
    return _set(session, id, (ReportLink.revoked_at.is_not(None),), None)


def renew(session: Session, id: int, row: dict[str, Any]) -> None:
    """Another address, maker and end for the same report, never opened yet; `row` as in `add`."""
    fresh = {"revoked_at": None, "opened": 0, "opened_at": None}
    session.execute(update(ReportLink).where(ReportLink.id == id).values(**row, **fresh))


def prune(session: Session, before: datetime) -> None:
    """Forgets those that ended before."""
    ended = or_(ReportLink.expires_at < before, ReportLink.revoked_at < before)
    session.execute(delete(ReportLink).where(ended))


def _set(session: Session, id: int, where: Sequence[Any], revoked_at: datetime | None) -> bool:
    changing = update(ReportLink).where(ReportLink.id == id, *where)
    done = session.execute(changing.values(revoked_at=revoked_at))
    return isinstance(done, CursorResult) and done.rowcount == 1
