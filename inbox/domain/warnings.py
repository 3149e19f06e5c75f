"""Which warnings of an open turn are due, and who is told.

A step is a part of the wait from opening to due, in percent; 100 is the breach. Parts are counted
in the time that the target counts in: elapsed time for hours and minutes, opening hours for
business days and hours. Of the steps that have passed and were not told, only the highest is due:
whoever comes late tells once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from inbox.domain.calendars import after_open_time, open_time
from inbox.domain.promises import Promise
from inbox.domain.sla import Policy

BREACH: Final = 100
PUBLIC: Final = "public"
INTERNAL: Final = "internal"
Why = Literal["assignee", "lead", "wide"]
"""Why somebody is told: it is theirs, they lead now, or everybody who can help is."""


@dataclass(frozen=True, slots=True)
class Step:
    """One warning of one target (`public`, `internal`) of one turn. `part` is in percent."""

    target: str
    part: int
    at: datetime
    due_at: datetime
    policy: Policy


@dataclass(frozen=True, slots=True)
class Team:
    """Ids of who can be told: whose conversation it is (None: nobody's), who leads now, and all
    leads and admins."""

    assignee: int | None
    leading: Sequence[int]
    wide: Sequence[int]


def steps(target: str, opened_at: datetime, promise: Promise) -> tuple[Step, ...]:
    """Every step of a target in order of time, the breach last."""
    parts = [*(round(100 * part) for part in promise.policy.warn_at), BREACH]
    return tuple(
        Step(target, part, _instant(opened_at, promise, part), promise.due_at, promise.policy)
        for part in parts
    )


def due(plan: Sequence[Step], told: Mapping[str, int], now: datetime) -> list[Step]:
    """At most one step per target: the highest that has passed, if nothing as high was told.

    `told` is the highest part told per target, whatever policy promised it then.
    """
    passed: dict[str, Step] = {}
    for step in plan:
        best = passed.get(step.target)
        if step.at <= now and (best is None or step.part > best.part):
            passed[step.target] = step
    return [step for step in passed.values() if step.part > told.get(step.target, 0)]


def next_at(plan: Sequence[Step], told: Mapping[str, int], now: datetime) -> datetime | None:
    """When the next step passes; None when none is left."""
    ahead = [s.at for s in plan if s.at > now and s.part > told.get(s.target, 0)]
    return min(ahead, default=None)


def to_tell(step: Step, team: Team) -> dict[int, Why]:
    """Who is told of a step, and why. Nobody's conversation goes to who leads at once, and where
    nobody leads, to all: a warning that reaches no one is none."""
    found: dict[int, Why] = {}
    if team.assignee is not None:
        found[team.assignee] = "assignee"
    if not found or step.part >= step.policy.lead_from:
        found |= {one: "lead" for one in team.leading if one not in found}
    if not found or step.part >= step.policy.all_from:
        found |= {one: "wide" for one in team.wide if one not in found}
    return found


def _instant(opened_at: datetime, promise: Promise, part: int) -> datetime:
    if part == BREACH:
        return promise.due_at
    opened_at = opened_at.astimezone(UTC)
    if not promise.target.by_calendar:
        return opened_at + (promise.due_at - opened_at) * part / 100
    whole = open_time(opened_at, promise.due_at, promise.calendar)
    return after_open_time(opened_at, whole * part / 100, promise.calendar)
