"""Repeating dates: the same as another reading of the standard, and never without end."""

from datetime import date, datetime, time
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import vRecur

from inbox.domain.calendars import DAY
from inbox.domain.ical_rules import CannotRepeat, Purse, TooMuch, _period, dates, rule

DAYS = st.lists(
    st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), max_size=3, unique=True
)
ORDINALS = st.lists(
    st.sampled_from(["1MO", "2TU", "-1FR", "3SU", "-2WE", "SA"]), max_size=3, unique=True
)
MONTH_DAYS = st.lists(st.sampled_from([1, 15, 28, 29, 31, -1, -3]), max_size=3, unique=True)
MONTHS = st.lists(st.integers(1, 12), max_size=3, unique=True)


@st.composite
def rules(draw: st.DrawFn) -> str:
    every = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts: dict[str, list[Any]] = {"INTERVAL": [draw(st.integers(1, 4))], "BYMONTH": draw(MONTHS)}
    days: list[Any] = draw(ORDINALS if every in ("MONTHLY", "YEARLY") else DAYS)
    if every != "YEARLY" or parts["BYMONTH"]:
        parts["BYDAY"] = days
    if every != "WEEKLY":
        parts["BYMONTHDAY"] = draw(MONTH_DAYS)
    if draw(st.booleans()):
        parts["COUNT"] = [draw(st.integers(1, 40))]
    if every == "WEEKLY":
        parts["WKST"] = [draw(st.sampled_from(["MO", "SU"]))]
    if any(parts.get(name) for name in ("BYDAY", "BYMONTHDAY")) and draw(st.booleans()):
        parts["BYSETPOS"] = [draw(st.sampled_from([1, 2, -1]))]
    said = [f"{k}={','.join(map(str, v))}" for k, v in parts.items() if v]
    return ";".join([f"FREQ={every}", *said])


@settings(max_examples=60, derandomize=True)
@given(rules(), st.dates(date(2023, 1, 1), date(2027, 1, 1)), st.integers(0, 500))
def test_the_dates_are_those_of_another_reading(text: str, first: date, later: int) -> None:
    """Where the beginning is one of the rule's own dates, as the standard asks."""
    said = rule(vRecur.from_ical(text), None)
    if first not in _period(said, first, 0)[1]:
        return  # the other would look for it until the year 9999
    start, end = (datetime.combine(first + n * DAY, time()) for n in (later, later + 400))
    known = rrulestr(text, dtstart=datetime.combine(first, time()))
    expected = [one.date() for one in known.between(start, end, inc=True)]
    assert list(dates(said, first, start.date(), end.date(), Purse())) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("FREQ=HOURLY", "FREQ=SECONDLY;COUNT=9", "FREQ=DAILY;BYHOUR=1,2,3", "INTERVAL=2"),
        *("FREQ=DAILY;INTERVAL=0", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=YEARLY;BYYEARDAY=100"),
        *("FREQ=YEARLY;BYDAY=20MO", "FREQ=DAILY;COUNT=99999999", "FREQ=WEEKLY;BYDAY=XX"),
    ],
)
def test_what_is_finer_than_days_or_unheard_of_is_refused(text: str) -> None:
    with pytest.raises((CannotRepeat, ValueError)):
        rule(vRecur.from_ical(text), None)


def test_a_rule_that_never_fits_or_began_long_ago_costs_no_more_than_the_purse() -> None:
    first, start, end = date(1601, 1, 1), date(2026, 1, 1), date(2027, 1, 1)
    never = rule(vRecur.from_ical("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), None)
    purse = Purse(500)
    assert list(dates(never, first, start, end, purse)) == []
    assert purse.steps > 0
    counted = rule(vRecur.from_ical("FREQ=DAILY;COUNT=900000"), None)
    with pytest.raises(TooMuch):
        list(dates(counted, first, start, end, Purse(500)))
    assert list(dates(never, date(9999, 12, 1), start, date.max, Purse())) == [date(9999, 12, 1)]


def test_what_a_rule_says_twice_makes_no_step_of_it_longer() -> None:
    once = "FREQ=MONTHLY;BYDAY=-1MO;BYMONTHDAY=1;BYMONTH=2;BYSETPOS=1"
    said = dict(one.split("=") for one in once.split(";"))
    many = {key: [value] * (1 if key == "FREQ" else 1000) for key, value in said.items()}
    assert rule(many, None) == rule(vRecur.from_ical(once), None)
