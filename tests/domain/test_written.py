"""Policies and calendars as people write them: read, written again, and refused with a reason."""

import tomllib
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.domain import toml, written
from inbox.domain.calendars import ALL_DAY, CLOSED, Calendar, Slot
from inbox.domain.written import Unclear

CALENDAR = """
zone = "Europe/Lisbon"
countries = ["PT"]
[hours]
monday = "09:00-12:30 13:30-18:00"
tuesday = "open"
sunday = "closed"
[days]
2026-12-24 = "closed Christmas Eve"
2026-12-31 = "09:00-12:00 short day"
"""
POLICIES = """
[[policy]]
id = "refunds"
name = "Refunds"
first = "8bh"
next = "1bd"
calendar = "office"
categories = ["refund"]
warn_at = [50, 90]
[[policy]]
id = "all"
name = "Everything else"
first = "24h"
"""


def office(text: str = CALENDAR, **more: Any) -> Calendar:
    return written.calendar("office", 1, tomllib.loads(text), "UTC", **more)


def test_a_calendar_reads_as_it_is_written() -> None:
    made = office()
    assert made.zone == "Europe/Lisbon"
    lunch = (Slot(time(9), time(12, 30)), Slot(time(13, 30), time(18)))
    assert made.week == (lunch, ALL_DAY, *(CLOSED,) * 5)
    eve, short = (made.days[date(2026, 12, day)] for day in (24, 31))
    assert (eve.hours, eve.name, eve.kind) == (CLOSED, "Christmas Eve", "team")
    assert (short.hours, short.name) == ((Slot(time(9), time(12)),), "short day")


def test_an_empty_calendar_is_monday_to_friday_on_the_brands_clock() -> None:
    made = written.calendar("c", 1, {}, "Asia/Shanghai")
    assert (made.zone, made.week) == ("Asia/Shanghai", (ALL_DAY,) * 5 + (CLOSED,) * 2)


def test_a_teams_own_day_wins_over_a_make_up_day_and_this_over_a_holiday() -> None:
    day = "2026-12-26"  # a Saturday
    make_up: Any = [(day, "make-up", "for Friday"), (day, "holiday", "St Stephen")]
    assert office(published=make_up).days[date(2026, 12, 26)].hours == office().week[0]
    closed = CALENDAR.replace("2026-12-24", day)
    assert office(closed, published=make_up).days[date(2026, 12, 26)].name == "Christmas Eve"


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("Europe/Lisbon", "Europe/Lissabon", "“Europe/Lissabon” is no time zone"),
        ("Europe/Lisbon", "../etc", "is no time zone"),
        ("monday", "mnday", "hours: “mnday” means nothing"),
        ("zone", "zones", "“zones” means nothing"),
        ("09:00-12:30", "9-12", "hours, monday: “9-12 13:30-18:00” are no hours"),
        ("09:00-12:30", "12:00-09:00", "“12:00-09:00” is no span of a day"),
        ("12:30", "25:30", "“09:00-25:30” is no span of a day"),
        ("12:30 13:30", "14:30 13:30", "overlap"),
        ("2026-12-24", "2026-13-24", "“2026-13-24” is no date"),
        ("closed Christmas Eve", "closed", "2026-12-24: write the hours and why"),
        ("closed Christmas Eve", "Christmas Eve", "2026-12-24: write the hours and why"),
        ('["PT"]', '"PT"', "countries: write a list of words"),
    ],
)
def test_a_calendar_with_a_slip_of_the_pen_is_refused(before: str, after: str, says: str) -> None:
    with pytest.raises(Unclear) as refused:
        office(CALENDAR.replace(before, after))
    assert says in str(refused.value)


def test_a_calendar_that_is_never_open_is_refused() -> None:
    with pytest.raises(Unclear, match="less than an hour a week"):
        office("[hours]\nmonday = '09:00-09:30'")


def test_policies_read_as_they_are_written() -> None:
    refunds, rest = written.policies(tomllib.loads(POLICIES), 4)
    assert (refunds.id, refunds.version, str(refunds.target)) == ("refunds", 4, "8bh")
    assert (str(refunds.next_target), refunds.calendar) == ("1bd", "office")
    assert (refunds.conditions, refunds.warn_at) == (("categories",), (0.5, 0.9))
    assert (rest.conditions, rest.next_target, rest.calendar) == ((), None, "working days")
    assert rest.public


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('"8bh"', '"8 hours"', "policy refunds, first: write a target"),
        ('"1bd"', '"soon"', "policy refunds, next: write a target"),
        ('id = "refunds"', 'id = "Refunds!"', "the id needs lower-case letters"),
        ('id = "refunds"', 'id = "all"', "“all” stands there twice"),
        ('name = "Refunds"', 'name = " "', "policy refunds: the name is missing"),
        ('["refund"]', "[]", "policy refunds, categories: name at least one"),
        ("categories", "category", "policy refunds: “category” means nothing"),
        ("[50, 90]", "[90, 50]", "rising list of percents"),
        ("[50, 90]", "[true]", "rising list of percents"),
        ("warn_at = [50, 90]", "public = 1", "public is true or false"),
        ('"24h"', '"24h"\nchannels = ["x"]', "must have no conditions"),
        ("[[policy]]", "[[policies]]", "the file: “policies” means nothing"),
    ],
)
def test_policies_with_a_slip_of_the_pen_are_refused(before: str, after: str, says: str) -> None:
    with pytest.raises(Unclear) as refused:
        written.policies(tomllib.loads(POLICIES.replace(before, after)))
    assert says in str(refused.value)


@pytest.mark.parametrize("document", [{}, {"policy": []}, {"policy": ["x"]}, [], "x", None])
def test_what_is_no_list_of_policies_is_refused(document: Any) -> None:
    with pytest.raises(Unclear):
        written.policies(document)


def test_policies_that_say_the_same_keep_their_version() -> None:
    before = written.policies(tomllib.loads(POLICIES), 1)
    changed = written.policies(tomllib.loads(POLICIES.replace("24h", "12h")), 2)
    assert [p.version for p in written.renumbered(changed, before, 2)] == [1, 2]


def test_both_documents_come_back_from_their_toml() -> None:
    found = written.policies(tomllib.loads(POLICIES))
    assert written.policies(tomllib.loads(toml.written(written.policies_document(found)))) == found
    document = written.calendar_document(office(), tomllib.loads(CALENDAR))
    assert office(toml.written(document)) == office()


letters = st.characters(codec="utf-8")
keys = st.text(letters, min_size=1, max_size=8)
words = st.text(letters, max_size=12)
plain = st.one_of(words, st.booleans(), st.integers(0, 9999), st.lists(words, max_size=3))
tables = st.dictionaries(keys, plain, max_size=4)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(keys, st.one_of(plain, tables, st.lists(tables, min_size=1)), max_size=5))
def test_whatever_is_written_as_toml_reads_the_same(document: dict[str, Any]) -> None:
    assert tomllib.loads(toml.written(document)) == document
