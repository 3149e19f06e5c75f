"""Shifts from a calendar file: what the file would make of the roster, and taking that back.

What a file calls by the same name is the same shift. A weekly shift is known by its id, a date of a
shift by what the file calls it; both stand in the roster's versions, so that a version is all that
an import makes. What somebody has already is not entered again, whoever entered it.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain import ical_shifts, roster_written
from inbox.domain.ical_in import File, Series, Time, series_of
from inbox.domain.ical_rules import Purse
from inbox.domain.ical_shifts import FROM_FILE, CannotHold, Named
from inbox.domain.roster import Roster, Shift, duties
from inbox.domain.roster_written import MOST_SHIFTS
from inbox.domain.written import Unclear
from inbox.flows import rostering
from inbox.flows.roster_plan import NOBODY, Line, Plan, What
from inbox.store import accounts
from inbox.store import roster as stored
from inbox.store.tables import User

A_DAY: Final = timedelta(days=1)
ALONE = word("it is one date of a shift that repeats; take in the whole calendar")
NO_SHIFT = word("it is no whole shift of a roster")
FULL = word("With this file the roster would have {n} shifts; it has at most {most}.")
LATER = word("“{name}” was changed since. Take that back first.")


@dataclass(slots=True)
class _Taking:
    """A file on its way into a roster. `shifts` become what they will be; `where` is which date of
    which shift stands for a time of a file."""

    names: Mapping[str, str]
    one: str
    zone: str
    start: datetime
    end: datetime
    shifts: dict[str, Shift]
    has: frozenset[tuple[str, str, datetime, datetime]]
    where: dict[str, tuple[str, date]]
    lines: list[Line] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    purse: Purse = field(default_factory=Purse)

    def named(self, time: Time) -> Named:
        """Whose it is; nobody's where nobody here is named."""
        if self.one:
            return Named(time.title, (self.one,))
        found = ical_shifts.named(time, self.names)
        self.unknown |= set(found.unknown)
        if not found.people and not found.unknown and time.title and not time.ours:
            self.unknown.add(time.title)
        return found

    def says(self, what: What, time: Time, people: Sequence[str] = (), why: str = "") -> Line:
        """A line of it."""
        who = ", ".join(self.names.get(one, one) for one in people)
        span = time.starts_at, time.ends_at
        return Line(what, time.title, 0, who, *span, why=why, uid=time.key)

    def has_all(self, times: Sequence[Time], who: Named) -> bool:
        """Whether these people have such shifts already."""
        return bool(times) and all(
            (who.shift, person, one.starts_at, one.ends_at) in self.has
            for one in times
            for person in who.people
        )


def plan(
    session: Session,
    file: File,
    *,
    one: User | None,
    staff: Sequence[User],
    now: datetime,
    end: datetime,
) -> Plan:
    """What the file would make of the shifts; it is of `one`, or of whom it names. Raises
    `Unclear`."""
    if one:
        file = _of(file, one.email)
    roster = stored.load(session, now)
    taking = _Taking(
        names={user.email: user.name for user in staff},
        one=one.email if one else "",
        zone=accounts.brand_zone(session),
        start=now,
        end=end,
        shifts={shift.id: shift for shift in roster.shifts},
        has=_had(roster, now - 2 * A_DAY, end + 2 * A_DAY),
        where={uid: (shift.id, day) for shift in roster.shifts for day, uid in shift.uids},
    )
    left = {time.key: time for time in file.times}
    by_series: dict[str, list[Time]] = {}
    for time in file.times:
        by_series.setdefault(time.series, []).append(time)
    aside = set()
    for series in file.series:
        times = by_series.get(series.event.series, [])
        try:
            held = _take_series(taking, series, times)
        except CannotHold as e:
            taking.lines.append(taking.says("aside", series.event, why=str(e)))
            aside.add(series.event.series)
            held = times
        for time in held:
            del left[time.key]
    whole = {event.series for event in file.whole}
    for time in left.values():
        _take_time(taking, time, alone=time.series not in whole)
    untold: dict[str, list[str]] = {}
    for uid in taking.where.keys() - taking.seen:
        untold.setdefault(series_of(uid), []).append(uid)
    for event in file.whole:
        if event.series not in aside:
            _end_untold(taking, event, untold.get(event.series, ()))
    count = len(taking.shifts)
    if count > MOST_SHIFTS:
        raise Unclear(FULL, n=count, most=MOST_SHIFTS)
    document = roster_written.document(tuple(taking.shifts.values()), taking.zone)
    roster_written.shifts(document, taking.zone)  # refused before it is entered
    lines = sorted(taking.lines, key=lambda line: (line.starts_at or now, line.title, line.person))
    lines += [Line("aside", title, why=why) for title, why in file.aside]
    return Plan(tuple(lines), tuple(sorted(taking.unknown)), document)


def undo(session: Session, version: int, *, actor: str, now: datetime) -> None:
    """Takes back what an import made of the shifts with this version. Raises `Unclear` where they
    are no longer as it left them."""
    zone = accounts.brand_zone(session)
    known = {row.number: row.said for row in stored.versions(session)}
    before, after, newest = (
        {one.id: one for one in roster_written.shifts(known.get(number, {}), zone)}
        for number in (version - 1, version, max(known))
    )
    for key in sorted({*before, *after}):
        if before.get(key) == after.get(key):
            continue
        if newest.get(key) != after.get(key):
            raise Unclear(LATER, name=(newest.get(key) or after.get(key) or before[key]).name)
        newest.pop(key, None)
        if key in before:
            newest[key] = before[key]
    document = roster_written.document(tuple(newest.values()), zone)
    restores = version - 1 if version == max(known) and version > 1 else None
    rostering.change_in(
        session, document, actor=actor, now=now, after=max(known), restores=restores
    )


