"""The planner against a reckoning from the raw rows, hour by hour and minute by minute, that shares
no code with it."""

import random
from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from inbox.domain.planning_changes import more
from inbox.flows import rostering
from inbox.flows.planning import Plan, Side, Wish
from inbox.flows.planning_tests import tried
from inbox.store.session import Store
from tests.clock import MONDAY
from tests.factories import make_brand, make_conversation, make_user
from tests.flows.test_planning import DAY, MINUTE, keep, planned, read

HOUR = timedelta(hours=1)
LISBON = ZoneInfo("Europe/Lisbon")
"""On summer time until five weeks ago."""
TODAY = MONDAY.date()
ADA, BO = "ada@lumenpay.example", "bo@lumenpay.example"
SHIFTS = [
    {"id": "day", "name": "Day", "hours": "08:00-18:00", "people": [ADA]},
    {"id": "night", "name": "Night", "hours": "20:00-04:00", "people": [BO]},
]
ANSWER_H = 0.61
"""How long an answer takes, as the wish says it."""
WAITING = 3
WEEKS = 9


def rows(agent: int) -> list[dict[str, Any]]:
    """Nine weeks: by day more than by night, on Mondays most, and ever more of it."""
    rng = random.Random(11)
    found = []
    for n in range(1, 7 * WEEKS + 1):
        day = MONDAY - n * DAY
        for hour in range(24):
            busy = 1.2 if 8 <= hour < 20 else 0.25
            busy *= 2 if day.weekday() == 0 else 1
            for _ in range(int(busy * (1 - n / 200) + rng.random())):
                at = day.replace(hour=hour) + rng.randrange(60) * MINUTE
                end = min(at + rng.randrange(1, 1_800) * MINUTE, MONDAY)
                found.append({"opened_at": at, "ended_at": end, "agent_id": agent})
    return found


def forecast(raw: list[dict[str, Any]], day: date, known: date) -> list[float]:
    """The hours of a day: of the same weekday in the eight weeks before `known`, of whole days
    since the first message; two weeks older weigh half."""
    said, whole = [0.0] * 24, 0.0
    for back in range(1, 57):
        then = known - back * DAY
        if then.weekday() == day.weekday() and then > TODAY - 7 * WEEKS * DAY:
            weight = 0.5 ** ((day - then).days / 14)
            whole += weight
            for opened in (row["opened_at"].astimezone(LISBON) for row in raw):
                if opened.date() == then:
                    said[opened.hour] += weight
    return [n / whole for n in said]


@dataclass
class Reckoned:
    """A backlog, first in first out: what waits, and what came of each hour in time."""

    queue: deque[list[float]] = field(default_factory=lambda: deque([[-1.0, float(WAITING)]]))
    left: list[float] = field(default_factory=list)
    came: list[float] = field(default_factory=list)
    kept: dict[int, float] = field(default_factory=dict)

    def hour(self, came: float, people: int) -> None:
        now, able = len(self.left), people / ANSWER_H
        self.came.append(came)
        self.queue.append([now, came])
        while self.queue and able > 0:
            since, waits = self.queue[0]
            done = min(waits, able)
            able -= done
            if now - since < 24:
                self.kept[int(since)] = self.kept.get(int(since), 0) + done
            self.queue[0][1] -= done
            if self.queue[0][1] <= 0:
                self.queue.popleft()
        self.left.append(sum(waits for _, waits in self.queue))


def reckoned(raw: list[dict[str, Any]], *, night: bool = True, extra: int = 0) -> Reckoned:
    """From now to the end of the tenth day after; `extra` people come on Mondays from 9 to 17."""
    found, at = Reckoned(), MONDAY
    while at.date() < TODAY + 11 * DAY:
        people = int(8 <= at.hour < 18) + int(night and (at.hour >= 20 or at.hour < 4))
        people += extra * (at.weekday() == 0 and 9 <= at.hour < 17)
        found.hour(forecast(raw, at.date(), TODAY)[at.hour], people)
        at += HOUR
    return found


def share(found: Reckoned, first: int, last: int) -> float:
    return sum(found.kept.get(n, 0) for n in range(first, last)) / sum(found.came[first:last])


def same(side: Side | None, found: Reckoned) -> bool:
    assert side is not None
    many = len(side.hours)
    assert many == 15 + 7 * 24  # what is left of today, and the week
    assert [one.came for one in side.hours] == pytest.approx(found.came[:many])
    assert [one.left for one in side.hours] == pytest.approx(found.left[:many], abs=1e-9)
    assert side.quick == pytest.approx((share(found, 15, 39), share(found, 15, many)))
    return True


