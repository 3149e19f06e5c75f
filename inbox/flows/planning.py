"""The planner: the load to come, what the roster does about it, and what another roster would.

Everything is computed when somebody asks, and nothing is stored. The forecast is made from the last
weeks (`domain.planning`), the roster is played through many times (`domain.planning_runs`), and
both are tried on weeks that are over (`planning_tests`): their error is told beside the forecast.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from inbox.domain.calendars import DAY, local_date
from inbox.domain.planning import (
    HOUR_S,
    LEAST_DAYS,
    LEAST_INTERVALS,
    WEEKS,
    Day,
    Hour,
    Past,
    Wait,
    by_date,
    coming,
    expected,
    intervals,
    load,
    staff,
)
from inbox.domain.planning_changes import More, changed
from inbox.domain.planning_runs import (
    Dues,
    Interval,
    Job,
    Played,
    draw,
    interval,
    played,
    serve,
    work,
)
from inbox.flows.planning_waits import Known, promised_h

DAYS: Final = 7
TAIL: Final = 3
"""So many days more come on, so that the last of the week are answered as they would be."""
MOST_WITHIN_H: Final = 24 * TAIL
SETTLES: Final = timedelta(days=14)
"""So long the roster goes on after the week."""
LEAST_RUNS, MOST_RUNS = 5, 100
MOST_PLAYED: Final = 40_000
"""Waits that are played through for one roster, about: of a large load there are fewer runs, and it
varies less."""
LEAST_HANDLING_S, MOST_HANDLING_S = 10, 4 * HOUR_S
SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked. `within_h` is counted beside the promises; `handling_s` overrides how long an
    answer takes."""

    without: tuple[str, ...] = ()
    more: tuple[More, ...] = ()
    handling_s: float | None = None
    within_h: int = 24
    seed: int = SEED

    @property
    def changes(self) -> bool:
        return bool(self.without or self.more)