def _of(file: File, email: str) -> File:
    """The file as one person's own, so that the same file of somebody else is another."""

    def own(time: Time) -> Time:
        series = hashlib.sha256(f"{time.series}{email}".encode()).hexdigest()[: len(time.series)]
        return replace(time, key=series + time.key[len(series) :])

    return replace(
        file,
        times=tuple(map(own, file.times)),
        whole=tuple(map(own, file.whole)),
        series=tuple(replace(one, event=own(one.event)) for one in file.series),
    )


def _had(
    roster: Roster, start: datetime, end: datetime
) -> frozenset[tuple[str, str, datetime, datetime]]:
    return frozenset(
        (one.shift.name, one.person, one.starts_at, one.ends_at)
        for one in duties(roster, start, end)
    )


def _take_series(taking: _Taking, series: Series, times: Sequence[Time]) -> Sequence[Time]:
    """Enters a weekly shift, and tells which of its times need nothing more.

    Raises `CannotHold`.
    """
    event = series.event
    key = _weekly_id(event)
    before = taking.shifts.get(key)
    if event.off or (not times and before is None):
        return times
    who = taking.named(event)
    if not who.people:
        raise CannotHold(NOBODY)
    made = ical_shifts.weekly(series, event.series, who, taking.purse)
    if made.until and made.until < made.since:
        return times
    mine, _ = ical_shifts.held_by(made, times, taking.start, taking.end)
    taking.seen.add(key)
    same = made == before or (before is None and taking.has_all(mine, who))
    what: What = "same" if same else "changed" if before else "new"
    shown = min(mine, key=lambda one: one.starts_at, default=event)
    taking.lines.append(replace(taking.says(what, shown, who.people), shift=made))
    if not same:
        taking.shifts[key] = made
    return mine


def _take_time(taking: _Taking, time: Time, alone: bool) -> None:
    """Enters a single date of a shift; `alone`, without the event that it is a date of."""
    at = taking.where.get(time.key)
    if alone and _weekly_id(time) in taking.shifts:
        taking.lines.append(taking.says("aside", time, why=ALONE))
        return
    if time.off:
        if at and alone:
            _end(taking, time.key, time)
        return
    taking.seen.add(time.key)
    who = taking.named(time)
    if (time.ours and not time.shift) or not who.people:
        why = NO_SHIFT if time.ours and not time.shift else NOBODY
        taking.lines.append(taking.says("aside", time, why=why))
        return
    try:
        made, day = ical_shifts.dated(time, who, taking.zone)
    except CannotHold as e:
        taking.lines.append(taking.says("aside", time, who.people, why=str(e)))
        return
    stands = at is not None and at[1] == day and _fits(taking.shifts[at[0]], made, day)
    if stands or (at is None and taking.has_all([time], who)):
        taking.lines.append(taking.says("same", time, who.people))
        return
    if at:
        _drop(taking, time.key)
    key = next(
        key
        for n in range(1, MOST_SHIFTS + 2)
        if (key := made.id if n == 1 else f"{made.id}-{n}") not in taking.shifts
        or _fits(taking.shifts[key], made)
    )
    shift = taking.shifts.get(key, replace(made, id=key))
    _put(taking, shift, {*shift.uids, (day, time.key)})
    taking.where[time.key] = (key, day)
    taking.lines.append(taking.says("changed" if at else "new", time, who.people))


def _end_untold(taking: _Taking, event: Time, untold: Iterable[str]) -> None:
    """What the file has no more of an event of which it tells all."""
    key = _weekly_id(event)
    shift = taking.shifts.get(key)
    if shift and key not in taking.seen:
        line = taking.says("gone", event, _people(shift))
        taking.lines.append(replace(line, shift=shift))
        del taking.shifts[key]
    for uid in untold:
        where, day = taking.where[uid]
        if taking.shifts[where].span(day)[1] > taking.start:
            _end(taking, uid, event)


def _end(taking: _Taking, uid: str, event: Time) -> None:
    """The date that stands for a time of a file goes."""
    key, day = taking.where[uid]
    shift = taking.shifts[key]
    starts, ends = shift.span(day)
    gone = replace(event, title=shift.name, starts_at=starts, ends_at=ends, key=uid)
    taking.lines.append(taking.says("gone", gone, _people(shift)))
    _drop(taking, uid)


def _people(shift: Shift) -> list[str]:
    return sorted({person for group in shift.groups for person in group})


def _weekly_id(time: Time) -> str:
    return f"{FROM_FILE}{time.series[:16]}"


def _fits(shift: Shift, made: Shift, day: date | None = None) -> bool:
    """Whether a shift has single dates just like this one's, as nobody changed it by hand."""
    same = replace(shift, id=made.id, dates=frozenset(), uids=()) == made
    return same and (day is None or day in shift.dates)


def _drop(taking: _Taking, uid: str) -> None:
    key, day = taking.where.pop(uid)
    shift = taking.shifts[key]
    _put(taking, shift, {*shift.uids} - {(day, uid)})


def _put(taking: _Taking, shift: Shift, uids: set[tuple[date, str]]) -> None:
    """A shift with these dates of files; those that are over, earlier versions tell."""
    by_hand = shift.dates - {day for day, _ in shift.uids}
    since = (taking.start - 2 * A_DAY).date()
    kept = tuple(sorted(one for one in uids if one[0] >= since))
    made = replace(shift, dates=by_hand | {day for day, _ in kept}, uids=kept)
    taking.shifts[shift.id] = made
    if not made.dates and not made.weekdays:
        del taking.shifts[shift.id]
