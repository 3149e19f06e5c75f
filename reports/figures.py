"""The one definition of every number that page, mail, CSV and API show.

All figures are taken over a period [start, end) as of an instant, by platform times: what happened
at or before `as_of` has happened; a later message, answer, excuse or withdrawal has not. A moment
is *in the period* if start <= moment < end and moment <= as_of. How a turn stands (kept, breached,
overdue, running, excused, withdrawn) is `inbox.domain.sla.outcome`, the same as in its evidence.

Rows may reach beyond the period: they count only where a definition below says so. Every turn row
carries the due time of its public promise; internal targets have no rows and enter no figure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil, floor
from typing import Any, Protocol, TypeVar

from inbox.domain.conversation import REASONS
from inbox.domain.sla import Outcome, outcome
from inbox.domain.turns import End

UNTAGGED = "untagged"
UNKNOWN = "unknown"
OUTSIDE = "outside"
OTHER = "other"
WITHIN_S = (900, 3600, 14_400, 86_400)
AGES_S = (3600, 14_400, 86_400, 259_200)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Turn = TypeVar("Turn", bound="Clock")


@dataclass(frozen=True, slots=True)
class Period:
    """Aware instants. `start` and `end` are usually from `local_day_bounds`."""

    start: datetime
    end: datetime
    as_of: datetime

    def holds(self, moment: datetime | None) -> bool:
        """None, a moment that never came, is in no period."""
        return moment is not None and self.start <= moment < self.end and moment <= self.as_of


class Clock(Protocol):
    """What tells how a turn stands."""

    @property
    def conversation_id(self) -> int: ...
    @property
    def opened_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def end(self) -> End | None: ...
    @property
    def ended_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A turn under its public promise, tagged as corrected by as-of (None: not tagged).

    `language` is that of the message that opened it (None: not known). `episode` counts from 1.
    `agent` (an e-mail address) and `outside` say who sent the answer, whoever was assigned.
    `reason` is why no reply was needed, as it was given.
    """

    conversation_id: int
    channel: str
    account: str
    category: str | None
    urgency: str | None
    language: str | None
    episode: int
    opened_at: datetime
    due_at: datetime
    end: End | None
    ended_at: datetime | None
    agent: str | None
    outside: bool
    is_first: bool
    reason: str | None

    @property
    def wait_s(self) -> float:
        """Clock seconds from opening to end; 0 if the answer is dated before the message."""
        if self.ended_at is None:
            raise ValueError("an open turn has not been waited out")
        return max(0.0, (self.ended_at - self.opened_at).total_seconds())

    @property
    def answered_by(self) -> str:
        return OUTSIDE if self.outside or self.agent is None else self.agent

    @property
    def why(self) -> str:
        """Why no reply was needed: one of `REASONS`."""
        return why_of(self.reason)

    def outcome(self, period: Period) -> Outcome:
        return outcome(self.end, self.ended_at, self.due_at, period.as_of)

    def ended_in(self, period: Period, end: End) -> bool:
        """False for a message later than as-of, though its answer may be dated before both."""
        known = self.opened_at <= period.as_of
        return known and self.end == end and period.holds(self.ended_at)

    def is_reopening_in(self, period: Period) -> bool:
        return self.is_first and self.episode > 1 and period.holds(self.opened_at)

    def is_due_in(self, period: Period) -> bool:
        """Whether its promise counts here: due in the period, not excused or withdrawn by then.

        An excuse at exactly the due time still counts as before it.
        """
        return period.holds(self.due_at) and self.outcome(period) in ("kept", "breached", "overdue")


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A customer message that opened or joined a turn: spam and since-deleted ones too."""

    conversation_id: int
    channel: str
    account: str
    category: str | None
    urgency: str | None
    language: str | None
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Spread:
    """Waits in clock seconds, unrounded; all but `count` are None when there were none."""

    count: int
    median: float | None
    p90: float | None
    p95: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class OpenAnswers:
    """The waits of the same answers in seconds of opening hours."""

    first_response_s: Spread
    next_response_s: Spread


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of all rows, or of a part of them.

    received: customer messages whose platform time is in the period. An edit is no new one.
    turns_opened: turns whose opening is in the period.
    reopened: of those, the first of a later episode: the customer wrote after it was resolved.
    turns_due: turns whose due time is in the period, so at or before as-of, without those excused
        or withdrawn at or before it. It is the sum of answered_in_time, overdue_open and what was
        answered, excused or withdrawn late.
    answered_in_time: of turns_due, answered at or before the due time.
    share_in_time: answered_in_time / turns_due, 0 to 1; None when none was due.
    overdue_open: of turns_due, open as of the instant, one due at that very instant included.
    running: opened in the period, open as of the instant, due after it.
    excused, withdrawn: turns that ended so in the period, in time or late.
    first_response_s, next_response_s: waits of turns answered in the period, whenever opened or
        due: the first turn of each episode, and the later ones.
    open_hours: both in opening hours; 0 each where no calendar was asked.
    """

    received: int
    turns_opened: int
    reopened: int
    turns_due: int
    answered_in_time: int
    share_in_time: float | None
    overdue_open: int
    running: int
    excused: int
    withdrawn: int
    first_response_s: Spread
    next_response_s: Spread
    open_hours: OpenAnswers


