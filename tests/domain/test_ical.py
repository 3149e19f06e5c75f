"""Calendar files are what RFC 5545 asks for, whatever the titles say."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from inbox.domain.ical import Event, written

START = datetime(2026, 11, 28, 22, tzinfo=UTC)
TITLES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200) | st.sampled_from(
    ["夜班：林月, Bo; \\ Narin" * 12, "a,b;c\\d", "BEGIN:VEVENT", 'x"y:z', "👩‍👩‍👧 " * 30]
)


def event(title: str, n: int = 1, off: bool = False) -> Event:
    return Event(f"{n}@x", START, START + timedelta(hours=8), title, n, START, busy=True, off=off)


def events(raw: bytes) -> list[Any]:
    return list(Calendar.from_ical(raw).walk("VEVENT"))


@settings(max_examples=30)
@given(TITLES)
def test_lines_are_folded_and_titles_come_back_as_they_were(title: str) -> None:
    assume("\\N" not in title)  # the library takes it for a line break
    raw = written("Lumen Pay, x; y", "Europe/Lisbon", "https://desk.example", [event(title)])
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    (read,) = events(raw)
    assert str(read["SUMMARY"]) == title
    assert (read["DTSTART"].dt, read["DTEND"].dt) == (START, START + timedelta(hours=8))


def test_a_line_break_in_a_title_adds_no_line_of_its_own() -> None:
    raw = written("x\r\nBEGIN:VEVENT", "UTC", "https://desk.example", [event("a\nDTSTART:1")])
    assert raw.count(b"\r\nBEGIN:VEVENT\r\n") == 1
    assert raw.count(b"\r\nDTSTART:") == 1


def test_what_is_off_is_cancelled_and_takes_no_time() -> None:
    raw = written("x", "UTC", "https://desk.example", [event("a"), event("b", 2, off=True)])
    first, second = events(raw)
    assert [str(first[k]) for k in ("STATUS", "TRANSP", "SEQUENCE")] == ["CONFIRMED", "OPAQUE", "1"]
    assert [str(second[k]) for k in ("STATUS", "TRANSP")] == ["CANCELLED", "TRANSPARENT"]
    assert b"DTSTART:20261128T220000Z" in raw
    assert b"LAST-MODIFIED:20261128T220000Z" in raw
