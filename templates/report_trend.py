"""A report's days side by side: what came, what was due, and how long the first answer took."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final

from templates.periods import DAY, Days
from templates.report_further import Times

APART: Final = 62
"""Of more days than these no one can be pointed at."""
NAMED: Final = 6
"""So many names have room under the chart, but those of a week all have."""
STEPS: Final = (0.9, 0.5)


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What a day's own report says, by the names of `report --json`."""

    received: int = 0
    turns_opened: int = 0
    turns_due: int = 0
    answered_in_time: int = 0
    share_in_time: float | None = None
    first_response_s: Times = field(default_factory=Times)

    @property
    def late(self) -> int:
        return self.turns_due - self.answered_in_time


@dataclass(frozen=True, slots=True)
class TrendDay:
    """One day that has begun. `x` is where its column begins, a part of 1; `named` whether its name
    stands under it; `own` whether it is the day that the report is about; `before` the day before
    it, if both had something due."""

    day: date
    figures: DayFigures
    x: float
    named: bool
    own: bool
    before: "TrendDay | None"

    @property
    def days(self) -> Days:
        return Days.day(self.day)

    def misses(self, target: float | None) -> bool:
        """Whether the share is below the target."""
        share = self.figures.share_in_time
        return share is not None and target is not None and share < target


@dataclass(frozen=True)
class Trend:
    """The days that a report shows one by one; those to come have room and no figures. What each
    bar asks of all of them is counted once."""

    about: Days
    by_day: Mapping[date, DayFigures]
    target: float | None = None

    def __iter__(self) -> Iterator[TrendDay]:
        return iter(self._days)

    @cached_property
    def _days(self) -> tuple[TrendDay, ...]:
        return tuple(self._walk())

    def _walk(self) -> Iterator[TrendDay]:
        days = self.about.shown
        every = 1 if self._many <= NAMED + 1 else -(-self._many // NAMED)
        before = None
        for n, day in enumerate(days):
            if (figures := self.by_day.get(day)) is None:
                continue
            own = self.about.kind == "day" and day == self.about.first
            told = figures.share_in_time is not None
            beside = before if told and before and before.day + DAY == day else None
            one = TrendDay(day, figures, n / self._many, n % every == 0, own, beside)
            yield one
            before = one if told else None

    @property
    def width(self) -> float:
        """Of one day's column, a part of 1."""
        return 1 / self._many

    @property
    def apart(self) -> bool:
        """Whether each day can be pointed at."""
        return self._many <= APART

    @property
    def below(self) -> tuple[TrendDay, ...]:
        """The days below the target, the lowest first."""
        found = [one for one in self if one.misses(self.target)]
        return tuple(sorted(found, key=lambda one: one.figures.share_in_time or 0.0))

    @cached_property
    def floor(self) -> float:
        """Where the axis of shares begins."""
        shares = [one.share_in_time for one in self.by_day.values()]
        least = min([s for s in (*shares, self.target) if s is not None], default=0.0)
        return next((step for step in STEPS if least >= step), 0.0)

    def height(self, share: float) -> float:
        """Of a share on that axis, a part of 1."""
        return (share - self.floor) / (1 - self.floor)

    @cached_property
    def most_due(self) -> int:
        return max((one.turns_due for one in self.by_day.values()), default=0)

    @cached_property
    def most_received(self) -> int:
        return max((max(o.received, o.turns_opened) for o in self.by_day.values()), default=0)

    @cached_property
    def slowest_s(self) -> float:
        """The longest of the days' medians."""
        return max((one.first_response_s.median or 0.0 for one in self.by_day.values()), default=0)

    @cached_property
    def _many(self) -> int:
        days = self.about.shown
        return (days.last - days.first).days + 1
