"""Calendars: when a team works, as spans of UTC time; the N-th working day and working hours.

A local day is [its first instant, the next day's first instant). Where the clocks jump over
midnight, the day begins at the first instant after the jump; where they show midnight twice, at the
first of the two. Together the days of a zone therefore cover time without gap or overlap: most last
24 h, some 23 or 25, and a day that a zone left out (Samoa, 2011-12-30) lasts 0.

Opening hours follow the same rule: a slot lasts from the first instant that shows its opening time
to the first that shows its closing time. Hours that the clocks skip are not worked, an hour that
they show twice within a slot is worked twice.

Zones are IANA names; an unknown one raises `zoneinfo.ZoneInfoNotFoundError`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final, Literal
from zoneinfo import ZoneInfo, available_timezones

DAY = timedelta(days=1)
TIME_OF_DAY: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
Kind = Literal["holiday", "make-up", "team"]


@dataclass(frozen=True, slots=True)
class Slot:
    """Open from a local time to a later one of the same day; `closes` None is 24:00."""

    opens: time
    closes: time | None

    def __post_init__(self) -> None:
        if self.closes is not None and self.closes <= self.opens:
            raise ValueError(f"{self} closes before it opens")

    def __str__(self) -> str:
        return (
            f"{self.opens:%H:%M}-{self.closes:%H:%M}"
            if self.closes
            else f"{self.opens:%H:%M}-24:00"
        )


Hours = tuple[Slot, ...]
CLOSED: Hours = ()
ALL_DAY: Hours = (Slot(time(), None),)
MONDAY_TO_FRIDAY: tuple[Hours, ...] = (ALL_DAY,) * 5 + (CLOSED,) * 2
LEAST_A_WEEK = timedelta(hours=1)
"""So that every target falls due within the years that dates can show."""


@dataclass(frozen=True, slots=True)
class Special:
    """A date unlike its weekday: a holiday, a make-up workday, or the team's own word."""

    hours: Hours
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a team works. `name` and `version` go into every verdict as evidence.

    `week` has the hours of Monday to Sunday; `days` are the dates that differ. Of the years in
    `not_final` holidays or make-up workdays are not published yet.
    """

    name: str
    version: int
    zone: str
    week: tuple[Hours, ...] = MONDAY_TO_FRIDAY
    days: Mapping[date, Special] = field(default_factory=dict, hash=False)
    not_final: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if len(self.week) != 7 or sum(map(_length, self.week), timedelta()) < LEAST_A_WEEK:
            raise ValueError(f"calendar {self.name} is open less than an hour a week")
        for hours in (*self.week, *(day.hours for day in self.days.values())):
            for one, other in pairwise(hours):
                if one.closes is None or other.opens < one.closes:
                    raise ValueError(f"calendar {self.name}: {one} and {other} overlap")

    def hours(self, day: date) -> Hours:
        """The opening hours that a date should have."""
        special = self.days.get(day)
        return self.week[day.weekday()] if special is None else special.hours

    def is_working_day(self, day: date) -> bool:
        """Open at some time. A day that the zone left out is not worked."""
        return any(opens < closes for opens, closes in self.spans(day))

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """The opening hours of a date in UTC, half-open, in order; some may have no length."""
        return [
            (first_instant(day, slot.opens, self.zone), _closing(day, slot, self.zone))
            for slot in self.hours(day)
        ]


@dataclass(frozen=True, slots=True)
class Counted:
    """A date on the way to a due time: whether it was worked, and what it is called if special."""

    day: date
    works: bool
    name: str = ""


def _length(hours: Hours) -> timedelta:
    return sum((_minutes(slot.closes) - _minutes(slot.opens) for slot in hours), timedelta())


def _minutes(at: time | None) -> timedelta:
    return DAY if at is None else timedelta(hours=at.hour, minutes=at.minute)


def _closing(day: date, slot: Slot, zone: str) -> datetime:
    if slot.closes is None:
        return first_instant(day + DAY, time(), zone)
    return first_instant(day, slot.closes, zone)


@cache
def zones() -> frozenset[str]:
    """The names of all time zones. Looked up once: it reads a file of the system for each."""
    return frozenset(available_timezones() - {"localtime"})


def zone_meant(typed: str) -> str | None:
    """The zone that somebody means: by its name, or by its city (`shanghai`, `new york`), in any
    case. None where there is none; of two names of one city the shorter."""
    said = "_".join(typed.split()).casefold()
    found = [name for name in zones() if f"/{name}".casefold().endswith(f"/{said}")]
    return min(found, key=lambda name: (name.casefold() != said, len(name), name), default=None)


def local_date(instant: datetime, zone: str) -> date:
    """The date on a wall clock in the zone.

    In the minutes that a clock set back over midnight shows again, this is the date before,
    although the next day has begun (see `local_day_bounds`).
    """
    return instant.astimezone(ZoneInfo(zone)).date()


@lru_cache(4096)
def local_day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """(start, end) of the local day in UTC, half-open."""
    return first_instant(day, time(), zone), first_instant(day + DAY, time(), zone)


def end_of_nth_working_day(opened_at: datetime, n: int, calendar: Calendar) -> datetime:
    """When the N-th working day after the local date of opening ends, in UTC.

    The date of opening is day 0, working day or not; `n` is at least 1. A day ends when its last
    slot closes.
    """
    last = days_to_nth(opened_at, n, calendar)[-1]
    return calendar.spans(last.day)[-1][1]


def days_to_nth(opened_at: datetime, n: int, calendar: Calendar) -> list[Counted]:
    """The dates after that of opening, up to the N-th working day."""
    if n < 1:
        raise ValueError(f"a target of {n} business days is none")
    found: list[Counted] = []
    day = local_date(opened_at, calendar.zone)
    while n:
        day += DAY
        found.append(counted(day, calendar))
        n -= found[-1].works
    return found


def counted(day: date, calendar: Calendar) -> Counted:
    """How a date counts in the calendar."""
    special = calendar.days.get(day)
    return Counted(day, calendar.is_working_day(day), special.name if special else "")


def open_spans(start: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Opening hours from an instant on, in UTC and in order, without end; none is empty."""
    start = start.astimezone(UTC)
    day = local_date(start, calendar.zone)
    while True:
        for opens, closes in calendar.spans(day):
            if max(opens, start) < closes:
                yield max(opens, start), closes
        day += DAY


