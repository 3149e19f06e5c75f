"""Counts the rows of an evidence pack to the figures of `report --json`. Pure, and flat in memory:
rows are taken one by one and only what is summed is kept.

Whoever makes a pack and whoever verifies it counts here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from reports import figures, further
from reports.evidence.rows import Clock, Deadline, Received, Resolution, Silence, Window
from reports.figures import Period, TurnRow
from reports.figures_cases import DeadlineRow, Resolved, Windowed, windows_missed
from reports.figures_hours import CalendarAt
from reports.figures_service import Silence as Silent
from reports.sums import Sums
from reports.tallies import Cell, Counting
from templates.periods import Days

AT_ONCE: Final = 2_000
Heard = tuple[int, int]


class Recount:
    """Of the days that were asked for, and of those before, which they are compared with."""

    def __init__(
        self, periods: Sequence[Period], days: Days, zone: str, calendar_at: CalendarAt
    ) -> None:
        self.days, self.zone = days, zone
        self.counts = [Count(period, zone, calendar_at) for period in periods]
        self.open: list[TurnRow] = []
        self.served: Mapping[str, Sequence[str]] = {}
        self.deadlines: list[DeadlineRow] = []
        self.silences: list[Silent] = []
        self._waiting: list[Clock] = []

    def clock(self, row: Clock) -> None:
        """A wait."""
        self._waiting.append(row)
        if row.end is None:
            self.open.append(row.counted())
        if len(self._waiting) == AT_ONCE:
            self._flush()

    def message(self, row: Received) -> None:
        """What a customer wrote."""
        for count in self.counts:
            count.message(row)

    def resolution(self, row: Resolution) -> None:
        """A matter that was resolved."""
        for count in self.counts:
            count.resolution(row)

    def window(self, row: Window) -> None:
        """A window that closed on somebody who waited."""
        for count in self.counts:
            count.window(row)

    def deadline(self, row: Deadline) -> None:
        """What regulators ask."""
        self.deadlines.append(counted_deadline(row))

    def silence(self, row: Silence) -> None:
        """An account that did not deliver."""
        self.silences.append(Silent(row.account, row.silent_since, row.ended_at))

    def figures(self) -> dict[str, Any]:
        """As `replydesk report --json` has them."""
        self._flush()
        now, before = self.counts
        sums = now.sums()
        told = further.told(sums, now.period, self.served, self.deadlines, self.silences)
        days, past = self.days, self.days.before
        return {
            **_named(days, zone=self.zone),
            **sums.figures().to_json(),
            "backlog": figures.backlog(self.open, now.period.as_of),
            "previous": {**_named(past), **further.earlier(before.sums())},
            **told,
        }

    def _flush(self) -> None:
        for count in self.counts:
            count.clocks(self._waiting)
        self._waiting = []


class Count:
    """What counts in one period."""

    def __init__(self, period: Period, zone: str, calendar_at: CalendarAt) -> None:
        self.period = period
        self._counting = Counting(period, zone, calendar_at)
        self._heard: dict[Heard, list[int]] = {}

    def clocks(self, rows: Sequence[Clock]) -> None:
        """Waits, some at a time."""
        self._counting.turns([row.counted() for row in rows])

    def message(self, row: Received) -> None:
        """Alike ones are added up."""
        if not self.period.holds(row.sent_at):
            return
        cell: Cell = row.channel, row.account, row.language, row.category, row.urgency
        alike = self._counting.cell(cell), self._counting.hour(row.sent_at)
        counts = self._heard.setdefault(alike, [0] * 7)
        said = (row.tagged, row.asked, row.opens, row.corrected, row.masked)
        told = (1, *map(int, said), row.confidence or 0)
        for n, one in enumerate(told):
            counts[n] += one

    def resolution(self, row: Resolution) -> None:
        """Those that ended in the period."""
        if self.period.holds(row.ended_at):
            about = (row.conversation, row.episode, row.opened_by)
            self._counting.resolved([Resolved(*about, row.opened_at, row.ended_at)], {})

    def window(self, row: Window) -> None:
        """Those that closed in the period."""
        self._counting.missed(windows_missed([counted_window(row)], self.period), {})

    def sums(self) -> Sums:
        """All that was taken."""
        heard, self._heard = self._heard, {}
        self._counting.add("heard", ((0, *alike, *counts) for alike, counts in heard.items()))
        return Sums(self._counting.done(), self.period.as_of)


def counted_window(row: Window) -> Windowed:
    """As the figures take it."""
    lasts = timedelta(seconds=row.window_s)
    return Windowed(0, row.conversation, 0, row.ended_at, lasts, [row.sent_at])


def counted_deadline(row: Deadline) -> DeadlineRow:
    """As the figures take it."""
    return DeadlineRow(
        row.conversation,
        row.opened_by,
        row.key,
        row.rules,
        row.deadline,
        row.marked_at,
        row.opened_at,
        row.due_at,
        row.end,
        row.ended_at,
    )


def whole(now: Period, before: Period) -> Period:
    """Both: the second ends where the first begins."""
    return Period(before.start, now.end, now.as_of)


def ended(at: datetime | None, as_of: datetime) -> datetime | None:
    """None for what had not happened at the instant."""
    return at if at is not None and at <= as_of else None


def _named(days: Days, **more: str) -> dict[str, str]:
    return {"from": days.first.isoformat(), "to": days.last.isoformat(), **more}