@pytest.fixture
def desk(sqlite_store: Store) -> tuple[Store, list[dict[str, Any]]]:
    make_brand(sqlite_store)
    raw = rows(make_user(sqlite_store, "Ada Voss").id)
    make_user(sqlite_store, "Bo Narin")
    rostering.change_shifts(sqlite_store, {"shift": SHIFTS}, actor="ada", now=MONDAY - 80 * DAY)
    keep(sqlite_store, raw)
    for n in range(WAITING):
        make_conversation(sqlite_store, opened_at=MONDAY - (n + 1) * HOUR)
    return sqlite_store, raw


def asked(store: Store, *without: str, extra: str = "") -> Plan:
    added = (more(extra),) if extra else ()
    return planned(store, Wish(without, added, handling_s=ANSWER_H * 3600))


def test_forecast_backlog_and_share_are_those_of_a_reckoning_from_the_rows(
    desk: tuple[Store, list[dict[str, Any]]],
) -> None:
    store, raw = desk
    found = asked(store, "night")
    assert found.waits_now == WAITING
    days = [TODAY + n * DAY for n in range(1, 8)]
    assert [day for day, _ in found.came] == days
    own = [sum(forecast(raw, day, TODAY)) for day in days]
    assert [came for _, came in found.came] == pytest.approx(own)
    assert same(found.now, reckoned(raw))
    assert same(found.changed, reckoned(raw, night=False))
    assert found.now is not None
    assert found.changed is not None
    quick, fewer = found.now.quick[1], found.changed.quick[1]
    assert quick is not None
    assert fewer is not None
    assert fewer < quick - 0.05
    more_people = asked(store, extra="2 mon 09:00-17:00")
    assert same(more_people.changed, reckoned(raw, extra=2))
    assert more_people.changed is not None
    assert more_people.changed.hours[-1].left < found.now.hours[-1].left
    spread = found.changed.week.share
    assert spread is not None
    assert 0 < spread.low < spread.middle < spread.high <= 1
    assert asked(store, "night") == found, "the same seed gives the same intervals"


def test_the_error_on_weeks_that_are_over_is_that_of_the_same_reckoning(
    desk: tuple[Store, list[dict[str, Any]]],
) -> None:
    store, raw = desk
    off = came = 0.0
    for week in range(1, 5):
        start = TODAY - 7 * week * DAY
        for day in (start + n * DAY for n in range(7)):
            real = sum(row["opened_at"].astimezone(LISBON).date() == day for row in raw)
            off += abs(sum(forecast(raw, day, start)) - real)
            came += real
    found = tried(read(store), Wish(handling_s=ANSWER_H * 3600))
    assert found.load_error == pytest.approx(off / came)
    assert found.load_error is not None
    assert found.load_error > 0.05
    assert [week.first for week in found.weeks] == [TODAY - 7 * n * DAY for n in range(1, 5)]


def test_where_nothing_is_left_to_chance_the_simulation_is_a_queue_minute_by_minute(
    sqlite_store: Store,
) -> None:
    """Each day the same: thirty write within two hours and a few at night, twelve minutes each."""
    make_brand(sqlite_store)
    ada = make_user(sqlite_store, "Ada Voss").id
    only_day = {"shift": SHIFTS[:1]}
    rostering.change_shifts(sqlite_store, only_day, actor="ada", now=MONDAY - 80 * DAY)
    minutes = sorted((*range(16 * 60, 18 * 60, 4), 3 * 60, 22 * 60 + 30, 7 * 60 + 59))
    days = [(MONDAY - n * DAY).replace(hour=0) for n in range(1, 57)]
    raw = [
        {"opened_at": day + at * MINUTE, "ended_at": day + (23 * 60 + 12 * n) * MINUTE}
        for day in days
        for n, at in enumerate(minutes)
    ]
    keep(sqlite_store, [row | {"agent_id": ada} for row in raw])
    took_s = 12 * 60
    jobs = [
        datetime.combine(TODAY + n * DAY, MONDAY.timetz().replace(hour=0)) + at * MINUTE
        for n in range(11)
        for at in minutes
    ]
    jobs = [at for at in jobs if at >= MONDAY]
    at, queue, waited, left = MONDAY, deque(jobs), dict[datetime, float](), took_s
    while at.date() < TODAY + 20 * DAY and queue:
        if 8 <= at.hour < 18 and queue[0] <= at:
            left -= 60
            if left == 0:
                begun, left = queue.popleft(), took_s
                waited[begun] = (at + MINUTE - begun).total_seconds()
        at += MINUTE
    found = planned(sqlite_store, Wish(handling_s=took_s)).now
    assert found is not None
    week = sorted(s for at, s in waited.items() if TODAY < at.date() <= TODAY + 7 * DAY)
    assert found.week.share is not None
    assert found.week.waits == len(week)
    assert found.week.share.low == found.week.share.high
    assert found.week.median_s == pytest.approx(median(week))
