"""How often accounts are asked, and what it costs."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.core.contract import Budget, Price, Visibility
from inbox.domain.pace import (
    LONGEST_REST,
    LONGEST_S,
    PASSED_REST,
    Pace,
    answering_cost,
    pace,
    reading_cost,
    rest_until,
)
from tests.clock import MONDAY


def asked(
    silent: timedelta | None = timedelta(minutes=30), *budgets: Budget, calls: int = 2
) -> Pace:
    last = None if silent is None else MONDAY - silent
    return pace(60, 20, last, budgets, calls, MONDAY)


@pytest.mark.parametrize(
    ("silent", "expected"),
    [
        (timedelta(minutes=1), Pace(20, "busy")),
        (timedelta(minutes=30), Pace(60, "usual")),
        (timedelta(hours=3), Pace(120, "quiet")),
        (timedelta(days=2), Pace(240, "asleep")),
        (None, Pace(240, "asleep")),
    ],
)
def test_quiet_accounts_are_asked_less_and_busy_ones_more(
    silent: timedelta | None, expected: Pace
) -> None:
    assert asked(silent) == expected


def test_a_quota_is_spread_until_it_resets() -> None:
    """15 calls left for 15 minutes at 3 a poll: 4 polls, with a fifth left to others."""
    left = Budget("direct messages", 15, 15, MONDAY + timedelta(minutes=15))
    assert asked(timedelta(0), left, calls=3) == Pace(225, "quota")


def test_a_quota_that_is_gone_waits_for_its_reset() -> None:
    gone = Budget("calls", 100, 0, MONDAY + timedelta(minutes=10))
    assert asked(timedelta(0), gone).interval_s == 600


def test_a_quota_that_runs_low_without_a_known_reset_slows_down() -> None:
    assert asked(timedelta(0), Budget("percent", 100, 10)) == Pace(120, "quota")


@given(
    st.floats(1, 10_000),
    st.floats(0, 10_000),
    st.integers(0, 100),
    st.floats(0, 100_000),
    st.integers(0, 200_000),
)
def test_the_interval_is_never_shorter_than_the_busy_one_nor_endless(
    remaining: float, limit: float, calls: int, reset_s: float, silent_s: int
) -> None:
    budget = Budget("q", limit, remaining, MONDAY + timedelta(seconds=reset_s))
    found = pace(60, 20, MONDAY - timedelta(seconds=silent_s), [budget], calls, MONDAY)
    assert 20 <= found.interval_s <= LONGEST_S


def test_the_estimate_is_items_answers_and_what_each_day_costs() -> None:
    price = Price("a list", {"dms": 0.01}, {"dms": 0.2}, {Visibility.PUBLIC: 0.015})
    assert reading_cost(price, {"dms": 30, "mentions": 500}) == pytest.approx(0.5)
    assert answering_cost(price, {"public": 10, "private": 4}) == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("told", "rest"),
    [
        (MONDAY + timedelta(minutes=15), timedelta(minutes=15)),
        (datetime.max.replace(tzinfo=UTC), LONGEST_REST),
        (datetime.min.replace(tzinfo=UTC), PASSED_REST),
        (MONDAY, PASSED_REST),
        (None, timedelta(seconds=900)),
    ],
)
def test_no_word_of_a_platform_silences_an_account_for_longer_than_a_day(
    told: datetime | None, rest: timedelta
) -> None:
    assert rest_until(told, MONDAY, 900) == MONDAY + rest
