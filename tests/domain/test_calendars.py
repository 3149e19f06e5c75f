from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.domain.calendars import (
    ALL_DAY,
    CLOSED,
    Calendar,
    Hours,
    Slot,
    Special,
    days_to_nth,
    end_of_nth_working_day,
    local_date,
    local_day_bounds,
    open_time,
    zone_meant,
)

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
ZONES = sorted(available_timezones())
EVERY_DAY = (ALL_DAY,) * 7


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def bounds(day: str, zone: str) -> tuple[datetime, datetime]:
    return local_day_bounds(date.fromisoformat(day), zone)


def changes(zone: str) -> Iterator[datetime]:
    """The first second of each offset in the zone, 1970 to 2037, if it held for over 10 days."""
    tz, step = ZoneInfo(zone), timedelta(days=10)
    seen = datetime(1970, 1, 1, tzinfo=UTC)
    offset = seen.astimezone(tz).utcoffset()
    while seen.year < 2038:
        before, seen = seen, seen + step
        if seen.astimezone(tz).utcoffset() != offset:
            after = seen
            while after - before > SECOND:
                middle = before + (after - before) // SECOND // 2 * SECOND
                same = middle.astimezone(tz).utcoffset() == offset
                before, after = (middle, after) if same else (before, middle)
            yield after
            seen, offset = after, after.astimezone(tz).utcoffset()


@pytest.fixture(scope="module")
def clock_changes() -> list[tuple[str, datetime]]:
    return [(zone, change) for zone in ZONES for change in changes(zone)]


@pytest.mark.parametrize(
    ("day", "zone", "start", "end"),
    [
        ("2026-03-02", "UTC", "2026-03-02T00:00", "2026-03-03T00:00"),
        ("2026-03-02", "Asia/Shanghai", "2026-03-01T16:00", "2026-03-02T16:00"),
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00", "2026-03-29T22:00"),  # 23 h
        ("2026-10-25", "Europe/Berlin", "2026-10-24T22:00", "2026-10-25T23:00"),  # 25 h
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00", "2018-11-05T02:00"),  # from 01:00
        ("2018-02-17", "America/Sao_Paulo", "2018-02-17T02:00", "2018-02-18T03:00"),  # 23:00 twice
        ("2024-11-03", "America/Havana", "2024-11-03T04:00", "2024-11-04T05:00"),  # 00:00 twice
        ("2010-11-07", "America/Goose_Bay", "2010-11-07T03:00", "2010-11-08T04:00"),  # 00:00 twice
        ("1919-03-31", "America/Toronto", "1919-03-31T04:30", "1919-04-01T04:00"),  # from 00:30
        ("2011-12-29", "Pacific/Apia", "2011-12-29T10:00", "2011-12-30T10:00"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00", "2011-12-30T10:00"),  # never was
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00", "2011-12-31T10:00"),
    ],
)
def test_a_local_day_begins_at_its_first_midnight_or_right_after_a_skipped_one(
    day: str, zone: str, start: str, end: str
) -> None:
    assert bounds(day, zone) == (utc(start), utc(end))


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        (" shanghai", "Asia/Shanghai"),
        ("New  York", "America/New_York"),
        ("Buenos Aires", "America/Buenos_Aires"),
        ("utc", "UTC"),
        ("York", None),
        ("", None),
    ],
)
def test_a_zone_is_known_by_its_city(typed: str, zone: str | None) -> None:
    assert zone_meant(typed) == zone


def test_a_zones_own_name_means_no_other() -> None:
    assert [zone for zone in ZONES if zone_meant(zone) != zone] in ([], ["localtime"])


def test_an_unknown_zone_is_an_error() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        bounds("2026-03-02", "Mars/Olympus")


def test_at_every_clock_change_of_every_zone_days_partition_time(
    clock_changes: list[tuple[str, datetime]],
) -> None:
    """Around each change: a day starts where the next bound of the day before says, the wall clock
    shows the new date there, and showed an older one a second earlier.
    """
    assert len(clock_changes) > 20_000
    wrong = []
    for zone, change in clock_changes:
        today, tz = local_date(change, zone), ZoneInfo(zone)
        days = [local_day_bounds(today + n * DAY, zone) for n in (-1, 0, 1)]
        joined = days[0][1] == days[1][0] and days[1][1] == days[2][0]
        first = days[1][0] <= days[1][1] and days[1][0].astimezone(tz).date() == today
        if not (joined and first and (days[1][0] - SECOND).astimezone(tz).date() < today):
            wrong.append((zone, change, days))
    assert wrong == []


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ZONES), st.dates(date(1971, 1, 1), date(2037, 12, 30)))
def test_a_day_starts_the_first_time_that_a_clock_in_the_zone_shows_its_date(
    zone: str, day: date
) -> None:
    start, end = local_day_bounds(day, zone)
    tz = ZoneInfo(zone)
    long_before = datetime.combine(day, time(), UTC) - timedelta(hours=40)
    minutes = (long_before + timedelta(minutes=n) for n in range(80 * 60))
    assert next(t for t in minutes if t.astimezone(tz).date() >= day) - start < timedelta(minutes=1)
    assert start <= end
    assert (start.tzinfo, end.tzinfo) == (UTC, UTC)


