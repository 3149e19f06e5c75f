"""The load to come, from the load that was, and the quick answer to whether a roster carries it.

What has to be answered is a customer's wait. A day to come is forecast from past days of its kind:
its weekday, where a holiday counts as a Sunday and a make-up workday as the working day beside it.
Newer weeks weigh more. Waits keep their local time of day, so a day has as many of them however
often its clocks change: in a skipped hour they come at its end, in a doubled one with its first
showing.

The quick answer is a backlog by the hour, first in, first out: what came, minus what the people on
duty can answer. `planning_runs` plays the same through wait by wait.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from inbox.domain.calendars import DAY, Calendar, first_instant, local_day_bounds
from inbox.domain.roster import Roster, cover
from inbox.domain.sla import Target

WEEKS: Final = 8
"""How much of the past a forecast is made from, at most."""
LEAST_DAYS: Final = 14
"""So many whole days of history are needed: each weekday twice."""
HALF_LIFE_WEEKS: Final = 2
"""A week so much older weighs half."""
HOUR_S: Final = 3600
SHORTEST_S, LONGEST_S = 5, 1800
"""Between two answers of a person: what is shorter was one answer to many, what is longer a break
or other work."""
LEAST_INTERVALS: Final = 30
MOST_INTERVALS: Final = 2_000
MONDAY, FRIDAY, SUNDAY = 0, 4, 6


@dataclass(frozen=True, slots=True)
class Rule:
    """What one policy promises of a wait. Equal where name, target and calendar are."""

    policy: str
    target: Target
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Wait:
    """A customer's wait, open or answered (by nobody here where `agent` is None). `rules` are those
    of the policies that judge it: the public one, then the team's own."""

    opened_at: datetime
    rules: tuple[Rule, ...]
    ended_at: datetime | None = None
    agent: int | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """A past wait by its local time of day, in seconds."""

    at_s: float
    rules: tuple[Rule, ...]


Past = Mapping[date, Sequence[Came]]
"""Whole local dates with all that came on them; a date on which nothing came is there, too."""


