"""Absences and shifts from calendar files: shown first, then entered, and taken back as a whole.

What a file calls by the same name is the same absence: read again it adds nothing, and one that was
moved or cancelled in the file is changed or ended; so is a date that an event which repeats has no
more. What is not in a file is left alone.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain import ical_in
from inbox.domain.ical_in import Time
from inbox.domain.search import search_text
from inbox.domain.written import Unclear
from inbox.flows import roster_shifts, rostering
from inbox.flows.roster_plan import NOBODY, OURS, Line, Plan, What
from inbox.flows.rostering import By
from inbox.store import accounts, audit, roster_imports
from inbox.store import roster as stored
from inbox.store.session import Store
from inbox.store.tables import AbsenceRow, RosterImport, User

AHEAD: Final = timedelta(days=366)
"""So far ahead a file is read."""
MOST_NAME: Final = 120
NOTHING = word("There is nothing to change.")
LEADS_ONLY = word("Only a lead may take in shifts.")
NOT_YOURS = word("Only who took the file in or a lead may do this.")


def plan(
    session: Session,
    raw: bytes,
    *,
    person: str | None,
    by: By,
    now: datetime,
    shifts: bool = False,
) -> Plan:
    """What the file would do: an agent's own absences, a lead's file absences or `shifts`. That may
    be of one `person`, else each time is of whom it names. Raises `Unclear`."""
    if shifts and not by.leads:
        raise Unclear(LEADS_ONLY)
    staff = stored.staff(session)
    address = (person or "").strip().lower() if by.leads else by.email
    one = next((user for user in staff if user.email == address), None)
    if address and one is None:
        raise Unclear(word("Nobody with the address {email} can have a shift."), email=address)
    file = ical_in.read(raw, accounts.brand_zone(session), now, now + AHEAD)
    if shifts:
        return roster_shifts.plan(session, file, one=one, staff=staff, now=now, end=now + AHEAD)
    standing = roster_imports.standing(session, now)
    of_one = [one] if one else None
    names = [(user, search_text(user.name)) for user in staff]
    lines = [
        line
        for time in file.times
        for line in _lines(time, of_one or _named(time, names), standing)
    ]
    told = {(line.user_id, line.uid) for line in lines}
    having = {
        (user.id, event.series): user
        for event in file.whole
        for user in of_one or _named(event, names)
    }
    gone = [
        Line("gone", row.reason, user.id, user.name, row.starts_at, row.ends_at, before=row.id)
        for (user_id, uid), row in standing.items()
        if (user_id, uid) not in told and (user := having.get((user_id, ical_in.series_of(uid))))
    ]
    aside = [Line("aside", title, why=why) for title, why in file.aside]
    return Plan((*lines, *gone, *aside))


def take(
    store: Store,
    raw: bytes,
    *,
    name: str,
    person: str | None,
    by: By,
    now: datetime,
    shifts: bool = False,
) -> tuple[int, Plan]:
    """Enters what the file says: the import's number, and what it did. Raises `Unclear`."""
    with store.write() as session:
        roster_imports.one_at_a_time(session)
        found = plan(session, raw, person=person, by=by, now=now, shifts=shifts)
        if not found.changes:
            raise Unclear(NOTHING)
        version = None
        if found.document is not None:
            version = rostering.change_in(session, found.document, actor=by.email, now=now)
        counts = {key: found.count(what) for key, what in _COUNTED}
        row = {
            "file": " ".join(clean(name).split())[-MOST_NAME:],
            "made_by": by.email,
            "made_at": now,
            "version": version,
            **counts,
        }
        number = roster_imports.add(session, row)
        for line in found.lines if version is None else ():
            if line.what in ("changed", "gone"):
                roster_imports.end_absence(session, line.before, number, now)
                _record(session, "absence_withdraw", line.before, by, now, number)
            if line.what in ("new", "changed"):
                absence = stored.add_absence(session, _row(line, number, by, now))
                _record(session, "absence", absence, by, now, number)
        subject = f"roster_import:{number}"
        audit.record(session, by.email, "roster_import", subject, now, **counts)
    return number, found


def undo(store: Store, number: int, *, by: By, now: datetime) -> bool:
    """Takes an import back: what it entered goes, what it changed or ended is as before. False when
    that was done already. Raises NoResultFound, `Unclear`."""
    with store.write() as session:
        roster_imports.one_at_a_time(session)
        row = session.get(RosterImport, number)
        if row is None:
            raise NoResultFound
        if not by.leads and row.made_by != by.email:
            raise Unclear(NOT_YOURS)
        if not roster_imports.mark_undone(session, number, now):
            return False
        audit.record(session, by.email, "roster_import_undo", f"roster_import:{number}", now)
        if row.version is not None:
            roster_shifts.undo(session, row.version, actor=by.email, now=now)
            return True
        gone, back = roster_imports.take_back(session, number, now)
        for absence in gone:
            _record(session, "absence_withdraw", absence, by, now, number)
        for absence in back:
            _record(session, "absence_back", absence, by, now, number)
    return True


def import_told(row: RosterImport) -> dict[str, Any]:
    """An import as programs are told it."""
    return {
        "id": row.id,
        "of": "absences" if row.version is None else "shifts",
        "file": row.file,
        "made_by": row.made_by,
        "made_at": row.made_at,
        "added": row.added,
        "changed": row.changed,
        "ended": row.ended,
        "undone_at": row.undone_at,
    }


_COUNTED: Final[Sequence[tuple[str, What]]] = (
    ("added", "new"),
    ("changed", "changed"),
    ("ended", "gone"),
)


def _lines(
    time: Time, people: Sequence[User], standing: dict[tuple[int, str], AbsenceRow]
) -> Iterator[Line]:
    if time.ours or not people:
        span = time.starts_at, time.ends_at
        yield Line("aside", time.title, 0, "", *span, why=OURS if time.ours else NOBODY)
        return
    for user in people:
        before = standing.get((user.id, time.key))
        if time.off and before is None:
            continue
        what: What = "new"
        if before is not None:
            as_before = (before.starts_at, before.ends_at) == (time.starts_at, time.ends_at)
            what = "gone" if time.off else "same" if as_before else "changed"
        yield Line(
            what,
            time.title,
            user.id,
            user.name,
            time.starts_at,
            time.ends_at,
            uid=time.key,
            before=before.id if before else 0,
        )


def _named(time: Time, names: Sequence[tuple[User, str]]) -> list[User]:
    """By address, else by the whole name in the title; `names` are as they are searched for."""
    by_address = [user for user, _ in names if user.email in time.people]
    title = search_text(time.title)
    return by_address or [user for user, name in names if name.strip() and name in title]


def _row(line: Line, number: int, by: By, now: datetime) -> dict[str, Any]:
    return {
        "user_id": line.user_id,
        "starts_at": line.starts_at,
        "ends_at": line.ends_at,
        "reason": line.title,
        "made_by": by.email,
        "made_at": now,
        "uid": line.uid,
        "import_id": number,
    }


def _record(
    session: Session, action: str, absence: int, by: By, now: datetime, number: int
) -> None:
    audit.record(session, by.email, action, f"absence:{absence}", now, roster_import=number)
