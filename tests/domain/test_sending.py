"""When an answer leaves: what speaks against a chosen time, and how long one can be taken back."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.outbox import MOVES, STOPPED, WITHDRAWN
from inbox.domain.sending import FARTHEST, MOST_UNDO_S, held_until, offered, problem
from tests.clock import MONDAY

HOUR = timedelta(hours=1)
SPANS = st.timedeltas(-3 * FARTHEST, 3 * FARTHEST)


@pytest.mark.parametrize(
    ("at", "due", "closes", "found"),
    [
        (0, 5, 5, "past"),
        (1, 5, 5, None),
        (5, 5, 9, None),  # at the due time it is in time
        (6, 5, 9, "late"),
        (9, 5, 9, "window"),
        (6, None, None, None),
        (24 * 61, None, None, "far"),
    ],
)
def test_a_chosen_time_is_weighed(
    at: int, due: int | None, closes: int | None, found: str | None
) -> None:
    due_at = MONDAY + due * HOUR if due is not None else None
    closes_at = MONDAY + closes * HOUR if closes is not None else None
    assert problem(MONDAY + at * HOUR, MONDAY, due_at, closes_at) == found


@given(SPANS, SPANS, SPANS)
def test_no_time_without_a_problem_is_past_shut_or_late(
    at: timedelta, due: timedelta, closes: timedelta
) -> None:
    if problem(MONDAY + at, MONDAY, MONDAY + due, MONDAY + closes) is None:
        assert timedelta(0) < at <= due
        assert at < closes


def test_what_is_offered_says_what_speaks_against_it() -> None:
    found = offered(MONDAY, "UTC", MONDAY + 4 * HOUR, MONDAY + 48 * HOUR)
    assert {name: wrong for name, (_, wrong) in found.items()} == {
        "later": None,
        "tomorrow": "late",
        "monday": "window",
    }


def test_taking_back_can_be_switched_off_and_has_an_end() -> None:
    assert held_until(MONDAY, 0) is None
    assert held_until(MONDAY, 10) == MONDAY + timedelta(seconds=10)
    assert held_until(MONDAY, 999) == MONDAY + timedelta(seconds=MOST_UNDO_S)


def test_what_was_taken_back_goes_nowhere_and_a_stopped_one_leaves_by_a_person_only() -> None:
    assert [event for state, event in MOVES if state == WITHDRAWN] == []
    assert {event for state, event in MOVES if state == STOPPED} == {"taken_back", "send_again"}
