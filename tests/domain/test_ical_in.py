"""Calendar files that people bring: read where they are sound, bounded where they are not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.domain.ical import Event, written
from inbox.domain.ical_in import File, Time, read
from inbox.domain.written import Unclear

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
END = START + timedelta(days=366)
HOUR = timedelta(hours=1)


def file(*events: str, head: str = "") -> bytes:
    """Events with `|` between their lines."""
    whole = "".join(f"BEGIN:VEVENT|{one}|END:VEVENT|" for one in events)
    return f"BEGIN:VCALENDAR|{head}{whole}END:VCALENDAR|".replace("|", "\r\n").encode()


def look(*events: str, zone: str = "Europe/Lisbon", head: str = "") -> File:
    return read(file(*events, head=head), zone, START, END)


def spans(found: File) -> list[str]:
    return [f"{one.starts_at:%m-%d %H:%M}–{one.ends_at:%m-%d %H:%M}" for one in found.times]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART;VALUE=DATE:20261201|DTEND;VALUE=DATE:20261203", "11-30 16:00–12-02 16:00"),
        ("DTSTART;VALUE=DATE:20261201", "11-30 16:00–12-01 16:00"),
        ("DTSTART:20261201T100000|DTEND:20261201T120000", "12-01 02:00–12-01 04:00"),
        ("DTSTART:20261201T100000Z|DURATION:PT1H30M", "12-01 10:00–12-01 11:30"),
        ("DTSTART;TZID=Europe/Berlin:20261201T100000|DURATION:P1D", "12-01 09:00–12-02 09:00"),
        (
            'DTSTART;TZID="W. Europe Standard Time":20261201T100000|DURATION:PT1H',
            "12-01 09:00–12-01 10:00",
        ),
        (
            "DTSTART;TZID=/x.example/1/Asia/Tokyo:20261201T100000|DURATION:PT1H",
            "12-01 01:00–12-01 02:00",
        ),
        ("DTSTART;TZID=Home:20261201T100000|DURATION:PT1H", "12-01 04:30–12-01 05:30"),
        (
            "DTSTART;TZID=Asia/Tokyo:20261201T100000|DTEND;TZID=Europe/Berlin:20261201T100000",
            "12-01 01:00–12-01 09:00",
        ),
    ],
)
def test_days_floating_times_and_zones_by_name(event: str, expected: str) -> None:
    """What a file says of a zone's rules is not read, but where it says the zone is."""
    lie = "BEGIN:STANDARD|DTSTART:19700101T000000|TZOFFSETFROM:+0900|TZOFFSETTO:+0900|END:STANDARD"
    zones = f"BEGIN:VTIMEZONE|TZID:Home|X-LIC-LOCATION:Asia/Kolkata|{lie}|END:VTIMEZONE|"
    assert spans(look(event, zone="Asia/Shanghai", head=zones)) == [expected]


def test_what_repeats_keeps_its_hours_its_exceptions_and_its_moved_dates() -> None:
    series = (
        "UID:a|SUMMARY:Course|DTSTART;TZID=Europe/Lisbon:20270321T100000"
        "|DTEND;TZID=Europe/Lisbon:20270321T110000|RRULE:FREQ=WEEKLY;COUNT=4"
        "|EXDATE;TZID=Europe/Lisbon:20270404T100000|RDATE;TZID=Europe/Lisbon:20270501T100000"
    )
    moved = (
        "UID:a|RECURRENCE-ID;TZID=Europe/Lisbon:20270411T100000|SUMMARY:Later"
        "|DTSTART;TZID=Europe/Lisbon:20270412T150000|DURATION:PT1H"
    )
    found = look(series, moved)
    assert spans(found) == [
        "03-21 10:00–03-21 11:00",
        "03-28 09:00–03-28 10:00",  # the clocks have changed
        "04-12 14:00–04-12 15:00",
        "05-01 09:00–05-01 10:00",
    ]
    assert found.times[2].title == "Later"
    gone = look(series, moved.replace("|SUMMARY", "|STATUS:CANCELLED|SUMMARY"))
    assert [one.off for one in gone.times] == [False, False, True, False]


