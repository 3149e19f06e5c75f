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
from itertools import pairwise

from inbox.domain.calendars import (
    ALL_DAY,
    DAY,
    Calendar,
    Hours,
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
    Beside its weekdays it begins on `dates`, and never on the dates `without`; `uids` says what a
    calendar file calls a date.
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
    dates: frozenset[date] = frozenset()
    without: frozenset[date] = frozenset()
    uids: tuple[tuple[date, str], ...] = ()

    def begins_on(self, day: date) -> bool:
        """Whether it begins on this local date."""
        in_force = self.since <= day and (self.until is None or day <= self.until)
        named = day in self.dates or (day.weekday() in self.weekdays and day not in self.without)
        return in_force and named

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
class Asked:
    """How many people are asked to be on duty, at least, and in which hours of a week."""

    people: int = 1
    week: tuple[Hours, ...] = (ALL_DAY,) * 7
    zone: str = "UTC"

    def spans(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """The hours within [start, end), in order; hours that touch are one."""
        if self.always:
            return [(start, end)]
        found = []
        for opens, closes in open_spans(start, Calendar("cover", 1, self.zone, self.week)):
            if opens >= end:
                break
            found.append((opens, min(closes, end)))
        return _joined(found)

    @property
    def always(self) -> bool:
        """Around the clock, whatever the zone."""
        return all(hours == ALL_DAY for hours in self.week)


ALWAYS = Asked()
"""Somebody, around the clock: what is asked where nothing is said."""


@dataclass(frozen=True, slots=True)
class Roster:
    """Shifts, then swaps in the order in which they were agreed, then absences; and what is asked
    of them."""

    shifts: tuple[Shift, ...] = ()
    swaps: tuple[Swap, ...] = ()
    absences: tuple[Absence, ...] = ()
    asked: Asked = ALWAYS

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
    """A time during which the same people are on duty; [starts_at, ends_at) in UTC. `asked` is how
    many there should be (of `cover`, which does not look: one)."""

    starts_at: datetime
    ends_at: datetime
    people: frozenset[str]
    asked: int = 1

    @property
    def short(self) -> bool:
        """A hole: fewer people than are asked."""
        return len(self.people) < self.asked


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


def watch(roster: Roster, start: datetime, end: datetime) -> list[Span]:
    """The cover, cut where the asked hours begin and end; each span says how many are asked."""
    hours = roster.asked.spans(start, end)
    edges = sorted({edge for span in hours for edge in span})
    found = []
    for one in cover(roster, start, end):
        cuts = [one.starts_at, *(e for e in edges if one.starts_at < e < one.ends_at), one.ends_at]
        for a, b in pairwise(cuts):
            inside = any(opens <= a < closes for opens, closes in hours)
            found.append(Span(a, b, one.people, roster.asked.people if inside else 0))
    return found


def holes(roster: Roster, start: datetime, end: datetime) -> list[Span]:
    """When fewer people are on duty within [start, end) than are asked, in order."""
    return [one for one in watch(roster, start, end) if one.short]


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
