"""The planner tried on weeks that are over: what it would have said then, beside what came."""

from dataclasses import dataclass
from datetime import date, datetime

from inbox.domain.calendars import DAY, local_date, local_day_bounds
from inbox.domain.planning import LEAST_DAYS, by_date, expected, staff
from inbox.domain.planning_runs import Interval, played, serve
from inbox.flows.planning import (
    DAYS,
    SETTLES,
    Base,
    Wish,
    base_at,
    draws,
    mean_s,
)
from inbox.flows.planning_waits import TESTED, Known, in_time

MOST_PLAYED, MOST_RUNS = 8_000, 20


@dataclass(frozen=True, slots=True)
class Week:
    """A week that is over, from its first date: what was forecast of it, and what came. `missed`
    adds up by how much each day was wrong. Shares are None where no roster was in force then, or
    not enough is known."""

    first: date
    forecast: float
    came: int
    missed: float
    share: Interval | None
    was: float | None


@dataclass(frozen=True, slots=True)
class Tried:
    """The weeks, newest first. `load_error` is by how much a day was wrong on average, as a part of
    what came; `share_error` the same of the share in time, in points of it."""

    weeks: tuple[Week, ...]
    load_error: float | None
    share_error: float | None


def tried(known: Known, wish: Wish) -> Tried:
    """The last weeks of which enough was known before."""
    today = local_date(known.now, known.zone)
    weeks = []
    for n in range(1, TESTED + 1):
        start = local_day_bounds(today - n * 7 * DAY, known.zone)[0]
        base = base_at(known, start, DAYS)
        if len(base.past) >= LEAST_DAYS:
            weeks.append(_week(known, base, wish))
    came = sum(week.came for week in weeks)
    off = [abs(w.share.middle - w.was) for w in weeks if w.share and w.was is not None]
    return Tried(
        weeks=tuple(weeks),
        load_error=sum(week.missed for week in weeks) / came if came else None,
        share_error=sum(off) / len(off) if off else None,
    )


def _week(known: Known, base: Base, wish: Wish) -> Week:
    days = base.days[:DAYS]
    start, end = base.start, datetime.fromtimestamp(days[-1].ends, base.start.tzinfo)
    said = [sum(expected(base.past, day)) for day in days]
    real = by_date(known.waits, days[0].day, days[-1].day, known.zone)
    counts = [len(real[day.day]) for day in days]
    handling_s = wish.handling_s or mean_s(base.takes_s)
    steps = staff_then(known, start, end + SETTLES)
    share = None
    if handling_s is not None and steps is not None:
        runs = draws(base, handling_s, wish.seed, MOST_PLAYED, MOST_RUNS)
        served = [serve(jobs, steps) for jobs in runs]
        share = played(runs, served, start.timestamp(), end.timestamp()).share
    return Week(
        first=days[0].day,
        forecast=sum(said),
        came=sum(counts),
        missed=sum(abs(a - b) for a, b in zip(said, counts, strict=True)),
        share=share,
        was=in_time((w for w in known.waits if start <= w.opened_at < end), known.now),
    )


def staff_then(known: Known, start: datetime, end: datetime) -> list[tuple[float, int]] | None:
    """As `planning.staff`, by the roster's version of each time; None where none was in force."""
    if not known.eras or known.eras[0][0] > start:
        return None
    steps: list[tuple[float, int]] = []
    for _, since, until, roster in known.eras:
        a, b = max(since, start), min(until, end)
        if a < b:
            steps += staff(roster, a, b)[:-1]
    return [*steps, (end.timestamp(), 0)]
