"""Calendar files that people bring, read as times: hostile until proven otherwise.

What a file says of time zones is not believed: names are looked up (IANA's, Windows', or the place
that a file's own zone says it is), and a zone that cannot be named puts its events aside. Times
without a zone, and whole days, are those of the zone that the reader is given. What repeats is
expanded within the time asked for only, and every step of it is counted (`ical_rules`).

Why no library reads them: icalendar makes zones of what a file says of them and keeps those for the
whole process, so that one file moves the times of the next; and dateutil looks for the next date
until the year 9999, a second or two for one line that fits no day, with nothing to stop it.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain.calendars import DAY, first_instant, zones
from inbox.domain.ical import OURS, SHIFT
from inbox.domain.ical_lines import Line, Said, blocks, lines_of, places, title_of, value_of
from inbox.domain.ical_rules import CannotRepeat, Purse, Rule, TooMuch, dates, rule
from inbox.domain.written import Unclear

MOST_BYTES: Final = 512 * 1024
MOST_EVENTS: Final = 2_000
MOST_TIMES: Final = 2_000
STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?", re.ASCII | re.IGNORECASE)
DURATION = re.compile(
    r"\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?",
    re.ASCII,
)
RECURRENCE: Final = "RECURRENCE-ID"
YEARS: Final = range(1900, 9000)
LONGEST_ZONE: Final = 100
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

    `key` names it for good, and begins with what all times of its `UID` have in common. `people`
    are the addresses that it names, `guests` those of them that it is for, `zone` the one on whose
    wall clock it stands. With `off` it is cancelled; `ours` came from a roster of this program,
    where it was a whole shift if it is a `shift`.
    """

    key: str
    title: str
    starts_at: datetime
    ends_at: datetime
    people: frozenset[str] = frozenset()
    off: bool = False
    ours: bool = False
    shift: bool = False
    guests: frozenset[str] = frozenset()
    zone: str = "UTC"

    @property
    def series(self) -> str:
        return series_of(self.key)


@dataclass(frozen=True, slots=True)
class Series:
    """An event that repeats by a rule from its first date on, in its zone; but not on the dates
    `without`, which are excepted or told by themselves."""

    event: Time
    rule: Rule
    first: date
    without: frozenset[date]