@dataclass(frozen=True, slots=True)
class Day:
    """A local date to come: when each hour that a clock names begins, when the day ends (UTC
    seconds), and the past days that it may be like, each with its weight."""

    day: date
    hours: tuple[float, ...]
    ends: float
    like: tuple[date, ...]
    weights: tuple[float, ...]

    def instant(self, at_s: float) -> float:
        """A local time of day on this date, in UTC seconds."""
        hour, rest = divmod(at_s, HOUR_S)
        return min(self.hours[int(hour)] + rest, self.ends - 1)


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour to come; the first may be what is left of one. Waits `came` and `can` be answered;
    `left` is the backlog at its end. `people` is the average number on duty."""

    starts_at: datetime
    came: float
    people: float
    can: float
    left: float


@dataclass(frozen=True, slots=True)
class Flow:
    """What became of a backlog: `left` after each hour; `answered` says how much of what came in
    one hour was answered in which. -1 came before the first."""

    left: tuple[float, ...]
    answered: tuple[tuple[int, int, float], ...]

    def within(self, hours: int, first: int, last: int) -> float:
        """How much of what came in the hours [first, last) was answered in time. Counted by whole
        hours, against us: what came in one is in time until the same hour of the clock begins."""
        return sum(n for came, at, n in self.answered if first <= came < last and at - came < hours)


def by_date(waits: Iterable[Wait], first: date, last: date, zone: str) -> Past:
    """What came on each local date from `first` to `last`, both included."""
    tz = ZoneInfo(zone)
    found: dict[date, list[Came]] = {
        first + n * DAY: [] for n in range(max((last - first).days + 1, 0))
    }
    for wait in waits:
        local = wait.opened_at.astimezone(tz)
        if (day := local.date()) in found:
            at_s = local.hour * HOUR_S + local.minute * 60 + local.second
            found[day].append(Came(at_s, wait.rules))
    return found


def day_kind(day: date, calendar: Calendar) -> int:
    """The weekday that a date is like: 0 is Monday."""
    special = calendar.days.get(day)
    weekday = day.weekday()
    if special is None or special.kind == "team":
        return weekday
    if special.kind == "holiday":
        return SUNDAY
    return MONDAY if weekday == SUNDAY else FRIDAY if weekday > FRIDAY else weekday


def coming(past: Past, day: date, zone: str, calendar: Calendar) -> Day:
    """A date to come; it may be like any past day where none is of its kind."""
    kind = day_kind(day, calendar)
    like = tuple(one for one in past if day_kind(one, calendar) == kind) or tuple(past)
    weights = tuple(0.5 ** ((day - one).days / 7 / HALF_LIFE_WEEKS) for one in like)
    return Day(
        day, hour_starts(day, zone), local_day_bounds(day, zone)[1].timestamp(), like, weights
    )


@cache
def hour_starts(day: date, zone: str) -> tuple[float, ...]:
    """When clocks first show each full hour of a date, in UTC seconds."""
    return tuple(first_instant(day, time(hour), zone).timestamp() for hour in range(24))


def expected(past: Past, day: Day) -> tuple[float, ...]:
    """How many waits a date brings in each hour that its clocks name: 24 averages."""
    found = [0.0] * 24
    for one, weight in zip(day.like, day.weights, strict=True):
        for came in past[one]:
            found[int(came.at_s // HOUR_S)] += weight
    whole = sum(day.weights)
    return tuple(n / whole for n in found)


def intervals(waits: Iterable[Wait]) -> tuple[float, ...]:
    """How long people took for an answer, in seconds, newest first.

    It is the time since the same person's last answer, where the customer had waited since before
    that: otherwise the person had perhaps nothing to do.
    """
    mine: dict[int, list[tuple[datetime, datetime]]] = {}
    for wait in waits:
        if wait.agent is not None and wait.ended_at is not None:
            mine.setdefault(wait.agent, []).append((wait.ended_at, wait.opened_at))
    found = []
    for answers in mine.values():
        for (before, _), (at, opened_at) in pairwise(sorted(answers)):
            took_s = (at - before).total_seconds()
            if opened_at <= before and SHORTEST_S <= took_s <= LONGEST_S:
                found.append((at, took_s))
    return tuple(took_s for _, took_s in sorted(found, reverse=True)[:MOST_INTERVALS])


def staff(roster: Roster, start: datetime, end: datetime) -> list[tuple[float, int]]:
    """(from when, how many people) on duty in [start, end), in order, in UTC seconds; nobody after
    it."""
    steps = [(one.starts_at.timestamp(), len(one.people)) for one in cover(roster, start, end)]
    return [*steps, (end.timestamp(), 0)]


def load(
    past: Past,
    days: Sequence[Day],
    steps: Sequence[tuple[float, int]],
    start: datetime,
    waiting: int,
    handling_s: float,
) -> tuple[list[Hour], Flow]:
    """Each hour from an instant to the end of the days, and the backlog, of which so many wait at
    the start. Hours are counted from each local midnight."""
    edges = _edges(days, start.timestamp())
    came = [0.0] * (len(edges) - 1)
    for day in days:
        for begins, n in zip(day.hours, expected(past, day), strict=True):
            at = bisect_right(edges, begins) - 1
            if at >= 0:
                came[at] += n
            elif begins + HOUR_S > edges[0]:  # what is left of the hour that runs
                came[0] += n * (begins + HOUR_S - edges[0]) / HOUR_S
    spent = [person_seconds(steps, a, b) for a, b in pairwise(edges)]
    flow = backlog(waiting, came, [s / handling_s for s in spent])
    hours = [
        Hour(datetime.fromtimestamp(a, UTC), n, s / (b - a), s / handling_s, left)
        for (a, b), n, s, left in zip(pairwise(edges), came, spent, flow.left, strict=True)
    ]
    return hours, flow


def _edges(days: Sequence[Day], start: float) -> list[float]:
    found = [start]
    for day in days:
        at = day.hours[0]
        while at < day.ends:
            if at > start:
                found.append(at)
            at += HOUR_S
    return [*found, days[-1].ends]


def person_seconds(steps: Sequence[tuple[float, int]], start: float, end: float) -> float:
    """How long all people together are on duty in [start, end)."""
    total = 0.0
    for (since, people), (until, _) in pairwise(steps):
        total += people * max(0.0, min(until, end) - max(since, start))
    return total


def backlog(first: float, came: Sequence[float], can: Sequence[float]) -> Flow:
    """Hour by hour what waits is answered as far as it can be, the oldest first. What nobody needs
    of an hour is lost: it cannot be saved up."""
    waits: deque[tuple[int, float]] = deque([(-1, first)] if first else [])
    left, answered = [], []
    for hour, (n, able) in enumerate(zip(came, can, strict=True)):
        if n:
            waits.append((hour, n))
        while waits and able > 0:
            since, some = waits.popleft()
            done = min(some, able)
            answered.append((since, hour, done))
            able -= done
            if some > done:
                waits.appendleft((since, some - done))
        left.append(sum(some for _, some in waits))
    return Flow(tuple(left), tuple(answered))
