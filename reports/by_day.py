"""Days counted apart: each row is given to the days in which it may count.

So every day has the tally that its own report is summed from, and all together that of the period.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import TypeVar

from inbox.domain.calendars import local_day_bounds
from reports.figures import Period, TurnRow
from reports.figures_cases import Resolved, Windowed
from reports.figures_hours import CalendarAt
from reports.tallies import Cell, Counting, Tally
from templates.periods import Days

T = TypeVar("T")
Moments = Iterable[datetime | None]


def period_of(days: Days, zone: str, as_of: datetime) -> Period:
    """From the first local midnight to the one after the last day."""
    (start, _), (_, end) = (local_day_bounds(day, zone) for day in (days.first, days.last))
    return Period(start, end, as_of)


class ByDay:
    """A counting for each of some days in a row."""

    def __init__(
        self, days: Days, zone: str, as_of: datetime, calendar_at: CalendarAt | None = None
    ) -> None:
        self.period = period_of(days, zone, as_of)
        self._days = tuple(days)
        self._countings = [
            Counting(period_of(Days.day(day), zone, as_of), zone, calendar_at) for day in days
        ]
        self._starts = [one.period.start for one in self._countings]

    def at(self, moment: datetime) -> Counting:
        """That of the day of a moment of these days."""
        return self._countings[self._place(moment)]

    def turns(self, rows: Iterable[TurnRow]) -> None:
        """A turn counts where it opened, was due or ended."""
        for counting, some in self.split(rows, _moments):
            counting.turns(some)

    def resolved(self, found: Iterable[Resolved], cells: Mapping[int, Cell]) -> None:
        """Matters, by their end."""
        for counting, some in self.split(found, lambda one: (one.ended_at,)):
            counting.resolved(some, cells)

    def missed(self, found: Iterable[Windowed], cells: Mapping[int, Cell]) -> None:
        """Waits, by when their platform's window closed."""
        as_of = self.period.as_of
        for counting, some in self.split(found, lambda one: (one.closed_at(as_of),)):
            counting.missed(some, cells)

    def split(
        self, rows: Iterable[T], moments: Callable[[T], Moments]
    ) -> Iterator[tuple[Counting, list[T]]]:
        """The rows of each day that has any: those with a moment in it."""
        start, end = self.period.start, self.period.end
        found: dict[int, list[T]] = {}
        for row in rows:
            known = (at for at in moments(row) if at is not None and start <= at < end)
            for place in {self._place(at) for at in known}:
                found.setdefault(place, []).append(row)
        for place, some in found.items():
            yield self._countings[place], some

    def done(self) -> dict[date, Tally]:
        """All that was taken, by day, in order."""
        return {day: one.done() for day, one in zip(self._days, self._countings, strict=True)}

    def _place(self, moment: datetime) -> int:
        """Of days that begin at once, as one that a zone left out, the last."""
        return max(bisect_right(self._starts, moment) - 1, 0)


def _moments(row: TurnRow) -> Moments:
    return row.opened_at, row.due_at, row.ended_at
