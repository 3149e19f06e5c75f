"""Changing the roster: shifts by leads, one's own absences and swaps by everybody who works."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain import roster_written
from inbox.domain.calendars import zone_meant
from inbox.domain.roster import ALWAYS, Shift
from inbox.domain.swaps import ACCEPTED, OFFERED
from inbox.domain.written import Document, Unclear
from inbox.store import accounts, audit
from inbox.store import roster as stored
from inbox.store.session import Store
from inbox.store.tables import AbsenceRow, SwapRow, User

LONGEST = timedelta(days=400)
NOBODY = word("Nobody with the address {email} can have a shift.")
STALE = word("Somebody else changed the roster meanwhile. Look at it again.")


@dataclass(frozen=True, slots=True)
class By:
    """Who changes something: leads and admins for everybody, agents for themselves."""

    email: str
    leads: bool


def change_shifts(
    store: Store,
    document: Document,
    *,
    actor: str,
    now: datetime,
    restores: int | None = None,
    after: int | None = None,
    dry_run: bool = False,
) -> int:
    """A new version of the shifts; its number. With `after` only if that is still the newest. What
    is asked of them stays where the document does not say.

    Raises `Unclear`.
    """
    with store.write() as session:
        return change_in(
            session, document, actor=actor, now=now, restores=restores, after=after, dry_run=dry_run
        )


def change_in(
    session: Session,
    document: Document,
    *,
    actor: str,
    now: datetime,
    restores: int | None = None,
    after: int | None = None,
    dry_run: bool = False,
) -> int:
    """`change_shifts` as a part of something bigger. Raises `Unclear`."""
    row, zone = stored.newest(session), accounts.brand_zone(session)
    before = roster_written.shifts(row.said, zone) if row else ()
    asked_before = roster_written.asked(row.said, zone) if row else ALWAYS
    number = row.number if row else 0
    if after is not None and after != number:
        raise Unclear(STALE)
    found = roster_written.shifts(document, zone)
    says = "cover" in document
    asked = roster_written.asked(document, zone) if says else asked_before
    if (found, asked) == (before, asked_before):
        raise Unclear(word("That is what version {n} says already."), n=number)
    if restores is None:
        _refuse_strangers(session, found, before)
    said = roster_written.document(found, zone, asked)
    version = {"number": number + 1, "said": said, "made_at": now, "made_by": actor}
    if dry_run:
        return number + 1
    if not stored.add_version(session, version | {"restores": restores}):
        raise Unclear(STALE)
    subject = f"roster:{number + 1}"
    audit.record(session, actor, "roster.change", subject, now, restores=restores)
    return number + 1


def undo(store: Store, version: int, *, actor: str, now: datetime) -> int:
    """Takes the newest version back: the one before it, as a new one. Raises `Unclear`."""
    with store.read() as session:
        earlier = [row for row in stored.versions(session) if row.number < version]
    said = {"cover": {}} | (earlier[-1].said if earlier else {})
    restores = earlier[-1].number if earlier else None
    return change_shifts(store, said, actor=actor, now=now, restores=restores, after=version)


def _refuse_strangers(
    session: Session,
    found: tuple[Shift, ...],
    before: tuple[Shift, ...],
) -> None:
    """Who has left may stay in shifts that name them already; nobody new may be unknown."""
    known = {one.email for one in stored.staff(session)}
    known |= {person for shift in before for group in shift.groups for person in group}
    named = {person for shift in found for group in shift.groups for person in group}
    for email in sorted(named - known):
        raise Unclear(NOBODY, email=email)


def enter_absence(
    store: Store,
    *,
    person: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
    by: By,
    now: datetime,
) -> int:
    """Somebody will not be there; the absence's number. Raises `Unclear`."""
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise Unclear(word("An absence ends after it begins, within {n} days."), n=LONGEST.days)
    if ends_at <= now:
        raise Unclear(word("This absence is over already."))
    with store.write() as session:
        user = _worker(session, person)
        _own_or_lead(user.email, by)
        row = {
            "user_id": user.id,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "reason": " ".join(clean(reason).split())[:200],
            "made_by": by.email,
            "made_at": now,
        }
        absence = stored.add_absence(session, row)
        detail = {"from": starts_at.isoformat(), "to": ends_at.isoformat()}
        audit.record(
            session, by.email, "absence", f"absence:{absence}", now, person=user.email, **detail
        )
    return absence