def open_time(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """How much of the time between two instants was open; none when the end comes first."""
    total = timedelta()
    for opens, closes in open_spans(start, calendar):
        if opens >= end:
            return total
        total += min(closes, end) - opens
    raise AssertionError("opening hours have no end")


def after_open_time(start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    """The first instant, in UTC, at which so much open time has passed since the start."""
    if not amount:
        return start.astimezone(UTC)
    for opens, closes in open_spans(start, calendar):
        if amount <= closes - opens:
            return opens + amount
        amount -= closes - opens
    raise AssertionError("opening hours have no end")


def first_instant(day: date, at: time, zone: str) -> datetime:
    """The first instant at which clocks in the zone show this time or, if skipped, a later one.

    `fold=0` and `fold=1` read a skipped time with the offset before and after the jump (PEP 495),
    so the jump lies between the two readings; offsets and jumps are whole seconds.
    """
    tz = ZoneInfo(zone)
    wall = datetime.combine(day, at)
    late = wall.replace(tzinfo=tz).astimezone(UTC)
    if late.astimezone(tz).replace(tzinfo=None) == wall:
        return late
    early = wall.replace(tzinfo=tz, fold=1).astimezone(UTC)
    offset_after = late.astimezone(tz).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(tz).utcoffset() == offset_after:
            late = middle
        else:
            early = middle
    return late
