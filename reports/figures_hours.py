"""Waits in opening hours, and the hours of the week.

Opening hours are those of the brand's calendar (`sla.WORKING_DAYS`) in the version that was in
force when the wait ended. Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from inbox.domain.calendars import Calendar
from inbox.domain.opening import OpenTime
from reports.figures import WEEKDAYS, OpenAnswers, Spread

Stretch = tuple[datetime, datetime]
CalendarAt = Callable[[datetime], Calendar]
"""The brand's calendar that was in force at an instant."""
HOURS: Final = tuple(f"{day} {hour:02}" for day in WEEKDAYS for hour in range(24))


@dataclass(frozen=True, slots=True)
class OpenWaits(OpenAnswers):
    """With the time to resolution."""

    resolution_s: Spread


def open_s(stretches: Sequence[Stretch], calendar_at: CalendarAt) -> list[float]:
    """Seconds of opening hours in each stretch, in the order given."""
    found = [0.0] * len(stretches)
    by_version: dict[tuple[str, int], tuple[Calendar, list[int]]] = {}
    for n, (_, end) in enumerate(stretches):
        calendar = calendar_at(end)
        by_version.setdefault((calendar.name, calendar.version), (calendar, []))[1].append(n)
    for calendar, places in by_version.values():
        some = [stretches[n] for n in places]
        first, last = min(start for start, _ in some), max(end for _, end in some)
        open_time = OpenTime(calendar, first, last)
        for n in places:
            found[n] = open_time.between(*stretches[n]).total_seconds()
    return found


def hour_of(moment: datetime, local: ZoneInfo) -> str:
    """As in "mon 09". An hour that the clocks show twice is one."""
    at = moment.astimezone(local)
    return f"{WEEKDAYS[at.weekday()]} {at.hour:02}"