def withdraw_absence(
    store: Store, absence_id: int, *, by: By, now: datetime, back: bool = False
) -> bool:
    """The person is there after all; `back` takes that back. False if it was so already.

    Raises NoResultFound, `Unclear`.
    """
    with store.write() as session:
        row = session.get(AbsenceRow, absence_id)
        if row is None:
            raise NoResultFound
        _own_or_lead(session.get_one(User, row.user_id).email, by)
        moved = stored.mark_absence(session, absence_id, back, None if back else now)
        if moved:
            action = "absence_back" if back else "absence_withdraw"
            audit.record(session, by.email, action, f"absence:{absence_id}", now)
    return moved


def offer_swap(
    store: Store, *, shift: str, day: date, gives: str, takes: str, by: By, now: datetime
) -> int:
    """Asks somebody to take a shift on one date; a lead decides it at once. Its number.

    Raises `Unclear`.
    """
    with store.write() as session:
        one, other = _worker(session, gives), _worker(session, takes)
        _own_or_lead(one.email, by)
        roster = stored.load(session, now)
        found = next((s for s in roster.shifts if s.id == shift and s.begins_on(day)), None)
        if found is None or found.span(day)[1] <= now:
            raise Unclear(word("There is no such shift to come on that date."))
        people = roster.people(found, day)
        if one.email not in people:
            raise Unclear(word("{name} does not have this shift."), name=one.name)
        if other.email in people:
            raise Unclear(word("{name} has this shift already."), name=other.name)
        row = {
            "shift": shift,
            "day": day,
            "gives_id": one.id,
            "takes_id": other.id,
            "state": ACCEPTED if by.leads else OFFERED,
            "made_by": by.email,
            "made_at": now,
            "settled_at": now if by.leads else None,
        }
        swap = stored.add_swap(session, row)
        audit.record(
            session,
            by.email,
            "swap",
            f"swap:{swap}",
            now,
            **{"shift": shift, "day": str(day), "gives": one.email, "takes": other.email},
        )
    return swap


def settle_swap(store: Store, swap_id: int, event: str, *, by: By, now: datetime) -> bool:
    """accept and decline by who was asked, withdraw by who asked; a lead may all of it. Once it is
    accepted only a lead takes it back. False where it may not go any more.

    Raises NoResultFound, `Unclear`.
    """
    with store.write() as session:
        row = session.get(SwapRow, swap_id)
        if row is None:
            raise NoResultFound
        whose = row.gives_id if event == "withdraw" else row.takes_id
        settled = row.state == ACCEPTED
        _own_or_lead("" if settled else session.get_one(User, whose).email, by)
        moved = stored.move_swap(session, row, event, now)
        if moved:
            audit.record(session, by.email, f"swap_{event}", f"swap:{swap_id}", now)
    return moved


def set_zone(store: Store, *, user_id: int, zone: str) -> None:
    """The zone in which a person reads the roster; empty is the brand's. Raises `Unclear`."""
    known = zone_meant(zone) if zone.strip() else ""
    if known is None:
        raise Unclear(word("“{zone}” is no time zone; write for example Europe/Lisbon."), zone=zone)
    with store.write() as session:
        stored.set_zone(session, user_id, known or None)


def _worker(session: Session, email: str) -> User:
    found = next((one for one in stored.staff(session) if one.email == email.lower()), None)
    if found is None:
        raise Unclear(NOBODY, email=email)
    return found


def _own_or_lead(email: str, by: By) -> None:
    if not by.leads and email != by.email:
        raise Unclear(word("Only the person themselves or a lead may do this."))
