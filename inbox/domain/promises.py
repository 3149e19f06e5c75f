"""Which policies and calendars judge a turn, now that both change over the years.

Every change makes a new version; no version is ever changed. An open turn is judged by the newest
versions; a turn that has ended, by those in force when it ended, so a change leaves its verdict
alone. `since` is when a version came into force: the instant of the change, or an earlier one where
somebody asked for turns that have ended since then to be judged anew.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from inbox.domain.calendars import Calendar
from inbox.domain.sla import (
    WORKING_DAYS,
    Policy,
    Target,
    due_at,
    internal_policies,
    public_policy,
)
from inbox.domain.turns import Turn

T = TypeVar("T")


class NothingPromised(ValueError):
    """No public policy fits: a set of policies needs one without conditions."""


@dataclass(frozen=True, slots=True)
class Version(Generic[T]):
    """In force from `since` on, until a version with a higher number is. `read` makes its content:
    of many versions of a calendar, few are needed at a time."""

    number: int
    since: datetime
    read: Callable[[], T]


@dataclass(frozen=True, slots=True)
class Matter:
    """What policies are matched on: channel, kind of the opening message, the turn's tag, and the
    tags of the person who waits. `chosen` are the policies that rules said instead. The account
    says whose calendar counts; 0 is none."""

    channel: str
    kind: str
    category: str | None
    urgency: str | None
    contact_tags: frozenset[str] = frozenset()
    chosen: tuple[str, ...] = ()
    account: int = 0


@dataclass(frozen=True, slots=True)
class TeamCalendar:
    """Where this team serves, this calendar counts instead of those that policies name."""

    team: str
    calendar: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A routing rule's word on a message: which policy judges the wait. `name` is the rule's, of
    the `version` of the rules that said so."""

    policy: str
    rule: str
    name: str
    version: int


@dataclass(frozen=True, slots=True)
class Promise:
    """A policy's target for one turn, and when it is due in UTC. `team`: whose calendar counted
    instead of the policy's."""

    policy: Policy
    target: Target
    calendar: Calendar
    due_at: datetime
    team: str = ""


@dataclass(frozen=True, slots=True)
class Promises:
    """Every version of the policies, of each calendar, and of which accounts count by a team's
    calendar, in the order of their numbers."""

    policies: Sequence[Version[tuple[Policy, ...]]]
    calendars: Mapping[str, Sequence[Version[Calendar]]]
    teams: Sequence[Version[Mapping[int, TeamCalendar]]] = ()

    def public(
        self, matter: Matter, opened_at: datetime, is_first: bool, ended_at: datetime | None
    ) -> Promise:
        """The promise to the customer: of those that rules chose and that are in force the one due
        first, else that of the policy that fits best. Raises `NothingPromised`."""
        rules = in_force(self.policies, ended_at)
        chosen = [
            self._promise(policy, matter.account, opened_at, is_first, ended_at)
            for policy in rules
            if policy.id in matter.chosen and policy.can_be_chosen
        ]
        if chosen:
            return min(chosen, key=lambda promise: promise.due_at)
        policy = public_policy(rules, *_about(matter))
        if policy is None:
            raise NothingPromised("no public policy fits; one must have no conditions")
        return self._promise(policy, matter.account, opened_at, is_first, ended_at)

    def internal(
        self, matter: Matter, opened_at: datetime, is_first: bool, ended_at: datetime | None
    ) -> tuple[Promise, ...]:
        """The team's own targets beside it, the earliest first."""
        rules = in_force(self.policies, ended_at)
        fitting = internal_policies(rules, *_about(matter))
        about = (matter.account, opened_at, is_first, ended_at)
        found = [self._promise(policy, *about) for policy in fitting]
        return tuple(sorted(found, key=lambda promise: promise.due_at))

    def resolution(
        self,
        matter: Matter,
        opened_at: datetime,
        ended_at: datetime | None,
        begun: Collection[str] = (),
    ) -> tuple[Promise, ...]:
        """The promises about the whole matter that begin with this wait; `due_at` without pauses.
        `ended_at` is the matter's end, `begun` are policies whose promise began before."""
        rules = [p for p in in_force(self.policies, ended_at) if p.until == "resolved"]
        fitting = [p for p in rules if p.id not in begun and p.fits(*_about(matter))]
        about = (matter.account, opened_at, True, ended_at)
        return tuple(self._promise(policy, *about) for policy in fitting)

    def calendar(self, name: str, ended_at: datetime | None = None) -> Calendar:
        """A calendar as it judges a turn. Raises KeyError for a name that is none."""
        return in_force(self.calendars[name], ended_at)

    def counting(self, name: str, account: int, ended_at: datetime | None) -> tuple[Calendar, str]:
        """The calendar that counts on an account where a rule names this one; and the team whose
        calendar it is, empty where it is the rule's own. No team's counts before there was one."""
        begun = [v for v in self.teams if ended_at is None or v.since <= ended_at]
        own = begun[-1].read().get(account) if begun else None
        if own is None or own.calendar == name:
            return self.calendar(name, ended_at), ""
        return self.calendar(own.calendar, ended_at), own.team

    def calendar_of(self, said: Mapping[str, Any], ended_at: datetime | None) -> Calendar:
        """The calendar that evidence names; any for clock hours."""
        versions = self.calendars.get(said["name"], ())
        found = next((v for v in versions if v.number == said["version"]), None)
        return found.read() if found else self.calendar(WORKING_DAYS, ended_at)

    def _promise(
        self,
        policy: Policy,
        account: int,
        opened_at: datetime,
        is_first: bool,
        ended_at: datetime | None,
    ) -> Promise:
        target, team = policy.target_for(is_first), ""
        if target.by_calendar:
            calendar, team = self.counting(policy.calendar, account, ended_at)
        else:
            calendar = self.calendar(WORKING_DAYS, ended_at)
        return Promise(policy, target, calendar, due_at(opened_at, target, calendar), team)


