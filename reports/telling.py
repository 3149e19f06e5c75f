"""The object of `replydesk report --json`, from what was counted day by day.

Whoever counts rows, stored days or an evidence pack tells the figures here.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from reports import further
from reports.by_day import period_of
from reports.figures import Period
from reports.further import Beside
from reports.sums import Sums
from reports.tallies import Tally, added
from templates.filters import EVERYTHING, Filter
from templates.periods import Days


@dataclass(frozen=True)
class Counted:
    """What the figures of some days are told from, or `only` those of a part: a tally for each of
    `days.counted`."""

    days: Days
    zone: str
    as_of: datetime
    tallies: Mapping[date, Tally]
    beside: Beside
    backlog: dict[str, int]
    only: Filter = EVERYTHING

    @cached_property
    def sums(self) -> Sums:
        """Of the days."""
        return self._sums(self.days)

    def figures(self) -> dict[str, Any]:
        """See docs/figures.md."""
        days, before = self.days, self.days.before
        earlier = further.earlier(self._sums(before), *self._around(before))
        return (
            {**_named(days), "zone": self.zone, "filter": self.only.to_json()}
            | self.sums.figures().to_json()
            | {"backlog": self.backlog, "previous": {**_named(before), **earlier}}
            | further.told(self.sums, *self._around(days))
            | {"by_day": self._by_day()}
        )

    def _by_day(self) -> dict[str, Any]:
        """The figures of each day that has begun by the instant, and that the zone has."""
        shown = self.days.shown
        tallies = [self.tallies[day] for day in shown]
        if shown == self.days:
            totals = self.sums.totals_of(tallies)
        else:  # one by one: of long days that are not asked for together, one is held at a time
            totals = [Sums(tally, self.as_of).totals for tally in tallies[:-1]]
            totals.append(self.sums.totals)
        periods = (period_of(Days.day(day), self.zone, self.as_of) for day in shown)
        return {
            day.isoformat(): asdict(one)
            for day, one, period in zip(shown, totals, periods, strict=True)
            if period.start <= self.as_of and period.start < period.end
        }

    def _sums(self, days: Days) -> Sums:
        return Sums(added([self.tallies[day] for day in days]), self.as_of)

    def _around(self, days: Days) -> tuple[Period, Beside]:
        return period_of(days, self.zone, self.as_of), self.beside


def _named(days: Days) -> dict[str, str]:
    return {"from": days.first.isoformat(), "to": days.last.isoformat()}
