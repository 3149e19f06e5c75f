"""What became of whole matters: how long until resolved, and the clocks beside ours, which
platforms and regulators set.

Pure. Periods are those of `reports.figures`; rows may reach beyond them.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inbox.domain import case_clocks
from inbox.domain.pauses import episodes
from inbox.domain.states import Move
from inbox.domain.turns import Turn
from reports.figures import Period


@dataclass(frozen=True, slots=True)
class Matter:
    """A conversation that may have been resolved in the period: its turns and what people did."""

    conversation_id: int
    turns: Sequence[Turn]
    moves: Sequence[Move]


@dataclass(frozen=True, slots=True)
class Resolved:
    """An episode that a person resolved. `opened_at` is when its customer began to wait, with the
    message `opened_by`."""

    conversation_id: int
    episode: int
    opened_by: int
    opened_at: datetime
    ended_at: datetime

    @property
    def took_s(self) -> float:
        """Clock seconds, pauses included: the customer's own time."""
        return (self.ended_at - self.opened_at).total_seconds()


def resolved(matters: Iterable[Matter], period: Period) -> list[Resolved]:
    """The episodes that were resolved in the period, as they stood at as-of: what was reopened by
    then was not. In the order of their end. Spam and what was withdrawn are no resolutions."""
    found = [
        Resolved(
            matter.conversation_id,
            episode.number,
            first.opened_by,
            first.opened_at,
            episode.ended_at,
        )
        for matter in matters
        for episode in episodes(*_as_of(matter, period.as_of))
        if episode.ended_at and episode.end == "resolved" and period.holds(episode.ended_at)
        for first in (min(episode.turns, key=lambda turn: turn.opened_at),)
    ]
    return sorted(found, key=lambda one: (one.ended_at, one.conversation_id, one.episode))


def _as_of(matter: Matter, as_of: datetime) -> tuple[list[Turn], list[Move]]:
    turns = [
        turn
        if turn.ended_at is None or turn.ended_at <= as_of
        else replace(turn, end=None, ended_by=None, ended_at=None)
        for turn in matter.turns
        if turn.opened_at <= as_of
    ]
    return turns, [move for move in matter.moves if move.at <= as_of]


@dataclass(frozen=True, slots=True)
class Windowed:
    """A turn where the platform takes answers for a time only: for `lasts` after each message of
    the customer. `said` are the times of those since the turn opened, in order."""

    turn_id: int
    conversation_id: int
    opened_by: int
    ended_at: datetime | None
    lasts: timedelta
    said: Sequence[datetime]

    def closed_at(self, as_of: datetime) -> datetime | None:
        """When the window closed first while the customer still waited; None if it did not by
        then. An answer at that very instant would have been refused."""
        known = [at for at in self.said if at <= as_of]
        for n, at in enumerate(known, 1):
            closes = at + self.lasts
            if self.ended_at is not None and self.ended_at < closes:
                return None
            if closes <= as_of and (n == len(known) or known[n] > closes):
                return closes
        return None


def windows_missed(rows: Iterable[Windowed], period: Period) -> list[Windowed]:
    """The turns of which the window closed for the first time in the period."""
    return [row for row in rows if period.holds(row.closed_at(period.as_of))]


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One deadline of a complaint that stands: its clock as judged last. `key` names the rules and
    the deadline ("psd2 reply"), `rules` and `deadline` are their names; `due_at` is None while it
    stands still."""

    conversation_id: int
    opened_by: int
    key: str
    rules: str
    deadline: str
    marked_at: datetime
    opened_at: datetime
    due_at: datetime | None
    end: str | None
    ended_at: datetime | None

    def stands(self, period: Period) -> str | None:
        """`met` if the final response came in the period and in time, `missed` if the deadline
        passed in it before one, `running` while it is open at as-of, None otherwise."""
        if max(self.marked_at, self.opened_at) > period.as_of:
            return None
        word = case_clocks.outcome(self.end, self.ended_at, self.due_at, period.as_of)
        if word in ("running", "paused"):
            return "running"
        met = word == "kept"
        decided_at = self.ended_at if met else self.due_at
        return ("met" if met else "missed") if period.holds(decided_at) else None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How many deadlines of a kind were met and missed in the period, and run at as-of."""

    rules: str
    deadline: str
    met: int
    missed: int
    running: int


def complaints(rows: Iterable[DeadlineRow], period: Period) -> dict[str, Deadlines]:
    """By rules and deadline; those without any are left out."""
    counts: dict[str, Counter[str]] = {}
    names: dict[str, tuple[str, str]] = {}
    for row in rows:
        if (how := row.stands(period)) is not None:
            counts.setdefault(row.key, Counter())[how] += 1
            names[row.key] = row.rules, row.deadline
    return {
        key: Deadlines(*names[key], found["met"], found["missed"], found["running"])
        for key, found in sorted(counts.items())
    }
