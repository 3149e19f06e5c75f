"""What stands open at an instant: late now, and due next."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from inbox.domain.turns import End
from reports.document import LATE_LISTED, Today, Waiting
from reports.figures import MessageRow, Period, TurnRow, backlog, due_by, late_now
from reports.sums import Sums
from reports.tallies import tally
from tests.reports.office import at


def turn(opened: float, due: float, end: End | None = None, ended: float | None = None) -> TurnRow:
    ended_at: datetime | None = None if ended is None else at(ended)
    tag = ("payment", "normal")
    row = ("x", "@lumen", *tag, "en", 1, at(opened), at(due), end, ended_at)
    return TurnRow(1, *row, agent=None, outside=False, is_first=True, reason=None)


def test_late_are_those_open_past_their_time_the_longest_first() -> None:
    brief, long = turn(0, 4), turn(1, 3)
    kept, excused = turn(0, 4, "answered", 2), turn(0, 4, "excused", 5)
    ended_later = turn(0, 2, "answered", 9)
    rows = [brief, long, kept, excused, ended_later, turn(0, 6)]
    assert late_now(rows, at(5)) == (ended_later, long, brief)


def test_one_due_at_this_very_instant_is_late_and_no_longer_due() -> None:
    assert late_now([turn(0, 4)], at(4)) == (turn(0, 4),)
    assert due_by([turn(0, 4)], at(9), at(4)) == 0


def test_due_next_are_those_open_before_their_time_up_to_the_moment() -> None:
    rows = [turn(0, 5), turn(0, 6), turn(0, 7), turn(0, 5, "answered", 1)]
    assert due_by(rows, at(7), at(2)) == 2


def test_a_message_yet_to_come_does_not_stand() -> None:
    assert due_by([turn(3, 5)], at(7), at(2)) == 0
    assert due_by([turn(3, 5)], at(7), at(3)) == 1


def waiting(n: int, rng: random.Random) -> Waiting:
    opened, due, ended = (at(rng.randrange(9)) for _ in range(3))
    over = rng.random() < 0.3
    return Waiting(n, n, opened, due, "answered" if over else None, ended if over else None)


@pytest.mark.parametrize("some", [1, 7, 40, 300])
def test_what_stands_is_the_same_counted_some_at_a_time(some: int) -> None:
    rng = random.Random(some)
    turns = [waiting(n, rng) for n in range(150)]
    today = Today(at(5), end=at(8), noon=at(7))
    for place in range(0, len(turns), some):
        today.add(turns[place : place + some])
    late = late_now(turns, at(5))
    assert (today.late, today.listed) == (len(late), [row.id for row in late[:LATE_LISTED]])
    assert len(late) > LATE_LISTED
    assert today.due == due_by(turns, at(8), at(5))
    assert today.due_before_noon == due_by(turns, at(7), at(5))
    assert dict(today.backlog) == backlog(turns, at(5))


def test_an_hour_is_that_of_the_clocks_of_the_zone_and_twice_where_they_show_it_twice() -> None:
    night = datetime(2026, 10, 25, tzinfo=UTC)  # Lisbon shows 01:00 to 02:00 twice
    hour = timedelta(hours=1)
    rows = [
        MessageRow(1, "x", "@lumen", None, None, None, night + n * hour / 2) for n in range(-1, 5)
    ]
    period = Period(night - hour, night + 2 * hour, night + 9 * hour)

    def arrivals(period: Period, zone: str) -> dict[str, int]:
        hours = Sums(tally((), rows, period, zone), period.as_of).by_hour()
        return {hour: found["received"] for hour, found in hours.items()}

    assert arrivals(period, "Europe/Lisbon") == {"sun 00": 1, "sun 01": 4}
    assert arrivals(replace(period, as_of=night), "UTC") == {"sun 00": 1, "sat 23": 1}
