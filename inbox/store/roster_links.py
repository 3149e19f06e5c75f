"""Links at which calendar programs read the roster, and how often its parts changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from inbox.store.sql import AnyRow, chunks, insert
from inbox.store.tables import AbsenceRow, Audit, RosterLink, User


def put(session: Session, row: dict[str, Any]) -> int:
    """A person's link, instead of the one before; its number."""
    adding = insert(session, RosterLink).values(**row)
    fresh = {k: row[k] for k in ("token_hash", "made_at", "expires_at")} | {"last_used_at": None}
    putting = adding.on_conflict_do_update(index_elements=["user_id", "whole"], set_=fresh)
    made: int = session.scalars(putting.returning(RosterLink.id)).one()
    return made


def listed(session: Session, user_id: int | None = None) -> Sequence[AnyRow]:
    """(RosterLink, User), of one person or of all, by person."""
    found = select(RosterLink, User).join(User, User.id == RosterLink.user_id)
    if user_id is not None:
        found = found.where(RosterLink.user_id == user_id)
    return session.execute(found.order_by(User.email, RosterLink.whole)).all()


def working(session: Session, token_hash: str, now: datetime) -> AnyRow | None:
    """(RosterLink, User) of the link with this hash, if it has not expired."""
    found = (
        select(RosterLink, User)
        .join(User, User.id == RosterLink.user_id)
        .where(RosterLink.token_hash == token_hash, RosterLink.expires_at > now)
    )
    return session.execute(found).one_or_none()


def touch(session: Session, link_id: int, now: datetime) -> None:
    """It was read."""
    session.execute(update(RosterLink).where(RosterLink.id == link_id).values(last_used_at=now))


def end(session: Session, user_id: int, whole: bool) -> bool:
    """False when there was none."""
    its = (RosterLink.user_id == user_id, RosterLink.whole == whole)
    done = session.execute(delete(RosterLink).where(*its))
    return isinstance(done, CursorResult) and done.rowcount == 1


def end_all(session: Session, user_id: int) -> None:
    """Of somebody who is shut out: they do not come back with the person."""
    session.execute(delete(RosterLink).where(RosterLink.user_id == user_id))


def absences_ever(session: Session, since: datetime) -> Sequence[AnyRow]:
    """(AbsenceRow, User) that end after an instant, the withdrawn ones, too."""
    found = select(AbsenceRow, User).join(User, User.id == AbsenceRow.user_id)
    return session.execute(found.where(AbsenceRow.ends_at > since).order_by(AbsenceRow.id)).all()


def steps(session: Session, subjects: Iterable[str]) -> dict[str, tuple[int, datetime]]:
    """What the audit log has of each subject: how many rows, and the last one's instant."""
    found: dict[str, tuple[int, datetime]] = {}
    for some in chunks(list(subjects)):
        counted = (
            select(Audit.subject, func.count(), func.max(Audit.at))
            .where(Audit.subject.in_(some))
            .group_by(Audit.subject)
        )
        found |= {subject: (many, last) for subject, many, last in session.execute(counted)}
    return found