@dataclass(frozen=True, slots=True)
class File:
    """What a file says, by begin, and what of it was put aside: (title, why).

    `whole` are the events of which it tells all times: those that are not among `times` are not.
    `series` are those of them that repeat by a rule.
    """

    times: tuple[Time, ...]
    aside: tuple[tuple[str, str], ...]
    whole: tuple[Time, ...] = ()
    series: tuple[Series, ...] = ()


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

    def asks_for(self, one: Time) -> bool:
        return self.start < one.ends_at and one.starts_at < self.end


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
    events = list(blocks(lines, "VEVENT"))
    if len(events) > MOST_EVENTS:
        raise Unclear(TOO_BIG, kb=MOST_BYTES // 1024, n=MOST_EVENTS)
    reader = _Reader(zone, start, end, places(lines))
    cancels = any(one.upper().replace(" ", "") == "METHOD:CANCEL" for one in lines)
    found: dict[str, Time] = {}
    instead: dict[str, Time] = {}
    whole: dict[str, Time] = {}
    repeating: dict[str, Series] = {}
    replaced: dict[str, list[datetime]] = {}
    aside, unread = [], set()
    for block in events:
        said = lines_of(block)
        title, alone = title_of(said), RECURRENCE in said
        try:
            event, *times = _times(reader, said, title, cancels)
            if alone:
                which = _moment(reader, _only(said, RECURRENCE)).instant
                replaced.setdefault(event.series, []).append(which)
            else:
                whole[event.series] = event
                repeating.pop(event.series, None)
                if "RRULE" in said:
                    repeating[event.series] = _series(reader, said, event)
            into = instead if alone else found
            into |= {one.key: one for one in times if alone or reader.asks_for(one)}
            if len(found) + len(instead) > MOST_TIMES:
                raise TooMuch
        except _Aside as e:
            aside.append((title, str(e)))
            unread.add(_name(value_of(said, "UID")))
        except TooMuch as e:
            raise Unclear(TOO_MANY, n=MOST_TIMES) from e
    kept = [one for one in (found | instead).values() if reader.asks_for(one)]
    return File(
        tuple(sorted(kept, key=lambda one: (one.starts_at, one.key))),
        tuple(aside),
        tuple(one for one in whole.values() if one.series not in unread),
        tuple(
            _without(one, replaced.get(key, ()))
            for key, one in repeating.items()
            if key not in unread
        ),
    )


def _times(reader: _Reader, said: Said, title: str, cancels: bool) -> Iterator[Time]:
    """The event as it begins, then each of its times."""
    first = _moment(reader, _only(said, "DTSTART"))
    length = _length(reader, said, first)
    uid = value_of(said, "UID") or f"{title}\n{first.instant}"
    guests, planners = (
        frozenset(one.value.lower().removeprefix("mailto:").strip() for one in said.get(name, ()))
        for name in ("ATTENDEE", "ORGANIZER")
    )
    off = cancels or value_of(said, "STATUS").upper() == "CANCELLED"
    ends = _end(first, first.wall.date(), length)
    shift = value_of(said, "CATEGORIES").upper() == SHIFT
    more = guests | planners, off, uid.endswith(OURS), shift, guests, first.zone
    yield Time(_key(uid, None), title, first.instant, ends, *more)
    if RECURRENCE in said:
        replaced = _only(said, RECURRENCE)
        if "RANGE" in replaced.params:
            raise _Aside(NO_RULE)
        which = _moment(reader, replaced).instant
        yield Time(_key(uid, which), title, first.instant, ends, *more)
        return
    single = "RRULE" not in said and "RDATE" not in said
    since = (reader.start - sum(length, timedelta())).date() - DAY
    for moment, day in _days(reader, said, first, since):
        starts = moment.at(day)
        key = _key(uid, None if single else starts)
        yield Time(key, title, starts, _end(moment, day, length), *more)


def _days(
    reader: _Reader, said: Said, first: _Moment, since: date
) -> Iterator[tuple[_Moment, date]]:
    """Each beginning that may matter: the dates of the rule and those added, without exceptions."""
    excepted = list(_moments(reader, said, "EXDATE"))
    without = {one.instant for one in excepted}
    days = {one.wall.date() for one in excepted if one.whole_day}
    for moment, day in _all_days(reader, said, first, since):
        if moment.at(day) not in without and day not in days:
            yield moment, day


def _all_days(
    reader: _Reader, said: Said, first: _Moment, since: date
) -> Iterator[tuple[_Moment, date]]:
    if "RRULE" not in said:
        yield first, first.wall.date()
    else:
        made = _rule(said, first)
        for day in dates(made, first.wall.date(), since, reader.end.date() + DAY, reader.purse):
            yield first, day
    for one in _moments(reader, said, "RDATE"):
        yield one, one.wall.date()


def _rule(said: Said, first: _Moment) -> Rule:
    text = _only(said, "RRULE").value.upper()
    parts = [one.partition("=") for one in text.split(";") if one]
    written = {k.strip(): v.strip().split(",") for k, _, v in parts}
    try:
        return rule(written, _until(written, first))
    except CannotRepeat as e:
        raise _Aside(NO_RULE) from e


def _series(reader: _Reader, said: Said, event: Time) -> Series:
    first = _moment(reader, _only(said, "DTSTART"))
    excepted = list(_moments(reader, said, "EXDATE"))
    days = frozenset(one.wall.date() for one in excepted if one.whole_day)
    made = Series(event, _rule(said, first), first.wall.date(), days)
    return _without(made, [one.instant for one in excepted])


def _without(series: Series, instants: Iterable[datetime]) -> Series:
    """But for the dates that would begin at these instants."""
    wall = series.event.starts_at.astimezone(ZoneInfo(series.event.zone)).time()
    days = {(at.astimezone(ZoneInfo(series.event.zone)).date(), at) for at in instants}
    found = {day for day, at in days if first_instant(day, wall, series.event.zone) == at}
    return replace(series, without=series.without | found)


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


def _moments(reader: _Reader, said: Said, name: str) -> Iterator[_Moment]:
    for line in said.get(name, ()):
        for value in line.value.split(","):
            reader.purse.pay(2)
            yield _moment(reader, Line(line.params, value))


def _only(said: Said, name: str) -> Line:
    found = said.get(name, ())
    if len(found) != 1:
        raise _Aside(NO_RULE if name == "RRULE" else NO_TIME)
    return found[0]


def _moment(reader: _Reader, line: Line) -> _Moment:
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

    parts = name[-LONGEST_ZONE:].split("/")[-3:]
    ends = ("/".join(parts[n:]) for n in range(len(parts)))
    places = (WINDOWS_TO_OLSON.get(name, ""), reader.places.get(name, ""))
    found = next((one for one in (*ends, *places) if one in zones()), None)
    if found is None:
        raise _Aside(NO_ZONE)
    return found


def _length(reader: _Reader, said: Said, first: _Moment) -> tuple[timedelta, timedelta]:
    """On the wall clock, so that what repeats keeps its hours when the clocks change; and of a
    `DURATION` its hours, which are as long as they are."""
    exact = timedelta()
    if "DTEND" in said:
        end = _moment(reader, _only(said, "DTEND"))
        wall = end.instant.astimezone(ZoneInfo(first.zone)).replace(tzinfo=None)
        found = (end.wall if end.zone == first.zone else wall) - first.wall
    elif "DURATION" in said:
        found, exact = _duration(_only(said, "DURATION").value)
    else:
        found = DAY if first.whole_day else timedelta()
    if not timedelta() < found + exact <= LONGEST:
        raise _Aside(NO_LENGTH)
    return found, exact


def _duration(text: str) -> tuple[timedelta, timedelta]:
    """Days, and hours."""
    found = DURATION.fullmatch(text.strip().upper())
    if found is None:
        raise _Aside(NO_TIME)
    weeks, days, hours, minutes, seconds = (int(n or 0) for n in found.groups())
    exact = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timedelta(weeks=weeks, days=days), exact


def _end(first: _Moment, day: date, length: tuple[timedelta, timedelta]) -> datetime:
    wall = datetime.combine(day, first.wall.time()) + length[0]
    return first_instant(wall.date(), wall.time(), first.zone) + length[1]


def _key(uid: str, which: datetime | None) -> str:
    """As long for every file, and the same whenever it is read."""
    return _name(uid) + _name(which.isoformat() if which else "")


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def series_of(key: str) -> str:
    """What the keys of one `UID` have in common."""
    return key[:20]