def test_without_an_end_it_is_read_within_the_time_asked_for() -> None:
    found = look("DTSTART;VALUE=DATE:20200101|RRULE:FREQ=DAILY")
    assert (len(found.times), found.times[0].starts_at.day) == (367, 23)
    until = "DTSTART:20261201T100000|DURATION:PT1H|RRULE:FREQ=DAILY;UNTIL=20261203T{}"
    assert [len(look(until.format(t)).times) for t in ("095959Z", "100000Z")] == [2, 3]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("DTSTART:20261201T100000Z|DURATION:PT1H|RRULE:FREQ=SECONDLY", "repeats in a way"),
        (
            "DTSTART:20261201T100000Z|DURATION:PT1H|RRULE:FREQ=DAILY;BYHOUR=1,2,3",
            "repeats in a way",
        ),
        ("DTSTART:20261201T100000Z|DURATION:PT1H|RRULE:FREQ=DAILY|RRULE:FREQ=DAILY", "repeats"),
        ("DTSTART;TZID=Mars/North:20261201T100000|DURATION:PT1H", "zone is unknown"),
        ("DTSTART;TZID=../../etc/passwd:20261201T100000|DURATION:PT1H", "zone is unknown"),
        ("DTSTART:20261301T100000Z|DURATION:PT1H", "no time"),
        ("DTSTART:99991231T100000Z|DURATION:PT1H", "no time"),
        ("DTSTART:20261201T100000Z|DTEND:20261201T100000Z", "not end after"),
        ("DTSTART:20261201T100000Z|DURATION:P99999W", "no time"),
        ("SUMMARY:x", "no time"),
        (
            "DTSTART:20261201T100000Z|DURATION:PT1H|RDATE;VALUE=PERIOD:20261205T100000Z/PT2H",
            "no time",
        ),
        (
            "DTSTART:20261201T100000Z|DURATION:PT1H|RECURRENCE-ID;RANGE=THISANDFUTURE:20261205",
            "repeats",
        ),
    ],
)
def test_what_cannot_be_read_is_put_aside_and_named_and_the_rest_goes_on(
    event: str, why: str
) -> None:
    found = look(f"SUMMARY:Odd|{event}", "DTSTART:20261202T100000Z|DURATION:PT1H")
    assert len(found.times) == 1
    ((_, told),) = found.aside
    assert why in told


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "no calendar file"),
        (b"\xff\xfe<html>", "no calendar file"),
        (b"BEGIN:VCALENDAR\r\n" + b"x" * 600_000, "too large"),
        (file(*["DTSTART:20261201T100000Z|DURATION:PT1H"] * 2001), "too large"),
        (
            file(*["DTSTART:19010101T100000Z|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=900000"] * 3),
            "too much",
        ),
        (file(*["DTSTART:20261201T100000Z|DURATION:PT1H|RRULE:FREQ=DAILY"] * 9), "too much"),
        (file("DTSTART:20261201|EXDATE:" + ",".join(["20261201"] * 50_000)), "too much"),
    ],
)
def test_a_file_that_would_keep_us_busy_is_refused(raw: bytes, why: str) -> None:
    raw = raw.replace(b"DTSTART:", b"UID:%d\r\nDTSTART:" % len(raw), 1)
    with pytest.raises(Unclear, match=why):
        read(_apart(raw), "UTC", START, END)


@pytest.mark.parametrize(
    ("event", "times"),
    [
        ("x" * 400_000, 0),  # a line without a colon
        ('A;B="' * 80_000, 0),
        (f"DTSTART;TZID={'/' * 400_000}:20261201T100000", 0),
        (f"EXDATE;TZID={'/' * 200_000}UTC:{','.join(['20261202T000000'] * 15_000)}", 1),
    ],
    ids=["letters", "quotes", "zone", "zones"],
)
def test_one_long_line_does_not_keep_us_busy(event: str, times: int) -> None:
    """Read by trying again from each letter, any of these would last for hours."""
    raw = file(f"UID:a|{event}" + "|DTSTART:20261130T100000Z|DURATION:PT1H" * (times > 0))
    assert len(read(raw, "UTC", START, END).times) == times


def test_only_times_within_the_time_that_is_read_count_towards_the_most() -> None:
    daily = "UID:{}|DTSTART;VALUE=DATE:20200101|RRULE:FREQ=DAILY"
    assert len(look(*(daily.format(n) for n in range(5))).times) == 5 * 367
    with pytest.raises(Unclear, match="too much"):
        look(*(daily.format(n) for n in range(6)))
    long = "DTSTART;VALUE=DATE:20251201|DURATION:P358D|RRULE:FREQ=YEARLY"
    assert spans(look(long))[0] == "12-01 00:00–11-24 00:00"  # still reaches into it


def test_hours_of_a_duration_are_as_long_as_they_are_and_its_days_end_by_the_wall() -> None:
    night = "DTSTART;TZID=Europe/Lisbon:20270327T220000|{}"
    assert [
        spans(look(night.format(end)))
        for end in ("DURATION:PT8H", "DURATION:P1D", "DTEND;TZID=Europe/Lisbon:20270328T060000")
    ] == [["03-27 22:00–03-28 06:00"], ["03-27 22:00–03-28 21:00"], ["03-27 22:00–03-28 05:00"]]


def _apart(raw: bytes) -> bytes:
    """Each event with a name of its own."""
    parts = raw.split(b"BEGIN:VEVENT\r\n")
    return b"".join(
        part if n == 0 else b"BEGIN:VEVENT\r\nUID:%d\r\n" % n + part for n, part in enumerate(parts)
    )


LINES = st.lists(
    st.sampled_from(
        [
            *("BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VALARM", "END:VALARM"),
            *(
                "DTSTART:20261201T100000Z",
                "DTEND;TZID=:20261201",
                "RRULE:FREQ=WEEKLY;BYDAY=",
                "UID",
            ),
            *("RRULE:FREQ=MONTHLY;BYSETPOS=-1", 'DTSTART;X="a:b', "DURATION:-P1D", " folded", ":"),
            *("EXDATE:,", "RECURRENCE-ID:20261201", "SUMMARY:a\\n\\,b", "ATTENDEE;CN=x:mailto:a@b"),
        ]
    )
    | st.text(max_size=20),
    max_size=12,
)


@settings(max_examples=100)
@given(LINES)
def test_whatever_stands_in_a_file_it_is_read_or_refused_in_words(lines: list[str]) -> None:
    raw = "\r\n".join(("BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT")).encode()
    found = read(raw, "Europe/Lisbon", START, END)
    assert all(isinstance(one, Time) and one.starts_at < one.ends_at for one in found.times)


@settings(max_examples=30)
@given(st.integers(0, 30_000_000), st.integers(1, 5_000))
def test_what_we_write_comes_back_as_it_was(later_s: int, minutes: int) -> None:
    starts = START + timedelta(seconds=later_s)
    ends = starts + timedelta(minutes=minutes)
    event = Event("1@replydesk", starts, ends, "退款, a; b\\c " * 9, 1, START)
    (one,) = read(written("x", "UTC", "https://desk.example", [event]), "UTC", START, END).times
    assert (one.starts_at, one.ends_at, one.ours) == (starts, ends, True)
    assert one.title == ("退款, a; b\\c " * 9).strip()
