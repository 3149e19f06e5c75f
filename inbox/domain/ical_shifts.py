"""Shifts from calendar files: what the roster holds exactly as the file says it, and nothing else.

An event that repeats by days or weeks is a weekly shift; a single one is a date of a shift that has
its name, hours and people.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from connectors.core.contract import word
from inbox.domain.ical_in import Series, Time
from inbox.domain.ical_rules import Purse, TooMuch, dates
from inbox.domain.roster import ANCHOR, EVERY_DAY, WEEK, Shift, begin_dates
from inbox.domain.roster_written import MOST_GROUPS, NAME_LENGTH
from inbox.domain.search import search_text

FROM_FILE: Final = "ics-"
"""How the ids of shifts from files begin."""
EDGES: Final = " -–—:：·|,，、/()（）"
YEARS: Final = range(2000, 2101)
"""In which the roster has dates."""
LAST: Final = date(8999, 12, 31)

OTHERWISE = word("it repeats in a way that the roster cannot hold; days and weeks it can")
HOURS = word("a shift lasts at most a day, from a whole minute to another")
NAME = word("a shift needs a name of at most 60 letters")


class CannotHold(ValueError):
    """The roster has no shift that is just this; the message is a `word`."""


@dataclass(frozen=True, slots=True)
class Named:
    """Whose an event is, by address, what the shift is called, and guests whom nobody knows."""

    shift: str
    people: tuple[str, ...]
    unknown: tuple[str, ...] = ()


def named(time: Time, names: Mapping[str, str]) -> Named:
    """By the guests' addresses, else by addresses or whole names in the title; who plans an event
    has it not. `names` are everybody's who can have a shift, by address."""
    shift, listed = _listed(time.title, names)
    found = listed or _in_title(time.title, names)
    guests = sorted(time.guests & set(names))
    unknown = tuple(sorted(time.guests - set(names)))
    if not listed and found:
        said = [one for email in found for one in (email, names[email]) if one]
        pattern = "|".join(map(re.escape, sorted(said, key=len, reverse=True)))
        shift = " ".join(re.sub(pattern, " ", time.title, flags=re.IGNORECASE).split()).strip(EDGES)
    return Named(shift or time.title, tuple(guests or found), unknown)


def weekly(series: Series, key: str, who: Named, purse: Purse) -> Shift:
    """The shift that a repeating event is. Raises `CannotHold`."""
    rule, event, zone = series.rule, series.event, ZoneInfo(series.event.zone)
    days = frozenset(day for _, day in rule.by_day)
    each_day = rule.every == "DAILY" and rule.interval == 1
    by_weeks = rule.every == "WEEKLY" and rule.interval <= MOST_GROUPS
    if not (each_day or by_weeks) or rule.by_month or rule.by_month_day or rule.by_place:
        raise CannotHold(OTHERWISE)
    days = days or (EVERY_DAY if each_day else frozenset({series.first.weekday()}))
    starts, ends = (at.astimezone(zone) for at in (event.starts_at, event.ends_at))
    turn = series.first - (rule.interval - 1) * WEEK if rule.interval > 1 else ANCHOR
    made = Shift(
        id=f"{FROM_FILE}{key[:16]}",
        name=_name(who.shift),
        starts=starts.time(),
        ends=ends.time(),
        zone=event.zone,
        groups=((),) * (rule.interval - 1) + (who.people,),
        weekdays=days,
        since=series.first,
        until=_last(series, purse),
        anchor=turn,
        dates=frozenset(
            {series.first} - series.without if series.first.weekday() not in days else ()
        ),
        without=series.without,
    )
    _check(made, series.first, event)
    if any(day.year not in YEARS for day in (made.since, made.until, *made.without) if day):
        raise CannotHold(OTHERWISE)
    return made


def held_by(
    shift: Shift, times: Sequence[Time], start: datetime, end: datetime
) -> tuple[list[Time], list[Time]]:
    """Which times of its event the shift has within [start, end), and which it has not. Raises
    `CannotHold` where it has one that the event has not."""
    begins = {shift.span(day) for day in begin_dates(shift, start, end) if shift.group(day)}
    mine = [one for one in times if (one.starts_at, one.ends_at) in begins and not one.off]
    spans = {(one.starts_at, one.ends_at) for one in mine}
    if any(a < end and start < b for a, b in begins - spans):
        raise CannotHold(OTHERWISE)
    keys = {one.key for one in mine}
    return mine, [one for one in times if one.key not in keys]


def dated(time: Time, who: Named, zone: str) -> tuple[Shift, date]:
    """The shift of single dates that it belongs to, still without dates, and its date; on the wall
    clock of its zone, or of this one where it has none. Raises `CannotHold`."""
    own = time.zone if time.zone != "UTC" else zone
    try:
        return _dated(time, who, own)
    except CannotHold:
        # An hour that a wall clock shows twice is one only in UTC.
        return _dated(time, who, "UTC")


_searched = lru_cache(maxsize=2_000)(search_text)


def _dated(time: Time, who: Named, zone: str) -> tuple[Shift, date]:
    starts, ends = (at.astimezone(ZoneInfo(zone)) for at in (time.starts_at, time.ends_at))
    name = _name(who.shift)
    said = "\n".join((name, f"{starts:%H:%M}-{ends:%H:%M}", zone, *who.people))
    made = Shift(
        id=f"{FROM_FILE}{hashlib.sha256(said.encode()).hexdigest()[:16]}",
        name=name,
        starts=starts.time(),
        ends=ends.time(),
        zone=zone,
        groups=(who.people,),
        weekdays=frozenset(),
    )
    _check(made, starts.date(), time)
    return made, starts.date()


def _check(shift: Shift, day: date, time: Time) -> None:
    whole = not any(at.second or at.microsecond for at in (shift.starts, shift.ends))
    if not whole or shift.span(day) != (time.starts_at, time.ends_at):
        raise CannotHold(HOURS)


def _name(text: str) -> str:
    if not 0 < len(text) <= NAME_LENGTH:
        raise CannotHold(NAME)
    return text


def _last(series: Series, purse: Purse) -> date | None:
    """The last date on which it begins; a rule with a count is counted."""
    if series.rule.count is None:
        return series.rule.until
    try:
        return max(dates(series.rule, series.first, series.first, LAST, purse))
    except (TooMuch, ValueError) as e:
        raise CannotHold(OTHERWISE) from e


def _listed(title: str, names: Mapping[str, str]) -> tuple[str, list[str]]:
    """`Night: Ada Voss, Bo Narin`, as our own calendars say it."""
    shift, _, rest = title.rpartition(": ")
    by_name = {name: email for email, name in names.items()}
    said = rest.split(", ")
    if not shift or not all(one in by_name for one in said):
        return "", []
    return shift, sorted({by_name[one] for one in said})


def _in_title(title: str, names: Mapping[str, str]) -> list[str]:
    words = title.lower().split()
    by_address = sorted(
        email for email in names if any(one.strip("<>(),;:") == email for one in words)
    )
    text = search_text(title)
    said = {email: _searched(name) for email, name in names.items()}
    found = {email: name for email, name in said.items() if name.strip() and name in text}
    # Of Ann and Ann Lee, “Ann Lee” is the second only.
    longest = [
        email
        for email, name in found.items()
        if not any(name != other and name in other for other in found.values())
    ]
    return by_address or sorted(longest)
