"""Pauses and the end of a matter follow from facts, whatever order they came in."""

from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.domain import case_clocks as rules
from inbox.domain.calendars import ALL_DAY, CLOSED, Calendar, Slot
from inbox.domain.pauses import Pause, episodes, pauses, ran, reached, within
from inbox.domain.promises import Promise
from inbox.domain.sla import Policy, Target, due_at
from inbox.domain.turns import fold, open_turn
from tests.domain.test_states import ACTS, Acts, Told, at, played

HOUR = timedelta(hours=1)
OFFICE = Calendar("office", 1, "Europe/Lisbon", (((Slot(time(9), time(18)),),) * 5 + (CLOSED,) * 2))
ALWAYS = Calendar("always", 1, "UTC", (ALL_DAY,) * 7)


def stopped(told: Told) -> list[Pause]:
    return pauses(fold(told.facts), told.moves, told.facts)


def say(told: Told) -> list[tuple[str, str, int, int | None]]:
    """(on whom, why, from, to) with minutes since the start."""

    def minute(instant: datetime) -> int:
        return int((instant - at(0)) / timedelta(minutes=1))

    return [
        (p.on, p.why, minute(p.since), None if p.until is None else minute(p.until))
        for p in stopped(told)
    ]


def test_an_answer_puts_it_on_the_customer_until_they_write() -> None:
    told = played([("says", 0), ("answers", None), ("says", 0), ("answers", None)])
    assert say(told) == [("customer", "answered", 2, 3), ("customer", "answered", 4, None)]
    assert stopped(told)[0].by == "ada"


def test_a_step_says_on_whom_it_is_and_who_said_so() -> None:
    told = played([("says", 0), ("answers", None), ("step", "third"), ("step", "reopen")])
    assert say(told) == [("customer", "answered", 2, 3), ("third", "third", 3, 4)]


def test_an_answer_to_what_was_opened_again_puts_it_back_on_the_customer() -> None:
    told = played([("says", 0), ("answers", None), ("step", "reopen"), ("answers", None)])
    assert say(told) == [("customer", "answered", 2, 3), ("customer", "answered", 4, None)]


def test_an_answer_that_fails_was_no_pause() -> None:
    assert say(played([("says", 0), ("answers", 3)])) == []


@pytest.mark.parametrize("kind", ["snooze", "resolve"])
def test_a_snooze_or_a_resolution_that_is_taken_back_moves_it_to_nobody(kind: str) -> None:
    told = played([("says", 0), ("answers", None), ("step", kind), ("step", "reopen")])
    assert say(told) == [("customer", "answered", 2, 4)]


def test_parking_a_customer_who_waits_pauses_with_the_steps_reason() -> None:
    told = played([("says", 0), ("step", "third")])
    assert say(told) == [("third", "third", 2, None)]


def test_a_resolution_ends_the_episode_and_the_next_message_begins_another() -> None:
    told = played([("says", 0), ("answers", None), ("step", "resolve"), ("says", 0)])
    first, second = episodes(fold(told.facts), told.moves)
    assert (first.end, first.ended_at, first.agent) == ("resolved", at(3), "ada")
    assert (second.end, second.turns[0].opened_at) == (None, at(4))


def test_a_reopened_matter_goes_on_and_spam_is_excused() -> None:
    told = played([("says", 0), ("answers", None), ("step", "resolve"), ("step", "reopen")])
    assert episodes(fold(told.facts), told.moves)[0].end is None
    told.step("spam")
    assert episodes(fold(told.facts), told.moves)[0].end == "excused"


def test_what_nobody_saw_at_the_resolution_keeps_the_matter_open_until_it_is_answered() -> None:
    told = played([("says", 0), ("answers", None), ("step", "resolve")])
    told.says(late=1)  # dated at the resolution, stored after it
    assert episodes(fold(told.facts), told.moves)[0].end is None
    told.answers()
    assert episodes(fold(told.facts), told.moves)[0].end is None
    told.step("resolve")
    assert episodes(fold(told.facts), told.moves)[0].ended_at == at(6)


