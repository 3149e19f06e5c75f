"""The load to come, the backlog by the hour, and a roster played through wait by wait."""

import math
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.domain.calendars import Calendar, Special, local_day_bounds
from inbox.domain.planning import (
    Rule,
    Wait,
    backlog,
    by_date,
    coming,
    day_kind,
    expected,
    intervals,
    load,
    person_seconds,
    staff,
)
from inbox.domain.planning_changes import changed, more
from inbox.domain.planning_runs import Dues, Job, draw, interval, played, serve, weakest, work
from inbox.domain.roster import Roster, Shift
from inbox.domain.sla import Target
from inbox.domain.written import Unclear

ZONE = "Europe/Lisbon"
CALENDAR = Calendar("working days", 1, ZONE)
DAY = timedelta(days=1)
RULE = Rule("social", Target(24, "h"), CALENDAR)
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
ADA, BO = "ada@lumenpay.example", "bo@lumenpay.example"
FEW = st.lists(st.integers(0, 6), min_size=1, max_size=12)


@settings(max_examples=40)
@given(st.integers(0, 8), FEW, st.data())
def test_the_backlog_is_a_queue_of_single_waits(
    first: int, came: list[int], data: st.DataObject
) -> None:
    """Against a queue of whole waits, one by one; what came is answered or left, none twice."""
    can = data.draw(st.lists(st.integers(0, 6), min_size=len(came), max_size=len(came)))
    queue, answered, left = [-1] * first, Counter[tuple[int, int]](), []
    for hour, (n, able) in enumerate(zip(came, can, strict=True)):
        queue += [hour] * n
        answered.update((since, hour) for since in queue[:able])
        queue = queue[able:]
        left.append(len(queue))
    flow = backlog(first, came, can)
    assert list(flow.left) == left
    assert {(a, b): n for a, b, n in flow.answered} == answered
    assert first + sum(came) == sum(n for *_, n in flow.answered) + flow.left[-1]
    more_can = [n + data.draw(st.integers(0, 2)) for n in can]
    better = backlog(first, came, more_can)
    assert all(a <= b for a, b in zip(better.left, flow.left, strict=True))
    for hours in (1, 3):
        assert better.within(hours, 0, len(came)) >= flow.within(hours, 0, len(came))


JOBS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from([5, 20])),
    min_size=1,
    max_size=10,
)
STEPS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), min_size=1, max_size=4)


@settings(max_examples=60)
@given(JOBS, STEPS, st.integers(0, 2))
def test_a_played_roster_is_what_people_do_tick_by_tick_and_more_people_are_never_worse(
    given_: list[tuple[int, int, int]], steps: list[tuple[int, int]], extra: int
) -> None:
    jobs = [Job(at, work, (RULE,), (at + target,)) for at, work, target in sorted(given_)]
    steps = sorted(dict(steps).items())
    answered = serve(jobs, steps)
    left, done = [job.work_s for job in jobs], [math.inf] * len(jobs)
    for tick in range(140):
        people = ([n for at, n in steps if at <= tick] or [0])[-1]
        open_ = [n for n, job in enumerate(jobs) if job.opened <= tick and left[n]]
        open_.sort(key=lambda n: (jobs[n].dues[0], jobs[n].opened, n))
        for n in open_[:people]:
            left[n] -= 1
            if not left[n]:
                done[n] = tick + 1
    assert answered == done
    with_more = serve(jobs, [(at, n + extra) for at, n in steps])
    assert all(a <= b for a, b in zip(with_more, answered, strict=True))


def test_one_person_answers_in_the_order_of_the_inbox() -> None:
    late = Job(0, 60, (RULE,), (1000.0,))
    urgent = Job(10, 5, (RULE,), (100.0,))
    assert serve([late, urgent], [(0, 1)]) == [65.0, 15.0]
    same = [Job(at, 60, (RULE,), (at + 86_400.0,)) for at in range(5)]
    assert serve(same, [(0, 1)]) == [60.0, 120.0, 180.0, 240.0, 300.0]
    assert serve([late], [(10, 0)]) == [math.inf]


WAITS = st.lists(
    st.integers(0, 20 * 86_400).map(
        lambda s: datetime(2026, 9, 28, tzinfo=UTC) + timedelta(seconds=s)
    ),
    max_size=20,
)


