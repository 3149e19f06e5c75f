"""The roster's rows, and the roster that they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Select, func, select, update
from sqlalchemy.orm import Session, aliased

from inbox.domain import roster_written
from inbox.domain.roster import ALWAYS, Absence, Asked, Roster, Shift, Swap
from inbox.domain.swaps import ACCEPTED, MOVES
from inbox.store import accounts
from inbox.store.kept import kept
from inbox.store.sql import AnyRow, ask, insert
from inbox.store.tables import AbsenceRow, RosterVersion, SwapRow, User

LOOKS_BACK = timedelta(days=35)
"""How far before the instant in question swaps and absences are read."""
EVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def versions(session: Session, since: datetime | None = None) -> Sequence[RosterVersion]:
    """Every version of the shifts, oldest first; or those that were in force since an instant."""
    found = select(RosterVersion).order_by(RosterVersion.number)
    if since is not None:
        then = select(func.max(RosterVersion.number)).where(RosterVersion.made_at <= since)
        found = found.where(RosterVersion.number >= func.coalesce(then.scalar_subquery(), 0))
    return session.scalars(found).all()


def newest(session: Session) -> RosterVersion | None:
    found = select(RosterVersion).order_by(RosterVersion.number.desc()).limit(1)
    return session.scalar(found)


@kept
def newest_number(session: Session) -> int | None:
    """Which version of the shifts is in force; None before the first."""
    return ask(session, _newest_number()).scalar()


@cache
def _newest_number() -> Select[Any]:
    return select(func.max(RosterVersion.number))


def add_version(session: Session, row: dict[str, Any]) -> bool:
    """False when somebody else made this version first."""
    adding = insert(session, RosterVersion).values(**row).on_conflict_do_nothing()
    return session.scalar(adding.returning(RosterVersion.number)) is not None


def in_force(session: Session) -> tuple[tuple[Shift, ...], Asked]:
    """The shifts, and how many people are asked to be on duty, and when."""
    row = newest(session)
    return _said(row, accounts.brand_zone(session)) if row else ((), ALWAYS)


def shifts(session: Session) -> tuple[Shift, ...]:
    """The shifts in force."""
    return in_force(session)[0]


def staff(session: Session) -> list[User]:
    """Who can have a shift: who may sign in and answer."""
    return list(session.scalars(_staff().order_by(User.name, User.email)))


def one_of_staff(session: Session, **who: Any) -> User | None:
    """Somebody of the `staff`, by `id` or `email`."""
    return session.scalar(_staff().filter_by(**who))


@dataclass(frozen=True, slots=True)
class Rows:
    """What is read of the roster beside its shifts: see `staff`, `swaps` and `absences`."""

    staff: list[User]
    swaps: Sequence[AnyRow]
    absences: Sequence[AnyRow]


def rows(session: Session, now: datetime) -> Rows:
    """As of now and later."""
    return Rows(staff(session), swaps(session, now), absences(session, now))


def load(session: Session, now: datetime) -> Roster:
    """The roster as of now and later. Whoever cannot work any more is away for good."""
    return _roster(*in_force(session), rows(session, now))


def over_time(
    session: Session, read: Rows, since: datetime
) -> list[tuple[RosterVersion, datetime, datetime, Roster]]:
    """The versions of the shifts in the weeks before an instant and later, each with the span in
    which it was in force, oldest first; the first of them from ever, the newest for good. So a
    change leaves the past as it was."""
    zone = accounts.brand_zone(session)
    found = versions(session, since - LOOKS_BACK)
    begins = [EVER[0], *(one.made_at for one in found[1:])]
    ends = [*begins[1:], EVER[1]]
    return [
        (one, start, end, _roster(*_said(one, zone), read))
        for one, start, end in zip(found, begins, ends, strict=False)
    ]


def _said(one: RosterVersion, zone: str) -> tuple[tuple[Shift, ...], Asked]:
    return roster_written.shifts(one.said, zone), roster_written.asked(one.said, zone)


def _staff() -> Select[User]:
    return select(User).where(
        User.password_hash.is_not(None), User.disabled_at.is_(None), User.role != "auditor"
    )


def _roster(found: tuple[Shift, ...], asks: Asked, read: Rows) -> Roster:
    here = {one.email for one in read.staff}
    accepted = [row for row in read.swaps if row.SwapRow.state == ACCEPTED]
    agreed = tuple(
        Swap(row.SwapRow.shift, row.SwapRow.day, row.gives.email, row.takes.email)
        for row in accepted
    )
    named = {person for shift in found for group in shift.groups for person in group}
    named |= {swap.takes for swap in agreed}
    away = [Absence(row.User.email, *_span(row.AbsenceRow)) for row in read.absences]
    gone = [Absence(person, *EVER) for person in sorted(named - here)]
    return Roster(found, agreed, (*away, *gone), asks)


def swaps(session: Session, now: datetime) -> Sequence[AnyRow]:
    """(SwapRow, gives, takes) of the last weeks and later; in the order they were settled in, which
    is the order they count in."""
    gives, takes = aliased(User, name="gives"), aliased(User, name="takes")
    found = (
        select(SwapRow, gives, takes)
        .join(gives, gives.id == SwapRow.gives_id)
        .join(takes, takes.id == SwapRow.takes_id)
        .where(SwapRow.day >= (now - LOOKS_BACK).date())
        .order_by(SwapRow.settled_at, SwapRow.id)
    )
    return list(session.execute(found))


def add_swap(session: Session, row: dict[str, Any]) -> int:
    made: int = session.scalars(insert(session, SwapRow).returning(SwapRow.id), [row]).one()
    return made


def move_swap(session: Session, swap: SwapRow, event: str, now: datetime) -> bool:
    """Compare-and-set along `MOVES`; False where it may not go, or somebody was quicker."""
    state = MOVES.get((swap.state, event))
    if state is None:
        return False
    moved = session.execute(
        update(SwapRow)
        .where(SwapRow.id == swap.id, SwapRow.state == swap.state)
        .values(state=state, settled_at=now)
    )
    return isinstance(moved, CursorResult) and moved.rowcount == 1


def absences(session: Session, now: datetime) -> Sequence[AnyRow]:
    """(AbsenceRow, User) that stand, of the last weeks and later, by begin."""
    found = (
        select(AbsenceRow, User)
        .join(User, User.id == AbsenceRow.user_id)
        .where(AbsenceRow.withdrawn_at.is_(None), AbsenceRow.ends_at > now - LOOKS_BACK)
        .order_by(AbsenceRow.starts_at, AbsenceRow.id)
    )
    return list(session.execute(found))


def add_absence(session: Session, row: dict[str, Any]) -> int:
    made: int = session.scalars(insert(session, AbsenceRow).returning(AbsenceRow.id), [row]).one()
    return made


def mark_absence(session: Session, absence_id: int, before: bool, at: datetime | None) -> bool:
    """Withdraws an absence, or takes that back; `before`: whether it was withdrawn until now."""
    was = AbsenceRow.withdrawn_at.is_not(None) if before else AbsenceRow.withdrawn_at.is_(None)
    moved = session.execute(
        update(AbsenceRow).where(AbsenceRow.id == absence_id, was).values(withdrawn_at=at)
    )
    return isinstance(moved, CursorResult) and moved.rowcount == 1


def zone_of(session: Session, user_id: int) -> str | None:
    """A person's own time zone."""
    return session.scalar(select(User.zone).where(User.id == user_id))


def set_zone(session: Session, user_id: int, zone: str | None) -> None:
    session.execute(update(User).where(User.id == user_id).values(zone=zone))


def _span(row: AbsenceRow) -> tuple[datetime, datetime]:
    return row.starts_at, row.ends_at
