"""Whether somebody is there: choice, silence, and signing in again."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.presence import (
    AWAY,
    AWAY_AFTER,
    OFFLINE,
    OFFLINE_AFTER,
    ONLINE,
    PRESENCES,
    Signs,
    choice,
    presence,
)
from tests.clock import MONDAY

MINUTE = timedelta(minutes=1)
instants = st.integers(0, 600).map(lambda minutes: MONDAY - minutes * MINUTE)
maybe = st.none() | instants
signs = st.builds(Signs, st.sampled_from(PRESENCES), maybe, maybe, maybe)


def seen(ago: timedelta, chosen: str = ONLINE, chosen_at: datetime | None = None) -> Signs:
    return Signs(chosen, chosen_at, MONDAY - timedelta(hours=9), MONDAY - ago)


def test_silence_makes_away_and_then_offline() -> None:
    assert presence(seen(AWAY_AFTER - MINUTE), MONDAY) == ONLINE
    assert presence(seen(AWAY_AFTER), MONDAY) == AWAY
    assert presence(seen(OFFLINE_AFTER - MINUTE), MONDAY) == AWAY
    assert presence(seen(OFFLINE_AFTER), MONDAY) == OFFLINE
    assert presence(Signs(), MONDAY) == OFFLINE


def test_a_choice_holds_until_the_next_sign_in() -> None:
    before = MONDAY - timedelta(hours=8)
    assert presence(seen(MINUTE, AWAY, before), MONDAY) == AWAY
    again = Signs(AWAY, before, before + MINUTE, MONDAY)
    assert (choice(again), presence(again, MONDAY)) == (ONLINE, ONLINE)


def test_a_choice_without_a_browser_is_a_sign_of_life() -> None:
    chosen = Signs(ONLINE, MONDAY)
    assert presence(chosen, MONDAY + MINUTE) == ONLINE
    assert presence(chosen, MONDAY + AWAY_AFTER) == AWAY


@given(signs, st.integers(0, 200))
def test_silence_never_raises_what_was_chosen_and_more_of_it_never_helps(
    known: Signs, minutes: int
) -> None:
    now, later = MONDAY, MONDAY + minutes * MINUTE
    order = PRESENCES.index
    assert order(presence(known, now)) >= order(choice(known))
    assert order(presence(known, later)) >= order(presence(known, now))