@dataclass(frozen=True, slots=True)
class Answers:
    """Turns that an answer ended in the period, and those of them that it ended at or before the
    due time. They count by the time of the answer, `Totals` by due time."""

    answered: int
    answered_in_time: int


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """What one person sent. answered: turns this person's answer ended in the period.

    answered_in_time: of those, at or before the due time. It counts by the time of the answer while
    `Totals.answered_in_time` counts by due time, so the two need not add up over a period.
    """

    answered: int
    answered_in_time: int
    first_response_s: Spread
    next_response_s: Spread
    open_hours: OpenAnswers


@dataclass(frozen=True, slots=True)
class Figures:
    """A report's numbers. Keys without any figure but zero are left out; the others are sorted.

    Turns and messages without a tag stand under "untagged", those whose language is not known under
    "unknown", answers of people outside under "outside", so that each grouping adds up to the
    totals. An account's key is its channel and its handle.

    answered_within: for each of `WITHIN_S`, the share of all answers of the period that came
        within so many seconds; None without answers.
    """

    as_of: datetime
    totals: Totals
    answered_within: dict[str, float | None]
    by_channel: dict[str, Totals]
    by_account: dict[str, Totals]
    by_language: dict[str, Totals]
    by_category: dict[str, Totals]
    by_urgency: dict[str, Totals]
    by_agent: dict[str, AgentFigures]

    def to_json(self) -> dict[str, Any]:
        """The object of `replydesk report --json`: totals at the top level, `as_of` in ISO 8601."""
        groups = asdict(self)
        as_of = groups.pop("as_of").astimezone(UTC).isoformat().replace("+00:00", "Z")
        return {"as_of": as_of, **groups.pop("totals"), **groups}


def figures(turns: Sequence[TurnRow], messages: Sequence[MessageRow], period: Period) -> Figures:
    """All numbers of the period; the rows may come in any order."""
    from reports.sums import Sums  # with numpy, which a check of definitions alone does without
    from reports.tallies import tally

    return Sums(tally(turns, messages, period), period.as_of).figures()


def why_of(reason: str | None) -> str:
    """Which of `REASONS` a reason as it was given is; words of one's own are another reason."""
    key = (reason or "").partition(": ")[0]
    return key if key in REASONS else OTHER


def late_now(turns: Iterable[Turn], as_of: datetime) -> tuple[Turn, ...]:
    """Each turn open past its due time as of the instant, whenever due, the longest late first."""
    late = (row for row in turns if stands(row, as_of) == "overdue")
    return tuple(sorted(late, key=lambda row: (row.due_at, row.opened_at, row.conversation_id)))


def due_by(turns: Iterable[Clock], moment: datetime, as_of: datetime) -> int:
    """How many turns open as of the instant fall due after it and before `moment`."""
    return sum(row.due_at < moment and stands(row, as_of) == "running" for row in turns)


def spread(waits_s: Iterable[float]) -> Spread:
    """Linear interpolation between closest ranks: rank (count - 1) * q of the sorted waits."""
    return ordered_spread(sorted(waits_s))


def ordered_spread(waits: Sequence[float], per_s: int = 1) -> Spread:
    """The same of waits that are in order, so many to the second."""
    if not len(waits):
        return Spread(0, None, None, None, None)
    return Spread(len(waits), *(_quantile(waits, q, per_s) for q in (0.5, 0.9, 0.95, 1.0)))


def backlog(turns: Iterable[Clock], as_of: datetime) -> dict[str, int]:
    """Every turn open as of the instant, whenever opened, by how long the customer has waited:
    up to each of `AGES_S` seconds (a wait of exactly so many is within), and over the last."""
    ages = [
        (as_of - row.opened_at).total_seconds()
        for row in turns
        if stands(row, as_of) in ("running", "overdue")
    ]
    steps = (0, *AGES_S)
    counts = {
        f"to_{above}": sum(below < age <= above or (age == 0 == below) for age in ages)
        for below, above in pairwise(steps)
    }
    return {"all": len(ages), **counts, f"over_{AGES_S[-1]}": sum(a > AGES_S[-1] for a in ages)}


def stands(row: Clock, as_of: datetime) -> Outcome | None:
    """How a turn stands at an instant: open are `running` and `overdue`; None for one later."""
    known = row.opened_at <= as_of
    return outcome(row.end, row.ended_at, row.due_at, as_of) if known else None


def _quantile(ordered: Sequence[float], q: float, per_s: int) -> float:
    rank = (len(ordered) - 1) * q
    below, above = (float(ordered[at]) / per_s for at in (floor(rank), ceil(rank)))
    return below + (above - below) * (rank - floor(rank))
