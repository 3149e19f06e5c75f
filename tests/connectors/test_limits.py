"""Platforms' words about when a quota resets, sane or not."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._graph import BUSINESS_USAGE, read_usage
from connectors.core.errors import RateLimited
from connectors.core.limits import LONGEST, instant
from connectors.reddit.client import refusal
from tests.clock import MONDAY

A_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("told", "after"),
    [
        ("60", timedelta(minutes=1)),
        (str(int(MONDAY.timestamp()) + 900), timedelta(minutes=15)),
        ((MONDAY + timedelta(hours=24)).isoformat(), timedelta(hours=24)),
        ("-30", timedelta(seconds=-30)),
        ("soon", None),
        ("", None),
        ("9999-12-31T23:59:59Z", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("253402300799", None),
        ("1e300", None),
        ("-1e300", None),
        ("99999999", None),
    ],
)
def test_a_reset_is_believed_within_the_longest_quota_of_any_platform(
    told: str, after: timedelta | None
) -> None:
    assert instant(told, MONDAY) == (None if after is None else MONDAY + after)


@given(st.one_of(st.text(), st.floats().map(str), st.datetimes().map(str)))
def test_no_word_about_a_reset_leads_beyond_it(told: str) -> None:
    at = instant(told, MONDAY)
    assert at is None or abs(at - MONDAY) <= LONGEST


@pytest.mark.parametrize("minutes", [10**11, -5, 1e300, "soon"])
def test_meta_makes_us_wait_a_day_at_most(minutes: object) -> None:
    use = {"type": "messenger", "call_count": 100, "estimated_time_to_regain_access": minutes}
    header = {BUSINESS_USAGE: json.dumps({"1": [use]})}
    waits = [b.resets_at for b in read_usage(header, MONDAY)]
    assert all(at is None or at - MONDAY <= A_DAY for at in waits)


@pytest.mark.parametrize("seconds", [float("nan"), 1e300, -1e300, 10**400, "soon", None])
def test_reddit_makes_us_wait_a_day_at_most(seconds: object) -> None:
    body = {"json": {"errors": [["RATELIMIT", "wait", "ratelimit"]], "ratelimit": seconds}}
    limited = refusal(body, MONDAY)
    assert isinstance(limited, RateLimited)
    assert limited.resets_at is None or timedelta(0) <= limited.resets_at - MONDAY <= A_DAY
