"""Calendar files that people bring, read as times: hostile until proven otherwise.

What a file says of time zones is not believed: names are looked up (IANA's, Windows', or the place
that a file's own zone says it is), and a zone that cannot be named puts its events aside. Times
without a zone, and whole days, are those of the zone that the reader is given. What repeats is
expanded within the time asked for only, and every step of it is counted (`ical_rules`).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain.calendars import DAY, first_instant
from inbox.domain.ical import OURS
from inbox.domain.ical_rules import CannotRepeat, Purse, TooMuch, dates, rule
from inbox.domain.written import Unclear

MOST_BYTES: Final = 512 * 1024
MOST_EVENTS: Final = 2_000
MOST_TIMES: Final = 2_000
MOST_LETTERS: Final = 200
READ: Final = frozenset(
    {
        *("UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "STATUS", "ATTENDEE", "ORGANIZER"),
        *("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"),
    }
)
"""The properties of an event that are looked at; all else in a file is passed over."""

HEAD = re.compile(r'([A-Za-z0-9-]+)((?:[^":]|"[^"]*")*):')
PARAM = re.compile(r';([^=;":]+)=("[^"]*"|[^;"]*)')
ESCAPED = re.compile(r"\\(.)")
STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?", re.ASCII | re.IGNORECASE)
DURATION = re.compile(
    r"\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?",
    re.ASCII,
)
YEARS: Final = range(1900, 9000)
BACK: Final = timedelta(days=400)
"""What began so long before the time that is read, and lasts, may still reach into it."""
LONGEST: Final = timedelta(days=400)

NO_FILE = word("This is no calendar file (.ics).")
TOO_BIG = word("The file is too large: at most {kb} KB and {n} events.")
TOO_MANY = word("The file repeats too much: at most {n} times in the time that is read.")
NO_TIME = word("it has no time that can be read")
NO_ZONE = word("its time zone is unknown")
NO_RULE = word("it repeats in a way that is not read")
NO_LENGTH = word("it does not end after it begins")


@dataclass(frozen=True, slots=True)
class Time:
    """One event, or one time of an event that repeats; [starts_at, ends_at) in UTC.

    `key` names it for good. `people` are the addresses that it names. With `off` it is cancelled;
    `ours` came from a roster of this program.
    """

    key: str
    title: str
    starts_at: datetime
    ends_at: datetime
    people: tuple[str, ...] = ()
    off: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """What a file says, by begin, and what of it was put aside: (title, why)."""

    times: tuple[Time, ...]
    aside: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """`DTSTART;TZID=Europe/Lisbon:20261201T100000` in its parts."""

    params: Mapping[str, str]
    value: str


_Said = dict[str, list[_Line]]
"""Of one event, what is read of it by name."""


class _Aside(ValueError):
    """This event cannot be read; the message is a `word`."""


@dataclass(slots=True)
class _Reader:
    zone: str
    start: datetime
    end: datetime
    places: Mapping[str, str]
    """What a file's own zones say they are."""
    purse: Purse = field(default_factory=Purse)


@dataclass(frozen=True, slots=True)
class _Moment:
    """A date, or a time on a wall clock in a zone."""

    wall: datetime
    zone: str
    whole_day: bool

    def at(self, day: date) -> datetime:
        return first_instant(day, self.wall.time(), self.zone)

    @property
    def instant(self) -> datetime:
        return self.at(self.wall.date())