@settings(max_examples=25)
@given(WAITS, st.sampled_from([date(2026, 10, 25), date(2027, 3, 28), date(2026, 11, 2)]))
def test_a_day_brings_as_much_however_its_clocks_change(opened: list[datetime], day: date) -> None:
    """23, 25 and 24 hours: each past wait falls into the day once, and into one of its hours."""
    waits = [Wait(at, (RULE,)) for at in opened]
    past = by_date(waits, date(2026, 9, 27), date(2026, 10, 19), ZONE)
    assert sum(map(len, past.values())) == len(waits)
    ahead = coming(past, day, ZONE, CALENDAR)
    start, end = local_day_bounds(day, ZONE)
    hours, flow = load(past, [ahead], [(start.timestamp(), 0)], start, 2, 60)
    assert len(hours) == (end - start) // timedelta(hours=1)
    assert sum(hour.came for hour in hours) == pytest.approx(sum(expected(past, ahead)))
    assert flow.left[-1] == pytest.approx(2 + sum(expected(past, ahead)))
    jobs = draw(past, [ahead], [], start.timestamp(), work((), 60), Dues(), Random(1))
    assert len(jobs) in {len(past[one]) for one in ahead.like}
    assert all(start.timestamp() <= job.opened < end.timestamp() for job in jobs)


def test_a_holiday_is_like_a_sunday_and_a_make_up_day_like_the_working_day_beside_it() -> None:
    open_ = CALENDAR.week[0]
    days = {
        date(2026, 12, 8): Special((), "Holiday", "holiday"),
        date(2026, 12, 5): Special(open_, "Worked", "make-up"),
        date(2026, 12, 6): Special(open_, "Worked", "make-up"),
        date(2026, 12, 9): Special((), "Team day", "team"),
    }
    calendar = replace(CALENDAR, days=days)
    kinds = [day_kind(date(2026, 12, n), calendar) for n in range(4, 11)]
    assert kinds == [4, 4, 0, 0, 6, 2, 3]
    past = by_date([], date(2026, 11, 9), date(2026, 11, 29), ZONE)
    like = coming(past, date(2026, 12, 8), ZONE, calendar).like
    assert [one.weekday() for one in like] == [6, 6, 6]
    few = {one: past[one] for one in list(past)[:3]}
    assert coming(few, date(2026, 12, 6), ZONE, CALENDAR).like == tuple(few)  # no Sunday: any day


def test_newer_weeks_weigh_more() -> None:
    waits = [Wait(MONDAY - 28 * DAY, (RULE,)), Wait(MONDAY - 7 * DAY, (RULE,))] * 2
    past = by_date([*waits, waits[1]], date(2026, 10, 19), date(2026, 11, 15), ZONE)
    ahead = coming(past, MONDAY.date(), ZONE, CALENDAR)
    weights = [0.5 ** (weeks / 2) for weeks in (4, 3, 2, 1)]
    assert ahead.weights == pytest.approx(weights)
    assert sum(expected(past, ahead)) == pytest.approx(
        (2 * weights[0] + 3 * weights[3]) / sum(weights)
    )


def test_an_answer_takes_what_lies_between_two_of_a_person_while_somebody_waited() -> None:
    def wait(opened: int, ended: int, agent: int | None = 1) -> Wait:
        seconds = timedelta(seconds=1)
        return Wait(MONDAY + opened * seconds, (RULE,), MONDAY + ended * seconds, agent)

    assert intervals([wait(0, 100), wait(0, 400), wait(0, 500, 2), wait(0, 1000, None)]) == (300.0,)
    assert intervals([wait(0, 100), wait(200, 400)]) == ()  # nobody waited at 100
    assert intervals([wait(0, 100), wait(0, 102), wait(0, 5000)]) == ()  # to many; after a break
    assert intervals([wait(0, 100), wait(0, 200), wait(0, 500)]) == (300.0, 100.0)  # newest first


