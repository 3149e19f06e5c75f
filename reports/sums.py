"""The figures of a tally: its marks counted, its waits put in order."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from inbox.domain.conversation import REASONS
from reports import tallies
from reports.columns import Column, Mask
from reports.figures import (
    UNKNOWN,
    UNTAGGED,
    WITHIN_S,
    AgentFigures,
    Answers,
    Figures,
    OpenAnswers,
    Spread,
    Totals,
    ordered_spread,
)
from reports.figures_hours import HOURS, OpenWaits
from reports.figures_service import EVERYONE, Tagged, teams_of
from reports.tallies import COUNTS, EPOCH, Cell, Tally, us
from templates.histogram import NO_WAITS, QUARTER_S, QUARTERS, Waits

Codes: TypeAlias = npt.NDArray[np.int64]
MILLION: Final = 1_000_000

_RUNS: Final = np.uint16(2048)
"""A mark beside those of `reports.tallies`: open, and not due as of the instant."""
_PLAIN: Final = {
    "turns_opened": tallies.OPENED,
    "reopened": tallies.REOPENED,
    "turns_due": tallies.DUE,
    "answered_in_time": tallies.KEPT,
    "overdue_open": tallies.OVERDUE,
    "excused": tallies.EXCUSED,
    "withdrawn": tallies.WITHDRAWN,
    "running": _RUNS,
}
_KEYS: Final[Mapping[str, Callable[[Cell], str]]] = {
    "by_channel": lambda cell: cell[0],
    "by_account": lambda cell: _account(cell),
    "by_language": lambda cell: cell[2] or UNKNOWN,
    "by_category": lambda cell: cell[3] or UNTAGGED,
    "by_urgency": lambda cell: cell[4] or UNTAGGED,
}


class Sums:
    """All numbers of a tally as of an instant. What it has of the time after that is not asked:
    a tally of what was known later has other turns' tags and ends."""

    def __init__(self, tally: Tally, as_of: datetime) -> None:
        self.tally = tally
        self.as_of = as_of
        self._marks = tally.turns["marks"]
        self._cell = tally.turns["cell"]
        self._many = tally.heard["many"]
        self._by_clock = _Answers(self._marks, self._cell, tally.turns["wait"])
        self._in_hours = _Answers(self._marks, self._cell, tally.turns["open"])

    def figures(self) -> Figures:
        """What `figures.figures` says."""
        groups = {name: self._by(*_coded(self.tally.cells, key)) for name, key in _KEYS.items()}
        return Figures(
            as_of=self.as_of,
            totals=self.totals,
            answered_within=self.within(),
            by_agent=self._by_agent(),
            **groups,
        )

    @cached_property
    def totals(self) -> Totals:
        """Of everything."""
        return self._totals([""], np.zeros(len(self.tally.cells), np.int64))[""]

    def totals_of(self, parts: Sequence[Tally]) -> list[Totals]:
        """Of each of the tallies that this one was added from, in their order."""
        of_turns = _part_of([len(part.turns) for part in parts])
        of_heard = _part_of([len(part.heard) for part in parts])
        counts = self._counts(of_turns, of_heard, len(parts))
        return self._listed(counts, lambda answers: of_turns[answers.turns], len(parts))

    def waits(self) -> Waits:
        """Those behind both response figures."""
        waits = self._by_clock.waits
        if not len(waits):
            return NO_WAITS
        ends = np.arange(1, QUARTERS) * QUARTER_S * MILLION
        until = np.searchsorted(waits, ends, side="right")
        counts = np.diff(until, prepend=0, append=len(waits)).tolist()
        whole = spread_of(waits)
        return Waits(tuple(counts), whole.median, whole.p90)

    def by_team(self, served: Mapping[str, Sequence[str]]) -> dict[str, Totals]:
        """The figures of the accounts that each team serves today; `served` has the teams of an
        account (channel and handle). What several serve counts in each, what none serves stands
        under "everyone", so they need not add up to the totals. Without teams there are none."""
        names = sorted({name for some in served.values() for name in some})
        found: dict[str, Totals] = {}
        for name in (*names, *((EVERYONE,) if names else ())):
            own = [name in teams_of(_account(cell), served) for cell in self.tally.cells]
            found |= self._by(["", name], np.array(own, np.int64))
            found.pop("", None)
        return found

    def by_hour(self) -> dict[str, dict[str, Any]]:
        """What came, and how long the first answer took, by the hour of the week in which the
        customer began to wait; hours without any are left out."""
        heard = _counted(self.tally.heard["hour"], len(HOURS), self._many)
        waits = self._by_clock.by(self.tally.turns["hour"][self._by_clock.turns], len(HOURS))
        return {
            name: {"received": received, "first_response_s": first}
            for name, received, (first, _) in zip(HOURS, heard, waits, strict=True)
            if received or first.count
        }

    def open_waits(self) -> OpenWaits:
        """Of the same turns and matters as in clock hours."""
        resolved = spread_of(np.sort(self.tally.resolved["open"]))
        return OpenWaits(*self._in_hours.all(), resolved)

    def answers(self) -> Answers:
        """Of the period, whoever gave them."""
        answered, in_time = self._has(tallies.ANSWERED), self._has(tallies.IN_TIME)
        return Answers(int(answered.sum()), int((answered & in_time).sum()))

    def resolution_s(self) -> Spread:
        """How long it took."""
        return spread_of(np.sort(self.tally.resolved["wait"]))

    def excused_by_reason(self) -> dict[str, int]:
        """The parts of `excused`."""
        reasons = self.tally.turns["reason"][self._has(tallies.EXCUSED)]
        counts = _counted(reasons, len(REASONS))
        return {why: n for why, n in zip(REASONS, counts, strict=True) if n}

    def tagged(self) -> Tagged:
        """What the classifier said."""
        heard = self.tally.heard
        sums = {name: int(heard[name].sum()) for name in (*COUNTS[1:], "confidence")}
        messages, confidence = sums.pop("tagged"), sums.pop("confidence")
        mean = confidence / MILLION / messages if messages else None
        return Tagged(messages=messages, confidence=mean, **sums)

    def broken(self) -> list[tuple[int, bool]]:
        """Each broken promise, the longest late first: the turn's id and whether it is over."""
        late = self.tally.turns.where(self._has(tallies.DUE) & ~self._has(tallies.KEPT))
        id_, conversation = late["id"], late["conversation"]
        opened, due, ended = late["opened"], late["due"], late["ended"]
        now = us(self.as_of)
        over = (ended > 0) & (ended <= now)
        over_us = np.where(over, ended, now) - due
        order = np.lexsort((id_, conversation, opened, due, -over_us))
        return list(zip(id_[order].tolist(), over[order].tolist(), strict=True))

    def targets(self) -> set[str]:
        """The promises of all that was due, as written."""
        due = self.tally.turns["target"][self._has(tallies.DUE)]
        return {self.tally.targets[n] for n in np.unique(due)}

    def _has(self, mark: int) -> Mask:
        found: Mask = (self._marks & mark) > 0
        return found

    def _by(self, names: Sequence[str], codes: Codes) -> dict[str, Totals]:
        """Without those that have no figure but zero; `codes` has the place of each cell's name."""
        found = self._totals(names, codes)
        return {name: totals for name, totals in found.items() if totals != NOTHING}

    def _totals(self, names: Sequence[str], codes: Codes) -> dict[str, Totals]:
        many = len(names)
        counts = {name: _counted(codes, many, some) for name, some in self._of_cells.items()}
        groups = self._listed(counts, lambda answers: codes[answers.cells], many)
        return dict(zip(names, groups, strict=True))

    def _listed(
        self, counts: Mapping[str, Sequence[int]], codes: "_Groups", many: int
    ) -> list[Totals]:
        """Of each group: its counts, with the answers among its turns."""
        found = []
        for n, waits in enumerate(self._waits_by(codes, many)):
            own: dict[str, Any] = {figure: some[n] for figure, some in counts.items()}
            due = own["turns_due"]
            share = own["answered_in_time"] / due if due else None
            found.append(Totals(share_in_time=share, **waits, **own))
        return found

    @cached_property
    def _of_cells(self) -> dict[str, list[int]]:
        """The counts of each cell, from which those of groups add up."""
        return self._counts(self._cell, self.tally.heard["cell"], len(self.tally.cells))

    def _counts(self, of_turns: Column, of_heard: Column, many: int) -> dict[str, list[int]]:
        """By the group of each turn, and of each record of messages."""
        all_marks, of_turn = self._told_apart
        codes = of_turns * len(all_marks) + of_turn
        by_marks = np.bincount(codes, None, many * len(all_marks)).reshape(many, len(all_marks))
        found: dict[str, list[int]] = {
            name: by_marks[:, (all_marks & mark) > 0].sum(1).tolist()
            for name, mark in _PLAIN.items()
        }
        return found | {"received": _counted(of_heard, many, self._many)}

    @cached_property
    def _told_apart(self) -> tuple[Column, Codes]:
        """All different marks, and which of them each turn has."""
        runs = (self.tally.turns["due"] > us(self.as_of)) & self._has(tallies.OPEN)
        marks = self._marks | runs * _RUNS
        known = np.flatnonzero(np.bincount(marks))
        place = np.zeros(2 * _RUNS, np.int64)
        place[known] = np.arange(len(known))
        return known, place[marks]

    def _waits_by(self, codes: "_Groups", many: int) -> list[dict[str, Any]]:
        """The figures of answers, of each group."""
        ways = self._by_clock, self._in_hours
        both = zip(*(answers.by(codes(answers), many) for answers in ways), strict=True)
        return [
            {"first_response_s": first, "next_response_s": later, "open_hours": OpenAnswers(*hours)}
            for (first, later), hours in both
        ]

    def _by_agent(self) -> dict[str, AgentFigures]:
        agent, many = self.tally.turns["agent"], len(self.tally.agents)
        answered = _counted(agent[self._has(tallies.ANSWERED)], many)
        in_time = _counted(agent[self._has(tallies.IN_TIME)], many)
        waits = self._waits_by(lambda answers: agent[answers.turns], many)
        return {
            name: AgentFigures(answered=answered[n], answered_in_time=in_time[n], **waits[n])
            for name, n in sorted((name, n) for n, name in enumerate(self.tally.agents))
            if name and answered[n]
        }

    def within(self) -> dict[str, float | None]:
        """The shares of all answers that came within `WITHIN_S`."""
        limits = np.array(WITHIN_S) * MILLION
        waits = self._by_clock.waits
        counts = np.searchsorted(waits, limits, side="right").tolist()
        many = len(waits)
        return {
            str(limit): n / many if many else None
            for limit, n in zip(WITHIN_S, counts, strict=True)
        }


