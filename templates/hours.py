"""By hours: when people write, by weekday and hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LEVELS = 6
A_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Hour:
    """How many messages came, and how dark that is: 0 none … 6 the most. `key` as in "mon 09"."""

    key: str
    hour: int
    count: int
    level: int


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One line of the map; `key` as in "mon", `day` is some date of it, for its name."""

    key: str
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
            name,
            A_MONDAY + timedelta(days=n),
            tuple(
                Hour(key, hour, count, -(-count * LEVELS // most))
                for hour in range(24)
                for key in (f"{name} {hour:02}",)
                for count in (by_hour.get(key, 0),)
            ),
        )
        for n, name in enumerate(WEEKDAYS)
    )
