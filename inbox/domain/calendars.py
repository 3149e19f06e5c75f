"""Calendars: local days as spans of UTC time, and the end of the N-th working day.

A local day is [its first instant, the next day's first instant). Where the clocks jump over
midnight, the day begins at the first instant after the jump; where they show midnight twice, at the
first of the two. Together the days of a zone therefore cover time without gap or overlap: most last
24 h, some 23 or 25, and a day that a zone left out (Samoa, 2011-12-30) lasts 0.

Zones are IANA names; an unknown one raises `zoneinfo.ZoneInfoNotFoundError`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONDAY_TO_FRIDAY = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a team works. `name` and `version` go into every verdict as evidence.

    `weekdays` counts Monday as 0. `workdays` are days worked though they are a weekend or a holiday
    (make-up days). A due day ends at `closes` local time, or at 24:00 when that is None.
    """

    name: str
    version: int
    zone: str
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    closes: time | None = None

    def __post_init__(self) -> None:
        if not self.weekdays & frozenset(range(7)):
            raise ValueError(f"calendar {self.name} has no working weekday")

    def is_working_day(self, day: date) -> bool:
        """A day that the zone left out is not worked."""
        planned = day.weekday() in self.weekdays and day not in self.holidays
        if not planned and day not in self.workdays:
            return False
        start, end = local_day_bounds(day, self.zone)
        return start < end


def local_date(instant: datetime, zone: str) -> date:
    """The date on a wall clock in the zone.

    In the minutes that a clock set back over midnight shows again, this is the date before,
    although the next day has begun (see `local_day_bounds`).
    """
    return instant.astimezone(ZoneInfo(zone)).date()


def local_day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """(start, end) of the local day in UTC, half-open."""
    return first_instant(day, time(), zone), first_instant(day + timedelta(days=1), time(), zone)


def end_of_nth_working_day(opened_at: datetime, n: int, calendar: Calendar) -> datetime:
    """When the N-th working day after the local date of opening ends, in UTC.

    The date of opening is day 0, working day or not; `n` is at least 1.
    """
    if n < 1:
        raise ValueError(f"a target of {n} business days is none")
    day = local_date(opened_at, calendar.zone)
    while n:
        day += timedelta(days=1)
        n -= calendar.is_working_day(day)
    if calendar.closes is None:
        return local_day_bounds(day, calendar.zone)[1]
    return first_instant(day, calendar.closes, calendar.zone)


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