def _about(matter: Matter) -> tuple[str, str, str | None, str | None, frozenset[str]]:
    tag = (matter.category, matter.urgency)
    return matter.channel, matter.kind, *tag, matter.contact_tags


def choices(folded: Sequence[Turn], said: Mapping[int, Choice]) -> dict[int, tuple[Choice, ...]]:
    """What rules chose for each turn, by its opener; `said` by customer's message. A later wait of
    the same episode, of which no rule says anything, goes on as the one before."""
    found: dict[int, tuple[Choice, ...]] = {}
    episode = 0
    before: tuple[Choice, ...] = ()
    for turn in folded:
        own = tuple(dict.fromkeys(said[m] for m in turn.messages if m in said))
        before = own or (before if turn.episode == episode else ())
        episode = turn.episode
        found[turn.opened_by] = before
    return found


def chosen_of(policy: Mapping[str, Any]) -> tuple[str, ...]:
    """The policies that rules chose, of a turn's evidence."""
    return tuple(one["policy"] for one in policy.get("chosen", ()))


def with_policies(before: Promises, since: datetime, policies: tuple[Policy, ...]) -> Promises:
    """The promises as they would be with a new set of policies."""
    version = Version(before.policies[-1].number + 1, since, lambda: policies)
    return replace(before, policies=[*before.policies, version])


def with_calendar(before: Promises, since: datetime, calendar: Calendar) -> Promises:
    """The promises as they would be with a new version of a calendar."""
    versions = [
        *before.calendars.get(calendar.name, ()),
        Version(calendar.version, since, lambda: calendar),
    ]
    return replace(before, calendars={**before.calendars, calendar.name: versions})


def with_teams(before: Promises, since: datetime, said: Mapping[int, TeamCalendar]) -> Promises:
    """The promises as they would be where teams' calendars count so."""
    number = before.teams[-1].number + 1 if before.teams else 1
    return replace(before, teams=[*before.teams, Version(number, since, lambda: said)])


def in_force(versions: Sequence[Version[T]], ended_at: datetime | None) -> T:
    """What judges a turn: the newest version, or for one that has ended the newest of its day.

    Before the first version came into force, that one judges.
    """
    begun = [v for v in versions if ended_at is None or v.since <= ended_at]
    return (begun or versions[:1])[-1].read()
