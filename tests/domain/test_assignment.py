"""Who gets which conversation, by language, skill and room; and what goes back."""

from dataclasses import replace
from datetime import time, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.assignment import (
    OVERTIME,
    Held,
    Waiting,
    Worker,
    fitting,
    give,
    to_take_back,
)
from inbox.domain.roster import Roster, Shift
from tests.clock import MONDAY

HOUR = timedelta(hours=1)
LANGUAGES, CATEGORIES = ("en", "es", "zh"), ("refund", "security")

sets = st.frozensets
workers = st.lists(
    st.builds(
        Worker,
        id=st.integers(1, 9),
        is_there=st.booleans(),
        open=st.integers(0, 4),
        capacity=st.integers(0, 4),
        languages=sets(st.sampled_from(LANGUAGES)),
        skills=sets(st.sampled_from(CATEGORIES)),
        teams=sets(st.integers(1, 2)),
    ),
    max_size=6,
    unique_by=lambda worker: worker.id,
)
waiting = st.lists(
    st.builds(
        Waiting,
        id=st.integers(1, 99),
        due_at=st.integers(0, 9).map(lambda n: MONDAY + n * HOUR),
        language=st.none() | st.sampled_from(LANGUAGES),
        category=st.none() | st.sampled_from(CATEGORIES),
        team=st.none() | st.integers(1, 2),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)


@given(waiting, workers, st.randoms(use_true_random=False))
def test_nobody_gets_more_than_they_take_or_anything_while_not_there(
    queue: list[Waiting], people: list[Worker], rng: Random
) -> None:
    found = give(queue, people)
    known = {worker.id: worker for worker in people}
    assert len({one.conversation for one in found}) == len(found)
    for worker in people:
        count = sum(one.worker == worker.id for one in found)
        assert count == 0 or (worker.is_there and worker.open + count <= worker.capacity)
    for one in found:
        asked = next(w for w in queue if w.id == one.conversation)
        there = [worker for worker in people if worker.is_there]
        assert known[one.worker] in fitting(asked, there)
        assert asked.team is None or asked.team in known[one.worker].teams
    shuffled, others = list(queue), list(people)
    rng.shuffle(shuffled)
    rng.shuffle(others)
    assert give(shuffled, others) == found


@given(waiting, workers)
def test_the_oldest_due_comes_first_and_what_stays_has_only_full_people(
    queue: list[Waiting], people: list[Worker]
) -> None:
    found = give(queue, people)
    due = {one.id: (one.due_at, one.id) for one in queue}
    order = [due[one.conversation] for one in found]
    assert order == sorted(order)
    left = {one.conversation for one in found}
    there = [worker for worker in people if worker.is_there]
    after = {w.id: w.open + sum(one.worker == w.id for one in found) for w in there}
    for one in queue:
        if one.id not in left:
            assert all(after[worker.id] >= worker.capacity for worker in fitting(one, there))
    assert give([one for one in queue if one.id not in left], _later(there, after)) == []


def _later(there: list[Worker], after: dict[int, int]) -> list[Worker]:
    return [replace(worker, open=after[worker.id]) for worker in there]


def test_the_fewest_open_gets_it_and_a_tie_goes_to_the_first() -> None:
    ann, bo = Worker(1, True, open=2), Worker(2, True, open=1)
    queue = [Waiting(7, MONDAY + HOUR), Waiting(8, MONDAY), Waiting(9, MONDAY + 2 * HOUR)]
    found = [(one.conversation, one.worker, one.open) for one in give(queue, [ann, bo])]
    assert found == [(8, 2, 2), (7, 1, 3), (9, 2, 3)]


def test_a_language_that_only_full_people_speak_waits_for_them() -> None:
    full = Worker(1, True, open=3, capacity=3, languages=frozenset({"es"}))
    other = Worker(2, True, languages=frozenset({"en"}))
    spanish = Waiting(1, MONDAY, "es")
    assert give([spanish], [full, other]) == []
    (got,) = give([spanish], [replace(full, is_there=False), other])
    assert (got.worker, got.language) == (2, None)  # nobody at work speaks it: anybody helps
    (got,) = give([spanish], [replace(full, open=1), other])
    assert (got.worker, got.language, got.open, got.capacity) == (1, "es", 2, 3)


def test_nothing_waits_for_who_takes_none_at_all() -> None:
    lead = Worker(1, True, capacity=0)  # speaks any language
    other = Worker(2, True, languages=frozenset({"en"}))
    assert [one.worker for one in give([Waiting(1, MONDAY, "es")], [lead, other])] == [2]
    assert give([Waiting(1, MONDAY, "es")], [lead]) == []


DAY = Shift("day", "Day", time(8), time(16), "UTC", (("ann", "bo"),))
LATE = Shift("late", "Late", time(16), time(23), "UTC", (("bo",),))
ROSTER = Roster((DAY, LATE))
FOUR = MONDAY.replace(hour=16, minute=0)


def back(*held: Held, minutes: int = 0) -> list[str]:
    found = to_take_back(held, ROSTER, FOUR + timedelta(minutes=minutes))
    return [one.person for one in found]


def test_what_is_held_goes_back_when_the_shift_has_ended() -> None:
    held = Held(1, "ann", FOUR - HOUR)
    assert back(held, minutes=-1) == []
    assert back(held) == ["ann"]
    assert back(Held(2, "bo", FOUR - HOUR)) == []  # has the next shift as well
    assert back(replace(held, is_busy=True), minutes=600) == []


def test_who_is_still_at_the_desk_has_a_while_to_finish() -> None:
    held = Held(1, "ann", FOUR - HOUR, is_online=True)
    assert back(held, minutes=29) == []
    assert back(held, minutes=int(OVERTIME.total_seconds() // 60)) == ["ann"]


def test_what_was_taken_outside_a_shift_stays() -> None:
    assert back(Held(1, "ann", FOUR + HOUR), minutes=120) == []
    assert back(Held(1, "cy", FOUR - HOUR), minutes=120) == []
