"""A row that stands is made anew whenever the time changes what it shows."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.store.tables import Conversation
from inbox.web import list_view
from inbox.web.list_view import Standing, at_now
from inbox.web.pages import SOON_S
from inbox.web.style_people import sample_rows
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation, make_user
from tests.web.serving import Site

STILL = replace(sample_rows()[0], complaint_late=False)
STEP = 0.0002
"""By so much a line may be behind: what it is drawn in, and its rounding."""


def standing(target: timedelta, complaint_due_at: datetime | None = None) -> Standing:
    """A row that waits for an answer since Monday."""
    found: Any = SimpleNamespace(
        status="open",
        opened_at=MONDAY,
        due_at=MONDAY + target,
        internal_due_at=None,
        window_closes_at=None,
        complaint_due_at=complaint_due_at,
    )
    return Standing(found, replace(STILL, complaint_due_at=complaint_due_at))


def is_true(one: Standing, now: datetime) -> None:
    shown, anew = one.at(now), at_now(one.found, one.still, now)
    behind = anew.clock.used - shown.clock.used
    assert abs(behind) <= STEP
    assert replace(shown, clock=replace(shown.clock, used=anew.clock.used)) == anew


@given(
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30)),
    st.none() | st.timedeltas(min_value=-timedelta(days=1), max_value=timedelta(days=40)),
    st.lists(st.timedeltas(min_value=-timedelta(hours=1), max_value=timedelta(days=41))),
)
def test_it_says_at_every_moment_what_a_row_made_then_says(
    target: timedelta, complaint: timedelta | None, moments: list[timedelta]
) -> None:
    """Whatever the order: two pages may be asked for at once."""
    one = standing(target, None if complaint is None else MONDAY + complaint)
    for after in moments:
        is_true(one, MONDAY + after)


@pytest.mark.parametrize("hours", [24 - SOON_S / 3600, 23, 24])
def test_it_turns_to_the_microsecond(hours: float) -> None:
    """When it is soon due, when the complaint on it is, and when it is itself."""
    one = standing(timedelta(hours=24), MONDAY + timedelta(hours=23))
    for off in range(-2, 3):
        is_true(one, MONDAY + timedelta(hours=hours, microseconds=off))


def test_it_is_made_once_while_nothing_changes() -> None:
    one = standing(timedelta(hours=24))
    now = MONDAY + timedelta(hours=1)
    assert one.at(now) is one.at(now + timedelta(seconds=8))
    assert one.at(now) is not one.at(now + timedelta(seconds=9))


def test_a_row_that_still_says_the_same_is_not_made_again_after_a_write(site: Site) -> None:
    """Of all that is read again only the row that was changed is another; and each reader has
    their own, which tells whose it is."""
    account, ada, bo = make_account(site.store), 101, 102
    ids = [make_conversation(site.store, account, name=f"No {n}").id for n in range(2)]

    def shown(me: int) -> dict[int, Standing]:
        with site.store.read() as session:
            return {one.still.id: one for one in list_view.standing(session, "due", me, None)[0]}

    first, theirs = shown(ada), shown(bo)
    with site.store.write() as session:
        session.get_one(Conversation, ids[0]).assignee_id = make_user(site.store, "Bo").id
    again = shown(ada)
    assert again[ids[1]] is first[ids[1]] is not theirs[ids[1]]
    assert (first[ids[0]].still.owner, again[ids[0]].still.owner is None) == (None, False)
