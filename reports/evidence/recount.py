"""Counts the rows of an evidence pack to the figures of `report --json`. Pure, and flat in memory:
rows are taken one by one and only what is summed is kept.

Whoever makes a pack and whoever verifies it counts here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from reports import figures
from reports.by_day import ByDay
from reports.evidence.rows import Clock, Deadline, Received, Resolution, Silence, Window
from reports.figures import Period, TurnRow
from reports.figures_cases import DeadlineRow, Resolved, Windowed, windows_missed
from reports.figures_hours import CalendarAt
from reports.figures_service import Silence as Silent
from reports.further import Beside
from reports.tallies import Cell, Counting
from reports.telling import Counted
from templates.periods import Days

AT_ONCE: Final = 2_000
Heard = tuple[Counting, int, int]
"""A day, a cell and an hour of the week."""


class Recount:
    """Of the days that were asked for, and of the others that their report tells of."""

    def __init__(self, days: Days, zone: str, as_of: datetime, calendar_at: CalendarAt) -> None:
        self.days, self.zone, self.as_of = days, zone, as_of
        self.open: list[TurnRow] = []
        self.served: Mapping[str, Sequence[str]] = {}
        self.deadlines: list[DeadlineRow] = []
        self.silences: list[Silent] = []
        self._by_day = ByDay(days.counted, zone, as_of, calendar_at)
        self._waiting: list[Clock] = []
        self._heard: dict[Heard, list[int]] = {}

    @property
    def period(self) -> Period:
        """All of these days."""
        return self._by_day.period

    def clock(self, row: Clock) -> None:
        """A wait."""
        self._waiting.append(row)
        if row.end is None:
            self.open.append(row.counted())
        if len(self._waiting) == AT_ONCE:
            self._flush()

    def message(self, row: Received) -> None:
        """What a customer wrote; alike ones are added up."""
        if not self.period.holds(row.sent_at):
            return
        counting = self._by_day.at(row.sent_at)
        cell: Cell = row.channel, row.account, row.language, row.category, row.urgency
        alike = counting, counting.cell(cell), counting.hour(row.sent_at)
        counts = self._heard.setdefault(alike, [0] * 7)
        said = (row.tagged, row.asked, row.opens, row.corrected, row.masked)
        told = (1, *map(int, said), row.confidence or 0)
        for n, one in enumerate(told):
            counts[n] += one

    def resolution(self, row: Resolution) -> None:
        """A matter that was resolved."""
        if self.period.holds(row.ended_at):
            about = (row.conversation, row.episode, row.opened_by)
            self._by_day.resolved([Resolved(*about, row.opened_at, row.ended_at)], {})

    def window(self, row: Window) -> None:
        """A window that closed on somebody who waited."""
        self._by_day.missed(windows_missed([counted_window(row)], self.period), {})

    def deadline(self, row: Deadline) -> None:
        """What regulators ask."""
        self.deadlines.append(counted_deadline(row))

    def silence(self, row: Silence) -> None:
        """An account that did not deliver."""
        self.silences.append(Silent(row.account, row.silent_since, row.ended_at))

    def figures(self) -> dict[str, Any]:
        """As `replydesk report --json` has them."""
        self._flush()
        for (counting, cell, hour), counts in self._heard.items():
            counting.add("heard", [(0, cell, hour, *counts)])
        beside = Beside(self.served, self.deadlines, self.silences)
        backlog = figures.backlog(self.open, self.as_of)
        about = self.days, self.zone, self.as_of
        return Counted(*about, self._by_day.done(), beside, backlog).figures()

    def _flush(self) -> None:
        """Waits, some at a time."""
        self._by_day.turns(row.counted() for row in self._waiting)
        self._waiting = []


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


def ended(at: datetime | None, as_of: datetime) -> datetime | None:
    """None for what had not happened at the instant."""
    return at if at is not None and at <= as_of else None
