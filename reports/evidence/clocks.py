"""Recomputes one clock of an evidence pack from its policy and calendar. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from inbox.domain.calendars import Calendar
from inbox.domain.sla import Policy, Target, due_at, outcome
from reports.evidence.rows import Clock, instant
from reports.figures import Period


class Missing(LookupError):
    """The pack lacks what a clock names."""


@dataclass(frozen=True, slots=True)
class By:
    """What clocks are recomputed by: policies by id and version, calendars by name and version."""

    policies: Mapping[tuple[str, int], Policy]
    calendars: Mapping[tuple[str, int], Calendar]
    period: Period


def wrong(clock: Clock, by: By) -> Iterator[str]:
    """What about it does not follow from the rest of the pack."""
    as_of = by.period.as_of
    try:
        due = _due(clock, by)
    except (ValueError, LookupError, OverflowError) as e:
        yield f"its due time cannot be recomputed ({e})"
        due = clock.due_at
    ended = clock.ended_at
    if due != clock.due_at:
        yield f"due_at is {instant(clock.due_at)}, recomputed {instant(due)}"
    if clock.opened_at > as_of or (ended is not None and ended > as_of):
        yield "it tells what came after as-of"
    if (clock.end is None) != (ended is None):
        yield "it has an end without a time, or a time without an end"
    verdict = outcome(clock.end, ended, due, as_of)
    if verdict != clock.verdict:
        yield f"verdict is {clock.verdict}, recomputed {verdict}"
    used_s = max(0.0, ((ended or as_of) - clock.opened_at).total_seconds())
    if used_s != clock.used_s:
        yield f"used_s is {clock.used_s}, recomputed {used_s}"


def _due(clock: Clock, by: By) -> datetime:
    """Raises `Missing`, and ValueError where policy and clock say different things."""
    policy = by.policies.get((clock.policy, clock.policy_version))
    if policy is None:
        raise Missing(f"policy {clock.policy} v{clock.policy_version} is not in the pack")
    target = policy.target_for(clock.is_first)
    if str(target) != clock.target:
        raise ValueError(f"target is {clock.target}, its policy says {target}")
    return due_at(clock.opened_at, target, _calendar(clock, policy, target, by))


def _calendar(clock: Clock, policy: Policy, target: Target, by: By) -> Calendar:
    if not target.by_calendar:
        return Calendar("clock", 1, clock.zone)
    if clock.team is None and clock.calendar != policy.calendar:
        raise ValueError(f"calendar is {clock.calendar}, its policy says {policy.calendar}")
    calendar = by.calendars.get((clock.calendar, clock.calendar_version))
    if calendar is None:
        raise Missing(f"calendar {clock.calendar} v{clock.calendar_version} is not in the pack")
    return calendar