def test_the_minutes_shown_again_after_midnight_have_the_older_date_though_the_new_day_began() -> (
    None
):
    again = utc("2010-11-07T03:30")
    assert local_date(again, "America/Goose_Bay") == date(2010, 11, 6)
    assert bounds("2010-11-07", "America/Goose_Bay")[0] <= again


WORK = Calendar("office", 1, "Europe/Berlin")


def weekdays(*slots: Slot) -> tuple[Hours, ...]:
    """Monday to Friday with these slots."""
    return (slots,) * 5 + (CLOSED,) * 2


@pytest.mark.parametrize(
    ("opened", "n", "due"),
    [
        ("2026-01-14T10:00", 3, "2026-01-19T23:00"),  # Wednesday → Monday 24:00
        ("2026-01-16T10:00", 1, "2026-01-19T23:00"),  # Friday → Monday
        ("2026-01-17T10:00", 1, "2026-01-19T23:00"),  # Saturday is day 0 too
        ("2026-01-14T22:59", 1, "2026-01-15T23:00"),  # 23:59 in Berlin, still Wednesday
        ("2026-01-14T23:00", 1, "2026-01-16T23:00"),  # 00:00 in Berlin, Thursday
        ("2026-03-26T10:00", 3, "2026-03-31T22:00"),  # over the change to summer time
        ("2026-10-23T10:00", 1, "2026-10-26T23:00"),  # and back
    ],
)
def test_business_days_count_from_the_local_date_of_opening_as_day_0(
    opened: str, n: int, due: str
) -> None:
    assert end_of_nth_working_day(utc(opened), n, WORK) == utc(due)


def test_holidays_are_skipped_and_make_up_days_are_worked() -> None:
    calendar = Calendar(
        "shanghai",
        1,
        "Asia/Shanghai",
        days={
            date(2026, 1, 1): Special(CLOSED, "New Year's Day", "holiday"),
            date(2026, 1, 2): Special(CLOSED, "Day off", "holiday"),
            date(2026, 1, 4): Special(ALL_DAY, "for 2 January", "make-up"),  # a Sunday
        },
    )
    due = end_of_nth_working_day(utc("2025-12-31T04:00"), 1, calendar)
    assert due == utc("2026-01-04T16:00")
    counted = days_to_nth(utc("2025-12-31T04:00"), 1, calendar)
    assert [(c.day.day, c.works, c.name) for c in counted] == [
        (1, False, "New Year's Day"),
        (2, False, "Day off"),
        (3, False, ""),
        (4, True, "for 2 January"),
    ]


def test_with_a_closing_time_the_day_ends_there() -> None:
    calendar = Calendar("office", 1, "Europe/Berlin", weekdays(Slot(time(9), time(18))))
    assert end_of_nth_working_day(utc("2026-03-27T20:00"), 1, calendar) == utc("2026-03-30T16:00")


def test_a_closing_time_that_the_clocks_skip_is_the_first_instant_after_the_jump() -> None:
    calendar = Calendar("night", 1, "Europe/Berlin", ((Slot(time(), time(2, 17)),),) * 7)
    assert end_of_nth_working_day(utc("2026-03-28T12:00"), 1, calendar) == utc("2026-03-29T01:00")


def test_a_day_that_the_zone_left_out_is_no_working_day() -> None:
    calendar = Calendar("apia", 1, "Pacific/Apia", week=EVERY_DAY)
    due = end_of_nth_working_day(utc("2011-12-29T12:00"), 1, calendar)
    assert due == bounds("2011-12-31", "Pacific/Apia")[1]


def test_no_business_days_and_no_working_weekday_are_errors() -> None:
    with pytest.raises(ValueError, match="0 business days"):
        end_of_nth_working_day(utc("2026-01-14T10:00"), 0, WORK)
    with pytest.raises(ValueError, match="less than an hour a week"):
        Calendar("never", 1, "UTC", (CLOSED,) * 7)


def test_over_every_clock_change_of_every_zone_one_business_day_ends_with_the_next_local_day(
    clock_changes: list[tuple[str, datetime]],
) -> None:
    wrong = []
    for zone, change in clock_changes:
        opened, tz = change - timedelta(hours=20), ZoneInfo(zone)
        due = end_of_nth_working_day(opened, 1, Calendar("c", 1, zone, week=EVERY_DAY))
        last = due - SECOND
        days = last.astimezone(tz).date() - opened.astimezone(tz).date()
        left_out = local_day_bounds(opened.astimezone(tz).date() + DAY, zone)
        expected = 2 * DAY if left_out[0] == left_out[1] else DAY
        if days != expected or due.astimezone(tz).date() <= last.astimezone(tz).date():
            wrong.append((zone, change, due))
    assert wrong == []


def test_over_every_clock_change_of_every_zone_an_office_that_never_shuts_is_always_open(
    clock_changes: list[tuple[str, datetime]],
) -> None:
    wrong = []
    for zone, change in clock_changes:
        if change.year in range(2020, 2036):
            always = Calendar("always", 1, zone, EVERY_DAY)
            start, end = change - 9 * HOUR, change + 9 * HOUR
            if open_time(start, end, always) != end - start:
                wrong.append((zone, change))
    assert wrong == []
