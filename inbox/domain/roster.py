"""The roster: who is on duty when, and where nobody is.

A shift begins on its weekdays at a local time of its zone and ends at another, on the next day if
that time is not later. It lasts from the first instant that shows its beginning to the first that
shows its end (as opening hours do, see `calendars`): a night shift has an hour less or more when
the clocks change, and shifts that follow each other leave no gap and no overlap.

With several groups the shift rotates: each week, from Monday on, the next group has it. Then come
swaps (one person instead of another, on one date), then absences. People are named by their e-mail
addresses; whoever is not to count is left out of the roster before.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from inbox.domain.calendars import (
    DAY,
    Calendar,
    first_instant,
    local_date,
    open_spans,
)

EVERY_DAY = frozenset(range(7))
WEEK = timedelta(weeks=1)
ANCHOR = date(2024, 1, 1)
"""A date in the first group's week, where none is said."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift. `id` is its name for programs; `weekdays` (0 is Monday) are those it begins on.

    `groups` rotate weekly: the first has the week of `anchor`. It begins on dates from `since` to
    `until`, both included; `until` None has no end. `ends` equal to `starts` lasts a whole day.
    """

    id: str
    name: str
    starts: time
    ends: time
    zone: str
    groups: tuple[tuple[str, ...], ...]
    weekdays: frozenset[int] = EVERY_DAY
    since: date = date.min
    until: date | None = None
    anchor: date = ANCHOR

    def begins_on(self, day: date) -> bool:
        """Whether it begins on this local date."""
        in_force = self.since <= day and (self.until is None or day <= self.until)
        return in_force and day.weekday() in self.weekdays

    def group(self, day: date) -> tuple[str, ...]:
        """Whose turn it is on a local date, swaps and absences aside."""
        if not self.groups:
            return ()
        return self.groups[(_monday(day) - _monday(self.anchor)) // WEEK % len(self.groups)]

    def span(self, day: date) -> tuple[datetime, datetime]:
        """(start, end) in UTC, half-open, of the shift that begins on this local date."""
        last = day if self.ends > self.starts else day + DAY
        return (
            first_instant(day, self.starts, self.zone),
            first_instant(last, self.ends, self.zone),
        )


@dataclass(frozen=True, slots=True)
class Swap:
    """`takes` has the shift that begins on this local date, instead of `gives`."""

    shift: str
    day: date
    gives: str
    takes: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A person who is not there; [starts_at, ends_at) in UTC."""

    person: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Roster:
    """Shifts, then swaps in the order in which they were agreed, then absences."""

    shifts: tuple[Shift, ...] = ()
    swaps: tuple[Swap, ...] = ()
    absences: tuple[Absence, ...] = ()

    def people(self, shift: Shift, day: date) -> tuple[str, ...]:
        """Who has the shift that begins on a local date; absences aside."""
        found = list(shift.group(day))
        for swap in self.swaps:
            if (swap.shift, swap.day) == (shift.id, day) and swap.gives in found:
                found[found.index(swap.gives)] = swap.takes
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Duty:
    """One person on one shift, as far as they are there; [starts_at, ends_at) in UTC."""

    shift: Shift
    day: date
    person: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """A time during which the same people are on duty; [starts_at, ends_at) in UTC."""

    starts_at: datetime
    ends_at: datetime
    people: frozenset[str]


def on_duty(roster: Roster, at: datetime) -> frozenset[str]:
    """Who is on duty at an instant."""
    found = duties(roster, at, at + timedelta(microseconds=1))
    return frozenset(duty.person for duty in found)


def begin_dates(shift: Shift, start: datetime, end: datetime) -> Iterator[date]:
    """The local dates on which it begins and that may touch [start, end)."""
    # Two days before: a shift ends a day after its date, and a wall clock may show the day before.
    day = max(local_date(start, shift.zone) - 2 * DAY, shift.since)
    last = local_date(end, shift.zone) + DAY
    while day <= last:
        if shift.begins_on(day):
            yield day
        day += DAY


def duties(roster: Roster, start: datetime, end: datetime) -> list[Duty]:
    """Everybody's duties within [start, end), cut to it, by start."""
    found = []
    for shift in roster.shifts:
        for day in begin_dates(shift, start, end):
            starts_at, ends_at = shift.span(day)
            opens, closes = max(starts_at, start), min(ends_at, end)
            for person in roster.people(shift, day) if opens < closes else ():
                away = [one for one in roster.absences if one.person == person]
                found += [Duty(shift, day, person, *span) for span in _without(away, opens, closes)]
    return sorted(found, key=lambda d: (d.starts_at, d.ends_at, d.shift.id, d.person))


def cover(roster: Roster, start: datetime, end: datetime) -> list[Span]:
    """[start, end) as spans in order, without gap or overlap; neighbours differ in who is there."""
    changes: dict[datetime, Counter[str]] = {start: Counter()}
    for duty in duties(roster, start, end):
        changes.setdefault(duty.starts_at, Counter())[duty.person] += 1
        changes.setdefault(duty.ends_at, Counter())[duty.person] -= 1
    here: Counter[str] = Counter()
    found: list[Span] = []
    points = sorted(at for at in changes if at < end)
    for at, following in zip(points, [*points[1:], end], strict=True):
        for person, change in changes[at].items():
            here[person] += change
        people = frozenset(person for person, count in here.items() if count)
        if found and found[-1].people == people:
            found[-1] = Span(found[-1].starts_at, following, people)
        elif at < following:
            found.append(Span(at, following, people))
    return found


def holes(
    roster: Roster, start: datetime, end: datetime, asked: Calendar | None = None
) -> list[tuple[datetime, datetime]]:
    """When nobody is on duty within [start, end) although somebody is asked for: always, or in a
    calendar's hours."""
    empty = [(one.starts_at, one.ends_at) for one in cover(roster, start, end) if not one.people]
    if asked is None:
        return empty
    hours = []
    for opens, closes in open_spans(start, asked):
        if opens >= end:
            break
        hours.append((opens, closes))
    cut = [
        (max(a, opens), min(b, closes))
        for a, b in empty
        for opens, closes in hours
        if max(a, opens) < min(b, closes)
    ]
    return _joined(cut)


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    found: list[tuple[datetime, datetime]] = []
    for start, end in spans:
        if found and found[-1][1] == start:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def _without(
    absences: Iterable[Absence], start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """What absences leave of [start, end)."""
    for one in sorted(absences, key=lambda a: a.starts_at):
        if one.ends_at <= start or one.starts_at >= end:
            continue
        if start < one.starts_at:
            yield start, one.starts_at
        start = one.ends_at
    if start < end:
        yield start, end


def _monday(day: date) -> date:
    return day - day.weekday() * DAY
