"""By hours: when people write, by weekday and hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LEVELS = 6
A_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Hour:
    """How many messages came, and how dark that is: 0 none … 6 the most."""

    hour: int
    count: int
    level: int


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One line of the map; `day` is some date of that weekday, for its name."""

    day: date
    hours: tuple[Hour, ...]

    @property
    def total(self) -> int:
        return sum(hour.count for hour in self.hours)


def week_of(by_hour: Mapping[str, int]) -> tuple[WeekDay, ...]:
    """The seven lines from `{"mon 09": 3}`; none when nothing came."""
    if not (most := max(by_hour.values(), default=0)):
        return ()
    return tuple(
        WeekDay(
            A_MONDAY + timedelta(days=n),
            tuple(
                Hour(hour, count, -(-count * LEVELS // most))
                for hour in range(24)
                for count in (by_hour.get(f"{name} {hour:02}", 0),)
            ),
        )
        for n, name in enumerate(WEEKDAYS)
    )