def read(raw: bytes, zone: str, start: datetime, end: datetime) -> File:
    """The times of a file that touch [start, end). Raises `Unclear` where it is none, or too much
    for us."""
    if len(raw) > MOST_BYTES:
        raise Unclear(TOO_BIG, kb=MOST_BYTES // 1024, n=MOST_EVENTS)
    text = clean(raw.decode("utf-8-sig", "replace"))
    lines = [one for one in re.split(r"\r?\n", re.sub(r"\r?\n[ \t]", "", text)) if one]
    if not lines or lines[0].strip().upper() != "BEGIN:VCALENDAR":
        raise Unclear(NO_FILE)
    blocks = list(_blocks(lines, "VEVENT"))
    if len(blocks) > MOST_EVENTS:
        raise Unclear(TOO_BIG, kb=MOST_BYTES // 1024, n=MOST_EVENTS)
    reader = _Reader(zone, start, end, _places(lines))
    cancels = any(one.upper().replace(" ", "") == "METHOD:CANCEL" for one in lines)
    found: dict[str, Time] = {}
    instead: dict[str, Time] = {}
    aside = []
    for block in blocks:
        said = _lines_of(block)
        title = _title(said)
        try:
            into = instead if "RECURRENCE-ID" in said else found
            for one in list(_times(reader, said, title, cancels)):
                into[one.key] = one
                if len(found) + len(instead) > MOST_TIMES:
                    raise TooMuch
        except _Aside as e:
            aside.append((title, str(e)))
        except TooMuch as e:
            raise Unclear(TOO_MANY, n=MOST_TIMES) from e
    times = (one for one in (found | instead).values() if start < one.ends_at)
    kept = sorted((t for t in times if t.starts_at < end), key=lambda t: (t.starts_at, t.key))
    return File(tuple(kept), tuple(aside))


def _blocks(lines: list[str], name: str) -> Iterator[list[str]]:
    """The lines of each component of this name; what is nested in it is left out."""
    block: list[str] | None = None
    depth = 0
    for line in lines:
        head = line.strip().upper()
        if block is None:
            block = [] if head == f"BEGIN:{name}" else None
        elif head.startswith("BEGIN:"):
            depth += 1
        elif head.startswith("END:") and depth:
            depth -= 1
        elif head == f"END:{name}":
            yield block
            block = None
        elif not depth:
            block.append(line)


def _places(lines: list[str]) -> dict[str, str]:
    found = {}
    for block in _blocks(lines, "VTIMEZONE"):
        said = {k.upper(): v.strip() for k, _, v in (one.partition(":") for one in block)}
        found[said.get("TZID", "")] = said.get("X-LIC-LOCATION", "")
    return found


def _lines_of(block: list[str]) -> _Said:
    """What a block says of the properties that are read, by name."""
    found: _Said = {}
    for one in block:
        head = HEAD.match(one)
        name = head[1].strip().upper() if head else ""
        if head and name in READ:
            params = {k.strip().upper(): v.strip('"') for k, v in PARAM.findall(head[2])}
            found.setdefault(name, []).append(_Line(params, one[head.end() :].strip()))
    return found


def _title(said: _Said) -> str:
    plain = ESCAPED.sub(lambda m: " " if m[1] in "nN" else m[1], _first(said, "SUMMARY"))
    return " ".join(plain.split())[:MOST_LETTERS]


def _first(said: _Said, name: str) -> str:
    return said[name][0].value if name in said else ""


def _times(reader: _Reader, said: _Said, title: str, cancels: bool) -> Iterator[Time]:
    first = _moment(reader, _only(said, "DTSTART"))
    length = _length(reader, said, first)
    uid = _first(said, "UID") or f"{title}\n{first.instant}"
    ours = uid.endswith(OURS)
    people = tuple(
        one.value.lower().removeprefix("mailto:").strip()
        for name in ("ATTENDEE", "ORGANIZER")
        for one in said.get(name, ())
    )
    off = cancels or _first(said, "STATUS").upper() == "CANCELLED"
    if "RECURRENCE-ID" in said:
        replaced = _only(said, "RECURRENCE-ID")
        if "RANGE" in replaced.params:
            raise _Aside(NO_RULE)
        which = _moment(reader, replaced).instant
        ends = _end(first, first.wall.date(), length)
        yield Time(_key(uid, which), title, first.instant, ends, people, off, ours)
        return
    single = "RRULE" not in said and "RDATE" not in said
    for moment, day in _days(reader, said, first):
        starts = moment.at(day)
        key = _key(uid, None if single else starts)
        yield Time(key, title, starts, _end(moment, day, length), people, off, ours)


def _days(reader: _Reader, said: _Said, first: _Moment) -> Iterator[tuple[_Moment, date]]:
    """Each beginning that may matter: the dates of the rule and those added, without exceptions."""
    excepted = list(_moments(reader, said, "EXDATE"))
    without = {one.instant for one in excepted}
    days = {one.wall.date() for one in excepted if one.whole_day}
    for moment, day in _all_days(reader, said, first):
        if moment.at(day) not in without and day not in days:
            yield moment, day


def _all_days(reader: _Reader, said: _Said, first: _Moment) -> Iterator[tuple[_Moment, date]]:
    if "RRULE" not in said:
        yield first, first.wall.date()
    else:
        parts = [one.partition("=") for one in _only(said, "RRULE").value.upper().split(";")]
        written = {k.strip(): v.strip().split(",") for k, _, v in parts}
        try:
            made = rule(written, _until(written, first))
        except CannotRepeat as e:
            raise _Aside(NO_RULE) from e
        start, end = (reader.start - BACK).date(), reader.end.date() + DAY
        for day in dates(made, first.wall.date(), start, end, reader.purse):
            yield first, day
    for one in _moments(reader, said, "RDATE"):
        yield one, one.wall.date()


def _until(written: Mapping[str, list[str]], first: _Moment) -> date | None:
    """The last date that the rule may give."""
    if "UNTIL" not in written:
        return None
    wall, utc = _stamp(written["UNTIL"][0])
    if "T" not in written["UNTIL"][0]:
        return wall.date()
    if utc:
        wall = wall.replace(tzinfo=UTC).astimezone(ZoneInfo(first.zone)).replace(tzinfo=None)
    return wall.date() if wall.time() >= first.wall.time() else wall.date() - DAY


def _moments(reader: _Reader, said: _Said, name: str) -> Iterator[_Moment]:
    for line in said.get(name, ()):
        for value in line.value.split(","):
            reader.purse.pay(2)
            yield _moment(reader, _Line(line.params, value))


def _only(said: _Said, name: str) -> _Line:
    found = said.get(name, ())
    if len(found) != 1:
        raise _Aside(NO_RULE if name == "RRULE" else NO_TIME)
    return found[0]


def _moment(reader: _Reader, line: _Line) -> _Moment:
    """What stands there, on the wall of its zone. Raises `_Aside`."""
    wall, utc = _stamp(line.value)
    if "T" not in line.value.upper():
        return _Moment(wall, reader.zone, True)
    if utc:
        return _Moment(wall, "UTC", False)
    name = line.params.get("TZID", "")
    return _Moment(wall, _zone(reader, name) if name else reader.zone, False)


def _stamp(text: str) -> tuple[datetime, bool]:
    """A date (its midnight) or a wall time, and whether it is said to be UTC. Raises `_Aside`."""
    found = STAMP.fullmatch(text.strip())
    if found is None:
        raise _Aside(NO_TIME)
    year, month, day, hour, minute, second = (int(n or 0) for n in found.groups()[:6])
    try:
        made = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - a wall
    except ValueError as e:
        raise _Aside(NO_TIME) from e
    if made.year not in YEARS:
        raise _Aside(NO_TIME)
    return made, found[7] is not None


def _zone(reader: _Reader, name: str) -> str:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # slow to import

    parts = name.strip().split("/")
    ends = ("/".join(parts[n:]) for n in range(len(parts)))
    places = (WINDOWS_TO_OLSON.get(name.strip(), ""), reader.places.get(name, ""))
    found = next((one for one in (*ends, *places) if one in _zones()), None)
    if found is None:
        raise _Aside(NO_ZONE)
    return found


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime"})


def _length(reader: _Reader, said: _Said, first: _Moment) -> timedelta:
    """On the wall clock, so that what repeats keeps its hours when the clocks change."""
    if "DTEND" in said:
        end = _moment(reader, _only(said, "DTEND"))
        wall = end.instant.astimezone(ZoneInfo(first.zone)).replace(tzinfo=None)
        found = (end.wall if end.zone == first.zone else wall) - first.wall
    elif "DURATION" in said:
        found = _duration(_only(said, "DURATION").value)
    else:
        found = DAY if first.whole_day else timedelta()
    if not timedelta() < found <= LONGEST:
        raise _Aside(NO_LENGTH)
    return found


def _duration(text: str) -> timedelta:
    found = DURATION.fullmatch(text.strip().upper())
    if found is None:
        raise _Aside(NO_TIME)
    weeks, days, hours, minutes, seconds = (int(n or 0) for n in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _end(first: _Moment, day: date, length: timedelta) -> datetime:
    wall = datetime.combine(day, first.wall.time()) + length
    return first_instant(wall.date(), wall.time(), first.zone)


def _key(uid: str, which: datetime | None) -> str:
    """As long for every file, and the same whenever it is read."""
    named = f"{uid}\n{which.isoformat() if which else ''}"
    return hashlib.sha256(named.encode()).hexdigest()[:40]