@dataclass(frozen=True, slots=True)
class Base:
    """What a forecast is made from, as of an instant: whole past days, the times that answers took,
    what waits; and the days to come, from the one that runs."""

    start: datetime
    past: Past
    days: tuple[Day, ...]
    takes_s: tuple[float, ...]
    waiting: tuple[Wait, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """What one roster does.

    `quick` are the shares within so many hours of what comes tomorrow, and in the week, by the
    backlog; `waiting` is the share in time of what waits already and is not late yet.
    """

    hours: tuple[Hour, ...]
    quick: tuple[float | None, float | None]
    tomorrow: Played
    week: Played
    waiting: Interval | None


@dataclass(frozen=True, slots=True)
class Plan:
    """`needs` names what is missing: history, handling, shifts; then there is no `now`.

    `came` are the days to come, each with how many waits it brings on average; `handling_s` is how
    long an answer takes, on average of `seen` times unless the wish says it. `promised_h` is the
    public target, where it is the same hours for all.
    """

    as_of: datetime
    zone: str
    wish: Wish
    shifts: tuple[tuple[str, str], ...]
    history: tuple[date, ...]
    needs: tuple[str, ...]
    handling_s: float | None
    seen: int
    came: tuple[tuple[date, float], ...]
    waits_now: int
    promised_h: int | None
    policies: tuple[tuple[str, str, str], ...] = ()
    runs: int = 0
    now: Side | None = None
    changed: Side | None = None


def plan(known: Known, wish: Wish) -> Plan:
    """The forecast from now on, with both rosters. Raises `Unclear` for a shift that there is
    not."""
    at, zone, roster = known.now, known.zone, known.roster
    other = changed(roster, wish.without, wish.more, zone)
    base = base_at(known, at, 1 + DAYS)
    handling_s = wish.handling_s or mean_s(base.takes_s)
    enough = len(base.past) >= LEAST_DAYS
    needs = {
        "history": not enough,
        "handling": handling_s is None,
        "shifts": not roster.shifts and not other.shifts,
    }
    found = Plan(
        as_of=at,
        zone=zone,
        wish=wish,
        shifts=tuple((one.id, one.name) for one in roster.shifts),
        history=tuple(base.past),
        needs=tuple(name for name, missing in needs.items() if missing),
        handling_s=handling_s,
        seen=len(base.takes_s),
        came=_came(base) if enough else (),
        waits_now=len(base.waiting),
        promised_h=promised_h(known.waits),
        policies=known.policies,
    )
    if found.needs or handling_s is None:
        return found
    runs = draws(base, handling_s, wish.seed, MOST_PLAYED, MOST_RUNS)
    end = base.start + timedelta(days=len(base.days)) + SETTLES
    return replace(
        found,
        runs=len(runs),
        now=side(base, runs, staff(roster, at, end), handling_s, wish.within_h),
        changed=side(base, runs, staff(other, at, end), handling_s, wish.within_h)
        if wish.changes
        else None,
    )


def base_at(known: Known, start: datetime, days: int) -> Base:
    """What was known at an instant; `days` are to come, besides the tail."""
    zone, today = known.zone, local_date(start, known.zone)
    since = max(known.first, today - WEEKS * 7 * DAY)
    past = by_date(known.waits, since, today - DAY, zone)
    old = start - timedelta(weeks=WEEKS)
    ended = (w for w in known.waits if w.ended_at is not None and old <= w.ended_at <= start)
    return Base(
        start=start,
        past=past,
        days=tuple(coming(past, today + n * DAY, zone, known.calendar) for n in range(days + TAIL))
        if past
        else (),
        takes_s=intervals(ended),
        waiting=tuple(
            w
            for w in known.waits
            if w.opened_at < start and (w.ended_at is None or w.ended_at > start)
        ),
    )


def draws(base: Base, handling_s: float, seed: int, most: int, most_runs: int) -> list[list[Job]]:
    """As many runs as fit, but a few at least."""
    a_run = sum(sum(expected(base.past, day)) for day in base.days) + len(base.waiting)
    count = int(min(max(most / max(a_run, 1), LEAST_RUNS), most_runs))
    takes, dues = work(base.takes_s, handling_s), Dues()
    about = base.past, base.days, base.waiting, base.start.timestamp(), takes, dues
    return [draw(*about, Random(f"{seed}:{n}")) for n in range(count)]


def side(
    base: Base,
    runs: Sequence[Sequence[Job]],
    steps: Sequence[tuple[float, int]],
    handling_s: float,
    within_h: int,
) -> Side:
    """What a roster does from the instant on."""
    start, week = base.start.timestamp(), base.days[1 : 1 + DAYS]
    first, second, last = week[0].hours[0], week[0].ends, week[-1].ends
    hours, flow = load(base.past, base.days, steps, base.start, len(base.waiting), handling_s)
    at = [sum(one.starts_at.timestamp() < edge for one in hours) for edge in (first, second, last)]
    quick = []
    for a, b in ((at[0], at[1]), (at[0], at[2])):
        came = sum(one.came for one in hours[a:b])
        quick.append(flow.within(within_h, a, b) / came if came else None)
    served = [serve(jobs, steps) for jobs in runs]
    return Side(
        hours=tuple(hours[: at[2]]),
        quick=(quick[0], quick[1]),
        tomorrow=played(runs, served, first, second, [within_h]),
        week=played(runs, served, first, last, [within_h]),
        waiting=_waiting(runs, served, start),
    )


def _waiting(
    runs: Sequence[Sequence[Job]], served: Sequence[Sequence[float]], start: float
) -> Interval | None:
    shares = []
    for jobs, ends in zip(runs, served, strict=True):
        kept = [
            at <= job.dues[0]
            for job, at in zip(jobs, ends, strict=True)
            if job.opened < start <= job.dues[0]
        ]
        if kept:
            shares.append(sum(kept) / len(kept))
    return interval(shares) if shares else None


def _came(base: Base) -> tuple[tuple[date, float], ...]:
    days = base.days[1 : 1 + DAYS]
    return tuple((day.day, sum(expected(base.past, day))) for day in days)


def mean_s(takes_s: Sequence[float]) -> float | None:
    """None where too few were seen."""
    return sum(takes_s) / len(takes_s) if len(takes_s) >= LEAST_INTERVALS else None
