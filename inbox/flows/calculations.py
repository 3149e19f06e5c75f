"""The whole calculation behind a stored turn: which policy and why, and every day on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from inbox.domain.calendars import (
    DAY,
    Calendar,
    Counted,
    counted,
    days_to_nth,
    local_date,
    open_time,
)
from inbox.domain.promises import Promise, Promises, Version
from inbox.domain.sla import Policy, Target
from inbox.domain.warnings import BREACH, PUBLIC, steps
from inbox.store import conversations
from inbox.store import promises as stored
from inbox.store.tables import TurnRow


@dataclass(frozen=True, slots=True)
class Calculation:
    """What a turn's due time follows from. All of it is as it was when the turn was judged.

    `policy` is None where its version is not stored (evidence from an import of old). `conditions`
    are (name, values); without any it fits every turn. `days` lead from opening to due, where the
    target counts business days or hours. `open_used_s` are seconds of opening hours used.
    `window_closes_at` is when the platform itself takes no private answer any more. `rule` is the
    name of the routing rule that chose the policy, whose conditions do not matter then. `warned_at`
    are the instants of the warnings before it is due: a snooze ends at one.
    """

    policy: Policy | None
    conditions: tuple[tuple[str, tuple[str, ...]], ...]
    days: tuple[Counted, ...]
    not_final: bool
    open_used_s: float | None
    window_closes_at: datetime | None
    rule: str | None = None
    warned_at: tuple[datetime, ...] = ()

    @property
    def skipped(self) -> tuple[Counted, ...]:
        """The days that did not count."""
        return tuple(day for day in self.days if not day.works)


def calculations(session: Session, turns: Sequence[TurnRow]) -> list[Calculation]:
    """The calculation of each turn of one conversation."""
    if not turns:
        return []
    promises = stored.promises(session)
    window = conversations.window_of(session, turns[0].conversation_id)
    return [_calculation(promises, turn, window) for turn in turns]


def _calculation(promises: Promises, turn: TurnRow, window: datetime | None) -> Calculation:
    policy = _policy(promises.policies, turn)
    names = policy.conditions if policy else ()
    chosen = turn.policy.get("chosen", ())
    calendar = _calendar(promises, turn)
    target = Target.parse(turn.policy["target"]) if calendar else None
    used = None
    if calendar and target and target.unit == "bh" and turn.ended_at:
        used = open_time(turn.opened_at, turn.ended_at, calendar).total_seconds()
    days: tuple[Counted, ...] = ()
    if calendar and target:
        days = days_on_the_way(turn.opened_at, turn.due_at, target, calendar)
    years = {day.day.year for day in days}
    return Calculation(
        policy=policy,
        conditions=tuple((name, tuple(sorted(getattr(policy, name)))) for name in names),
        days=days,
        not_final=bool(calendar and years & calendar.not_final),
        open_used_s=used,
        window_closes_at=window,
        rule=next((one["name"] for one in chosen if one["policy"] == turn.policy["id"]), None),
        warned_at=_warned_at(policy, turn, calendar),
    )


def _warned_at(
    policy: Policy | None, turn: TurnRow, calendar: Calendar | None
) -> tuple[datetime, ...]:
    if policy is None:
        return ()
    target = Target.parse(turn.policy["target"])
    elapsed = Calendar(turn.calendar["name"], 0, "UTC")  # its days count for nothing
    promise = Promise(policy, target, calendar or elapsed, turn.due_at)
    told = steps(PUBLIC, turn.opened_at, promise)
    return tuple(step.at for step in told if step.part < BREACH)


def _policy(versions: Sequence[Version[tuple[Policy, ...]]], turn: TurnRow) -> Policy | None:
    """A policy's version is that of the set which changed it last."""
    said = next((v for v in versions if v.number == turn.policy["version"]), None)
    found = said.read() if said else ()
    return next((policy for policy in found if policy.id == turn.policy["id"]), None)


def _calendar(promises: Promises, turn: TurnRow) -> Calendar | None:
    """The version that was counted with; None for clock hours."""
    versions = promises.calendars.get(turn.calendar["name"], ())
    found = next((v for v in versions if v.number == turn.calendar["version"]), None)
    return found.read() if found else None


def days_on_the_way(
    opened_at: datetime, due_at: datetime, target: Target, calendar: Calendar
) -> tuple[Counted, ...]:
    """The days from opening to due, of a target in business days or hours."""
    if target.unit == "bd":
        return tuple(days_to_nth(opened_at, target.amount, calendar))
    day, last = (local_date(at, calendar.zone) for at in (opened_at, due_at))
    found = []
    while day <= last:
        found.append(counted(day, calendar))
        day += DAY
    return tuple(found)
