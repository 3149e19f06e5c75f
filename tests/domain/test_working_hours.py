"""Working hours against a slow clock that looks once a minute, in every zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inbox.domain.calendars import (
    ALL_DAY,
    CLOSED,
    Calendar,
    Hours,
    Slot,
    Special,
    after_open_time,
    end_of_nth_working_day,
    local_day_bounds,
    open_time,
)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ZONES = sorted(available_timezones())


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def office(*slots: Slot, zone: str = "Europe/Berlin") -> Calendar:
    return Calendar("office", 1, zone, (slots,) * 5 + (CLOSED,) * 2)


NINE_TO_SIX = Slot(time(9), time(18))
BREAK = (Slot(time(9), time(12)), Slot(time(13), time(17)))


@pytest.mark.parametrize(
    ("slots", "start", "hours", "end"),
    [
        ((NINE_TO_SIX,), "2026-01-14T10:00", 4, "2026-01-14T14:00"),
        ((NINE_TO_SIX,), "2026-01-14T16:00", 4, "2026-01-15T11:00"),  # one hour is left today
        ((NINE_TO_SIX,), "2026-01-14T16:00", 1, "2026-01-14T17:00"),  # closing time is in time
        ((NINE_TO_SIX,), "2026-01-16T20:00", 1, "2026-01-19T09:00"),  # Friday night → Monday
        (BREAK, "2026-01-14T10:00", 3, "2026-01-14T14:00"),  # over lunch
        ((Slot(time(1), time(4)),), "2026-03-26T12:00", 4, "2026-03-30T00:00"),
    ],
)
def test_business_hours_run_while_the_office_is_open(
    slots: Hours, start: str, hours: int, end: str
) -> None:
    calendar = office(*slots)
    assert after_open_time(utc(start), hours * HOUR, calendar) == utc(end)
    assert open_time(utc(start), utc(end), calendar) == hours * HOUR


def test_hours_that_clocks_skip_are_not_worked_and_hours_shown_twice_are() -> None:
    night = Calendar("night", 1, "Europe/Berlin", ((Slot(time(1), time(4)),),) * 7)
    spring = local_day_bounds(date(2026, 3, 29), "Europe/Berlin")
    autumn = local_day_bounds(date(2026, 10, 25), "Europe/Berlin")
    assert (open_time(*spring, night), open_time(*autumn, night)) == (2 * HOUR, 4 * HOUR)


def test_29_february_is_a_day_like_others() -> None:
    calendar = office(ALL_DAY[0], zone="UTC")
    assert open_time(utc("2028-02-28T00:00"), utc("2028-03-02T00:00"), calendar) == 3 * DAY


@pytest.mark.parametrize("year", [2020, 2024, 2028, 2032])
def test_in_every_zone_29_february_counts_once_and_the_next_day_is_1_march(year: int) -> None:
    """By dates alone: the N-th day after the 27th is the 27th and N, whatever clocks do."""
    wrong = []
    for zone in ZONES:
        every_day = Calendar("c", 1, zone, (ALL_DAY,) * 7)
        opened = local_day_bounds(date(year, 2, 27), zone)[0] + 12 * HOUR
        for n, last in ((1, date(year, 2, 28)), (2, date(year, 2, 29)), (3, date(year, 3, 1))):
            if end_of_nth_working_day(opened, n, every_day) != local_day_bounds(last, zone)[1]:
                wrong.append((zone, n))
    assert wrong == []


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ZONES), st.integers(0, 16 * 365 * 1440), st.integers(1, 60))
def test_in_every_zone_business_days_are_what_a_wall_calendar_counts(
    zone: str, minute: int, n: int
) -> None:
    """2020 to 2035: cross off Mondays to Fridays, beginning with the day after."""
    opened = utc("2020-01-01") + minute * MINUTE
    day = opened.astimezone(ZoneInfo(zone)).date()
    left = n
    while left:
        day += DAY
        left -= day.weekday() < 5
    due = end_of_nth_working_day(opened, n, Calendar("c", 1, zone))
    assert due == local_day_bounds(day, zone)[1]


def test_slots_that_overlap_or_close_before_they_open_are_errors() -> None:
    with pytest.raises(ValueError, match="overlap"):
        office(Slot(time(9), time(12)), Slot(time(11), time(13)))
    with pytest.raises(ValueError, match="overlap"):
        office(Slot(time(9), None), Slot(time(11), time(13)))
    with pytest.raises(ValueError, match="before it opens"):
        Slot(time(9), time(9))


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    """Up to three slots of a day, to the minute, some touching, some until midnight."""
    edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(Slot(_time(a) or time(), _time(b)) for a, b in pairs)


def _time(minute: int) -> time | None:
    return None if minute == 1440 else time(minute // 60, minute % 60)


KINDS = st.sampled_from(["holiday", "make-up", "team"])


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """A week of its own with a few special days around 2026-03 and 2026-10."""
    week = tuple(draw(st.one_of(st.just(CLOSED), st.just(ALL_DAY), hours())) for _ in range(7))
    weekly = sum(
        ((s.closes.hour * 60 + s.closes.minute if s.closes else 1440) - s.opens.hour * 60)
        - s.opens.minute
        for slots in week
        for s in slots
    )
    assume(weekly >= 60)
    days = draw(
        st.dictionaries(
            st.dates(date(2020, 1, 1), date(2035, 12, 31)),
            st.builds(Special, st.one_of(st.just(CLOSED), hours()), st.just("x"), KINDS),
            max_size=8,
        )
    )
    return Calendar("c", 1, draw(st.sampled_from(ZONES)), week, days)


instants = st.integers(0, 16 * 365 * 1440).map(lambda n: utc("2020-01-01") + n * MINUTE)
amounts = st.timedeltas(timedelta(), timedelta(hours=30))


@settings(max_examples=150, deadline=None)
@given(calendars(), instants, amounts)
def test_what_is_added_is_measured_again_and_ends_while_open(
    calendar: Calendar, start: datetime, amount: timedelta
) -> None:
    end = after_open_time(start, amount, calendar)
    assert open_time(start, end, calendar) == amount
    if amount:
        instant_before = end - timedelta(microseconds=1)
        assert open_time(instant_before, end, calendar) == timedelta(microseconds=1)


@settings(max_examples=100, deadline=None)
@given(calendars(), instants, st.timedeltas(timedelta(), 5 * DAY), amounts, amounts)
def test_who_writes_earlier_or_is_promised_less_is_due_no_later(
    calendar: Calendar, start: datetime, later: timedelta, amount: timedelta, more: timedelta
) -> None:
    end = after_open_time(start, amount, calendar)
    assert end <= after_open_time(start, amount + more, calendar)
    if amount:
        assert end <= after_open_time(start + later, amount, calendar)
    parts = open_time(start, start + later, calendar) + open_time(
        start + later, start + 2 * later, calendar
    )
    assert parts == open_time(start, start + 2 * later, calendar)


@settings(max_examples=60, deadline=None)
@given(calendars(), instants, st.integers(0, 4 * 1440))
def test_open_time_is_what_a_clock_that_looks_every_minute_counts(
    calendar: Calendar, start: datetime, minutes: int
) -> None:
    start = start.replace(second=0, microsecond=0)
    slow = sum(looked(calendar, start, minutes))
    assert open_time(start, start + minutes * MINUTE, calendar) == slow * MINUTE


def looked(calendar: Calendar, start: datetime, minutes: int) -> Iterator[bool]:
    """Whether each minute is open by the latest time that the wall clock has shown so far.

    So a time that comes a second time belongs to what has begun already, as a day does.
    """
    tz = ZoneInfo(calendar.zone)
    latest = (start - 2 * DAY).astimezone(tz).replace(tzinfo=None)
    for n in range(-2 * 1440, minutes):
        shown = (start + n * MINUTE).astimezone(tz).replace(tzinfo=None)
        latest = max(latest, shown)
        if n >= 0:
            yield any(
                slot.opens <= latest.time() and (slot.closes is None or latest.time() < slot.closes)
                for slot in calendar.hours(latest.date())
            )
