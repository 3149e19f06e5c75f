"""A roster played through, wait by wait, with the real clocks and calendars, many times over.

Each run draws for every day to come one of the past days that it may be like, with all that came on
it, and for every wait one of the times that an answer took. The people on duty work on as many
waits at once as they are, in the inbox's order: what is due first. Who leaves hands over what they
have begun, and so does who is called to something more urgent. So one person more can never make an
answer later, which a test proves.

The same seed gives the same runs. Runs are drawn once and played with each roster, so that two
rosters differ by nothing else.
"""

import math
from bisect import insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from heapq import heappop, heappush
from random import Random
from typing import Final, NamedTuple

from inbox.domain.planning import HOUR_S, Day, Past, Rule, Wait
from inbox.domain.sla import due_at

SECONDS: Final = {"h": HOUR_S, "m": 60}
QUARTER_S: Final = 900
"""All zones are so many seconds, or a multiple, from UTC: within them no date changes."""
LOW, HIGH = 0.05, 0.95
"""Nine of ten runs lie between."""


class Job(NamedTuple):
    """A wait to be answered. Times are UTC seconds; `dues` are those of its `rules`."""

    opened: float
    work_s: float
    rules: tuple[Rule, ...]
    dues: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """Nine of ten runs lie from `low` to `high`, half of them below `middle`."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Played:
    """What became of the waits that open in a span, over all runs; shares are None where none opens
    in any of them.

    `by_policy` has for each policy the share in time and how many a run has on average. `late` are
    by hour from the start of the span: how many come, and how many of them too late, on average.
    """

    share: Interval | None
    waits: float
    by_policy: Mapping[str, tuple[Interval, float]]
    median_s: float | None
    p90_s: float | None
    within: Mapping[int, Interval]
    by_hour: tuple[tuple[float, float], ...] = ()


Coming = tuple[float, tuple[Rule, ...], tuple[float, ...]]
"""A wait to come, as each run that draws its day has it: opened, rules, dues."""


class Dues:
    """When waits fall due. Answers of calendars are kept: many waits ask the same, and all runs
    that draw the same past day for a day to come."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str, int], float] = {}
        self._days: dict[tuple[date, date], list[Coming]] = {}

    def due(self, rule: Rule, opened: float) -> float:
        unit = rule.target.unit
        if unit in SECONDS:
            return opened + rule.target.amount * SECONDS[unit]
        if unit == "bh":
            return _due(rule, opened)
        key = (rule.policy, str(rule.target), rule.calendar.name, int(opened // QUARTER_S))
        if key not in self._kept:
            self._kept[key] = _due(rule, opened)
        return self._kept[key]

    def all(self, rules: tuple[Rule, ...], opened: float) -> tuple[float, ...]:
        return tuple(self.due(rule, opened) for rule in rules)

    def of_day(self, past: Past, day: Day, like: date) -> list[Coming]:
        """What a day to come brings where it is like a past one; `past` is the same each time."""
        key = (day.day, like)
        if key not in self._days:
            opened = ((day.instant(came.at_s), came.rules) for came in past[like])
            self._days[key] = [(at, rules, self.all(rules, at)) for at, rules in opened]
        return self._days[key]


def _due(rule: Rule, opened: float) -> float:
    return due_at(datetime.fromtimestamp(opened, UTC), rule.target, rule.calendar).timestamp()


def work(times: Sequence[float], mean_s: float) -> Callable[[Random], float]:
    """Draws how long an answer takes: one of the times that were seen, made longer or shorter so
    that they have this mean; where none was seen, most are short and few long (exponential)."""
    if not times:
        return lambda rng: rng.expovariate(1 / mean_s)
    scaled = [one * mean_s * len(times) / sum(times) for one in times]
    return lambda rng: scaled[int(rng.random() * len(scaled))]


def draw(
    past: Past,
    days: Sequence[Day],
    waiting: Iterable[Wait],
    start: float,
    takes: Callable[[Random], float],
    dues: Dues,
    rng: Random,
) -> list[Job]:
    """One run from an instant on: what waits already, then what the days bring, by time."""
    found = [
        Job(at, takes(rng), one.rules, dues.all(one.rules, at))
        for one in waiting
        for at in (one.opened_at.timestamp(),)
    ]
    for day in days:
        (like,) = rng.choices(day.like, day.weights)
        came = ((one, takes(rng)) for one in dues.of_day(past, day, like))
        found += [
            Job(opened, work_s, rules, due)
            for (opened, rules, due), work_s in came
            if opened >= start
        ]
    return sorted(found, key=lambda job: job.opened)


def serve(jobs: Sequence[Job], steps: Sequence[tuple[float, int]]) -> list[float]:
    """When each is answered, in UTC seconds; infinity where it never is.

    Jobs come by time; `steps` say from when on how many people are there, the last for good. Before
    the first step nobody is.
    """
    answered = [math.inf] * len(jobs)
    waiting: list[tuple[float, float, int, float]] = []  # due, opened, number, work left
    busy: list[tuple[float, float, int, float]] = []  # the same with the end of the work
    people = arrived = stepped = 0
    while True:
        ends = min([one[3] for one in busy]) if busy else math.inf
        comes = jobs[arrived].opened if arrived < len(jobs) else math.inf
        changes = steps[stepped][0] if stepped < len(steps) else math.inf
        at = min(ends, comes, changes)
        if at == math.inf:
            return answered
        if ends == at:
            for n in [n for n, one in enumerate(busy) if one[3] <= at][::-1]:
                answered[busy.pop(n)[2]] = at
        if comes == at:
            job = jobs[arrived]
            heappush(waiting, (job.dues[0], job.opened, arrived, job.work_s))
            arrived += 1
        if changes == at:
            people = steps[stepped][1]
            stepped += 1
        if waiting or len(busy) > people:
            _take(waiting, busy, people, at)


def _take(
    waiting: list[tuple[float, float, int, float]],
    busy: list[tuple[float, float, int, float]],
    people: int,
    at: float,
) -> None:
    """The first so many of all are worked on from now on."""
    while len(busy) > people or (busy and waiting and waiting[0] < busy[-1]):
        due, opened, n, ends = busy.pop()
        if len(busy) < people:
            _begin(waiting, busy, at)
        heappush(waiting, (due, opened, n, ends - at))
    while waiting and len(busy) < people:
        _begin(waiting, busy, at)


def _begin(
    waiting: list[tuple[float, float, int, float]],
    busy: list[tuple[float, float, int, float]],
    at: float,
) -> None:
    due, opened, n, left = heappop(waiting)
    insort(busy, (due, opened, n, at + left))


def played(
    runs: Sequence[Sequence[Job]],
    served: Sequence[Sequence[float]],
    start: float,
    end: float,
    within: Iterable[int] = (),
) -> Played:
    """What became of the waits that open in [start, end); `within` are hours to count besides the
    promises."""
    shares: list[float] = []
    policies: dict[str, list[tuple[int, int]]] = {}
    limits: dict[int, list[float]] = {hours: [] for hours in within}
    took: list[float] = []
    hours = [[0, 0] for _ in range(math.ceil((end - start) / HOUR_S))]
    for jobs, ends in zip(runs, served, strict=True):
        mine = [(j, at) for j, at in zip(jobs, ends, strict=True) if start <= j.opened < end]
        if not mine:
            continue
        shares.append(sum(at <= job.dues[0] for job, at in mine) / len(mine))
        for most, found in limits.items():
            found.append(sum(at - j.opened <= most * HOUR_S for j, at in mine) / len(mine))
        counts: dict[str, list[int]] = {}
        for job, at in mine:
            took.append(at - job.opened)
            cell = hours[int((job.opened - start) // HOUR_S)]
            cell[0] += 1
            cell[1] += at > job.dues[0]
            for rule, due in zip(job.rules, job.dues, strict=True):
                count = counts.setdefault(rule.policy, [0, 0])
                count[0] += at <= due
                count[1] += 1
        for policy, (kept, all_) in counts.items():
            policies.setdefault(policy, []).append((kept, all_))
    took.sort()
    return Played(
        share=interval(shares) if shares else None,
        waits=len(took) / len(runs) if runs else 0.0,
        by_policy={
            policy: (interval([k / n for k, n in found]), sum(n for _, n in found) / len(runs))
            for policy, found in policies.items()
        },
        median_s=quantile(took, 0.5) if took else None,
        p90_s=quantile(took, 0.9) if took else None,
        within={most: interval(found) for most, found in limits.items() if found},
        by_hour=tuple((n / len(runs), late / len(runs)) for n, late in hours) if runs else (),
    )


def interval(values: Sequence[float]) -> Interval:
    """Of at least one value."""
    found = sorted(values)
    return Interval(quantile(found, LOW), quantile(found, 0.5), quantile(found, HIGH))


def quantile(found: Sequence[float], part: float) -> float:
    """Of sorted values, at least one; between two of them by linear interpolation."""
    at = part * (len(found) - 1)
    below, above = found[math.floor(at)], found[math.ceil(at)]
    return below if below == above else below + (above - below) * (at - math.floor(at))


def weakest(by_hour: Sequence[tuple[float, float]], most: int = 3) -> list[tuple[int, int]]:
    """Stretches of hours [first, last) in which a larger part comes too late than in all, those
    with the most late waits first; a better hour between two is passed over. None where nothing is
    late."""
    came, late = (sum(one[n] for one in by_hour) for n in (0, 1))
    if not late:
        return []
    found: list[tuple[float, int, int]] = []
    for hour, (n, too_late) in enumerate(by_hour):
        if not n or too_late / n < late / came:
            continue
        if found and found[-1][2] >= hour - 1:
            before, first, _ = found.pop()
            found.append((before + too_late, first, hour + 1))
        else:
            found.append((too_late, hour, hour + 1))
    return [(first, last) for _, first, last in sorted(found, key=lambda one: -one[0])[:most]]