@given(ACTS, st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_pauses_and_ends(acts: Acts, rng: Random) -> None:
    told = played(acts)
    before = stopped(told), episodes(fold(told.facts), told.moves)
    rng.shuffle(told.facts)
    rng.shuffle(told.moves)
    assert (stopped(told), episodes(fold(told.facts), told.moves)) == before


@given(ACTS)
def test_the_last_stretch_is_what_the_state_says(acts: Acts) -> None:
    told = played(acts)
    found = stopped(told)
    now = found[-1].on if found and found[-1].until is None else None
    expected = {"waiting": "customer", "third": "third", "open": None}
    if told.facts and told.state in expected and fold(told.facts):
        assert now == expected[told.state]
    turns = fold(told.facts)
    last = episodes(turns, told.moves)[-1:]
    ended = [one.end for one in last] in (["resolved"], ["excused"])
    assert ended == (bool(turns) and told.state in ("resolved", "spam"))
    if open_turn(turns):
        assert now is None


@given(ACTS)
def test_pauses_are_in_order_and_apart(acts: Acts) -> None:
    edges = [(p.since, p.until or datetime.max.replace(tzinfo=UTC)) for p in stopped(played(acts))]
    flat = [instant for edge in edges for instant in edge]
    assert flat == sorted(flat)
    assert all(since < until for since, until in edges)


SPANS = st.lists(st.integers(0, 20_000), max_size=6, unique=True).map(sorted)
CALENDARS = st.sampled_from([None, OFFICE, ALWAYS])


def cut(edges: list[int]) -> list[Pause]:
    """Pauses between pairs of minutes; an odd one lasts."""
    ends: list[datetime | None] = [at(m) for m in edges[1::2]]
    ends += [None] * (len(edges[::2]) - len(ends))
    starts = [at(m) for m in edges[::2]]
    return [Pause("third", a, b, "third") for a, b in zip(starts, ends, strict=True)]


@given(SPANS, st.integers(1, 9000), CALENDARS)
def test_what_was_reached_has_run_and_no_less_would_have(
    edges: list[int], minutes: int, calendar: Calendar | None
) -> None:
    amount, found = timedelta(minutes=minutes), cut(edges)
    due = reached(at(0), amount, calendar, found)
    if due is None:
        assert found[-1].until is None
        assert ran(at(0), found[-1].since, calendar, found) < amount
    else:
        assert ran(at(0), due, calendar, found) == amount
        assert ran(at(0), due - timedelta(microseconds=1), calendar, found) < amount


def test_what_has_run_in_full_when_a_pause_begins_is_due_right_then() -> None:
    lasting = [Pause("third", at(60), None, "third")]
    assert reached(at(0), HOUR, None, lasting) == at(60)
    assert reached(at(0), HOUR + timedelta(microseconds=1), None, lasting) is None


@given(SPANS, st.integers(1, 9000))
def test_a_pause_moves_the_due_time_on_by_what_it_took(edges: list[int], minutes: int) -> None:
    amount, found = timedelta(minutes=minutes), cut(edges)
    due = reached(at(0), amount, None, found)
    if due is not None:
        lost = [p.until - p.since for p in within(found, at(0), due) if p.until]
        assert due == at(0) + amount + sum(lost, timedelta())


@pytest.mark.parametrize("target", ["24h", "90m", "3bd", "8bh"])
def test_without_pauses_it_is_due_when_an_answer_would_be(target: str) -> None:
    policy = Policy("p", 1, "P", Target.parse(target), until="resolved")
    promise = Promise(policy, policy.target, OFFICE, due_at(at(0), policy.target, OFFICE))
    clock = rules.case_clock("resolution:p", 1, at(0), promise, ())
    assert clock.due_at == promise.due_at
    steps = rules.steps(clock)
    assert [step.part for step in steps] == [50, 75, 90, 100]
    assert steps[-1].at == clock.due_at
    assert [step.at for step in steps] == sorted(step.at for step in steps)


@pytest.mark.parametrize(
    ("end", "ended", "due", "says"),
    [
        (None, None, 10, "running"),
        (None, None, 5, "overdue"),
        (None, None, None, "paused"),
        ("resolved", 4, 4, "kept"),
        ("resolved", 5, 4, "breached"),
        ("resolved", 4, None, "kept"),
        ("answered", 4, 10, "kept"),
        ("excused", 4, 10, "excused"),
        ("withdrawn", 4, None, "withdrawn"),
        ("withdrawn", 5, 4, "breached"),
        ("resolved", 6, 10, "running"),
    ],
)
def test_the_outcome_follows_from_times(
    end: str | None, ended: int | None, due: int | None, says: str
) -> None:
    instants = [None if minute is None else at(minute) for minute in (ended, due)]
    assert rules.outcome(end, instants[0], instants[1], at(5)) == says
