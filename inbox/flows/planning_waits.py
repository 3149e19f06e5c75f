"""Stored waits as a plan takes them: with what the policies of today promise of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from inbox.domain.calendars import DAY, Calendar, local_date
from inbox.domain.planning import WEEKS, Rule, Wait
from inbox.domain.planning_runs import Dues
from inbox.domain.promises import in_force
from inbox.domain.roster import Roster
from inbox.domain.sla import WORKING_DAYS, Policy
from inbox.store import accounts, planning, promises
from inbox.store import roster as stored
from inbox.store.sql import AnyRow

TESTED: Final = 4
"""Weeks that are over, on which the planner is tried."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that a plan is made from, as it stands `now`.

    `waits` are those of the last weeks, open and answered; `first` is the first local date that is
    known as a whole. `roster` is that of today, `eras` are its versions of the last weeks, each
    with when it was made and in force. `policies` are (id, name, target).
    """

    now: datetime
    zone: str
    calendar: Calendar
    waits: tuple[Wait, ...]
    first: date
    roster: Roster
    eras: tuple[tuple[datetime, datetime, datetime, Roster], ...]
    policies: tuple[tuple[str, str, str], ...]


def known(session: Session, now: datetime) -> Known:
    """Reads it, once for all that is computed from it."""
    zone = accounts.brand_zone(session)
    since = now - timedelta(weeks=WEEKS + TESTED, days=2)
    judged = _Judged(session)
    lately = now - timedelta(weeks=TESTED, days=1)
    eras = stored.over_time(session, stored.rows(session, lately), lately)
    return Known(
        now=now,
        zone=zone,
        calendar=judged.calendar,
        waits=tuple(judged.waits([*planning.answered(session, since), *planning.waiting(session)])),
        first=local_date(planning.first_opened(session) or now, zone) + DAY,
        roster=stored.load(session, now),
        eras=tuple((version.made_at, start, end, roster) for version, start, end, roster in eras),
        policies=tuple((p.id, p.name, str(p.target)) for p in judged.policies.values()),
    )


class _Judged:
    """What is promised today. A policy that is gone is replaced by the one that fits every wait."""

    def __init__(self, session: Session) -> None:
        found = promises.promises(session)
        self.calendar = found.calendar(WORKING_DAYS)
        answers = [p for p in in_force(found.policies, None) if p.until == "answered"]
        self.policies = {one.id: one for one in answers}
        self._calendars = {one.calendar: found.calendar(one.calendar) for one in answers}
        self._default = min(
            (one for one in answers if one.public), key=lambda one: len(one.conditions)
        )
        self._rules: dict[tuple[str, bool], Rule] = {}

    def waits(self, rows: Iterable[AnyRow]) -> Iterator[Wait]:
        """Of rows of `store.planning`."""
        for opened_at, ended_at, agent, is_first, policy, internal in rows:
            yield Wait(opened_at, self._of(policy, internal or (), is_first), ended_at, agent)

    def _of(
        self, policy: str, internal: Sequence[Mapping[str, Any]], is_first: bool
    ) -> tuple[Rule, ...]:
        public = self.policies.get(policy)
        if public is None or not public.public:
            public = self._default
        inner = (self.policies.get(one["id"]) for one in internal)
        found = (public, *(one for one in inner if one is not None and not one.public))
        return tuple(self._rule(one, is_first) for one in found)

    def _rule(self, policy: Policy, is_first: bool) -> Rule:
        key = (policy.id, is_first)
        if key not in self._rules:
            target, calendar = policy.target_for(is_first), self._calendars[policy.calendar]
            self._rules[key] = Rule(policy.id, target, calendar)
        return self._rules[key]


def promised_h(waits: Iterable[Wait]) -> int | None:
    """The public target in hours, if all these waits have the same, and it is hours."""
    targets = {wait.rules[0].target for wait in waits}
    if len(targets) != 1:
        return None
    target = targets.pop()
    return target.amount if target.unit == "h" else None


def in_time(waits: Iterable[Wait], now: datetime) -> float | None:
    """The share in time of those that were due by now; None where there is none. Of those due
    later the answered ones alone would make it better than it is."""
    dues = Dues()
    kept = counted = 0
    for wait in waits:
        due = dues.due(wait.rules[0], wait.opened_at.timestamp())
        if due > now.timestamp():
            continue
        counted += 1
        kept += wait.ended_at is not None and wait.ended_at.timestamp() <= due
    return kept / counted if counted else None