def test_the_same_seed_gives_the_same_runs_and_another_roster_the_same_messages() -> None:
    opened = [MONDAY - n * timedelta(hours=7) for n in range(1, 60)]
    past = by_date(
        [Wait(at, (RULE,)) for at in opened], date(2026, 10, 31), date(2026, 11, 15), ZONE
    )
    days = [coming(past, MONDAY.date() + n * DAY, ZONE, CALENDAR) for n in range(3)]
    waiting = [Wait(MONDAY - DAY, (RULE,))]
    takes = work((100.0, 300.0), 400)

    def run(seed: int) -> list[Job]:
        return draw(past, days, waiting, MONDAY.timestamp(), takes, Dues(), Random(seed))

    jobs = run(1)
    assert (run(1), run(2) != jobs) == (jobs, True)
    assert {job.work_s for job in jobs} == {200.0, 600.0}  # scaled to the mean
    assert jobs[0].dues == (MONDAY.timestamp(),)
    assert all(job.opened >= MONDAY.timestamp() for job in jobs[1:])


def test_shares_are_counted_over_runs_by_policy_and_by_hour() -> None:
    own = Rule("urgent", Target(1, "h"), CALENDAR)
    jobs = [Job(0, 1, (RULE, own), (100.0, 10.0)), Job(3700, 1, (RULE,), (4000.0,))]
    found = played([jobs, jobs, []], [[50, 4000], [50, 4001], []], 0, 7200, [1])
    assert found.share == interval([1.0, 0.5])
    assert found.waits == pytest.approx(4 / 3)
    assert found.by_policy["urgent"][0].high == 0
    assert found.by_policy["social"][1] == pytest.approx(4 / 3)
    assert found.within == {1: interval([1.0, 1.0])}
    assert found.by_hour == ((2 / 3, 0), (2 / 3, 1 / 3))
    assert weakest(found.by_hour) == [(1, 2)]
    assert weakest([(4, 0), (2, 1.5), (1, 1), (0, 0), (0, 0), (8, 7)]) == [(5, 6), (1, 3)]
    assert weakest([(2, 2), (9, 0), (1, 1), (9, 0), (9, 0), (1, 1)]) == [(0, 3), (5, 6)]
    assert weakest([(4, 0)]) == []
    empty = played([], [], 0, 7200)
    assert (empty.share, empty.waits, empty.median_s, empty.by_hour) == (None, 0, None, ())


def test_business_days_are_due_by_their_calendar() -> None:
    friday = datetime(2026, 11, 20, 12, tzinfo=UTC)
    rules = (Rule("app", Target(1, "bd"), CALENDAR), Rule("b", Target(2, "bh"), CALENDAR))
    ends = [datetime(2026, 11, 24, tzinfo=UTC), friday + timedelta(hours=2)]
    dues = Dues()
    for _ in range(2):  # the second is kept from the first
        found = dues.all(rules, friday.timestamp())
        assert found == tuple(end.timestamp() for end in ends)


DAYS_ROSTER = Roster((Shift("day", "Day", time(9), time(17), ZONE, ((ADA, BO),)),))


def test_a_roster_is_changed_by_leaving_shifts_out_and_adding_people() -> None:
    start = MONDAY.replace(hour=0)
    end = start + 7 * DAY

    def hours(roster: Roster) -> float:
        return person_seconds(staff(roster, start, end), start.timestamp(), end.timestamp()) / 3600

    assert hours(DAYS_ROSTER) == 7 * 16
    assert hours(changed(DAYS_ROSTER, ["day"], [], ZONE)) == 0
    added = [more("2 mon 09:00-17:00"), more("1 Daily 22:00-06:00")]
    assert hours(changed(DAYS_ROSTER, [], added, ZONE)) == 7 * 16 + 16 + 6 + 6 * 8 + 2
    assert [str(one) for one in added] == ["2 mon 09:00-17:00", "1 daily 22:00-06:00"]
    assert str(more("3 tue,mon 08:00-12:00")) == "3 mon,tue 08:00-12:00"
    for wrong in (
        "two mon 09:00-17:00",
        "0 mon 09:00-17:00",
        "2 mo 09:00-17:00",
        "2 mon 9-17",
        "2 mon 25:00-17:00",
    ):
        with pytest.raises(Unclear):
            more(wrong)
    with pytest.raises(Unclear, match="no shift “late”"):
        changed(DAYS_ROSTER, ["late"], [], ZONE)