class _Answers:
    """The answers of the period, those that took least first, by one of two ways to measure it.
    `turns` are their places; the rest are columns of all turns."""

    def __init__(self, marks: Column, cell: Column, took: Column) -> None:
        answered = np.flatnonzero((marks & tallies.ANSWERED) > 0)
        waits = took[answered]
        order = np.argsort(waits)
        self.turns, self.waits = answered[order].astype(np.int32), waits[order]
        self.cells = cell[self.turns]
        self.first: Mask = (marks[self.turns] & tallies.FIRST) > 0

    def all(self) -> tuple[Spread, Spread]:
        """Of first answers and of later ones."""
        return spread_of(self.waits[self.first]), spread_of(self.waits[~self.first])

    def by(self, codes: Column, many: int) -> list[tuple[Spread, Spread]]:
        """The same of each group; `codes` has the group of each answer. One pass puts all groups
        one after the other, each in the order of its waits."""
        if many == 1:
            return [self.all()]
        kind = np.min_scalar_type(2 * many)
        half = codes.astype(kind) * 2 + ~self.first
        order = np.argsort(half, kind="stable")
        ends = np.cumsum(np.bincount(half, None, 2 * many))
        spreads = [spread_of(some) for some in np.split(self.waits[order], ends[:-1])]
        return list(zip(spreads[::2], spreads[1::2], strict=False))


_Groups: TypeAlias = Callable[[_Answers], Column]
"""The group of each answer, in their order."""


def _account(cell: Cell) -> str:
    return f"{cell[0]} {cell[1]}"


def spread_of(waits_us: Column) -> Spread:
    """Of waits in order."""
    return ordered_spread(waits_us, MILLION)  # type: ignore[arg-type]  # an array is a sequence


def _coded(cells: Sequence[Cell], key: Callable[[Cell], str]) -> tuple[list[str], Codes]:
    """The sorted names of a grouping, and the place of each cell's among them."""
    of_cell = [key(cell) for cell in cells]
    names = sorted(set(of_cell))
    place = {name: n for n, name in enumerate(names)}
    return names, np.array([place[name] for name in of_cell], np.int64)


def _part_of(sizes: Sequence[int]) -> Column:
    """In which of these parts, one after the other, each record is."""
    return np.repeat(np.arange(len(sizes)), sizes)


def _counted(codes: npt.NDArray[Any], many: int, weights: Any = None) -> list[int]:
    """How many there are of each; exact, as no count comes near 2⁵³."""
    counts: list[int] = np.bincount(codes, weights, many).astype(np.int64).tolist()
    return counts


NOTHING: Final = Sums(Tally(), EPOCH).totals
