"""Shifts as people write them, in TOML files, forms and the database.

[[shift]]
id = "night"
name = "Night"
hours = "22:00-06:00"                 # over midnight where the end is not later
people = ["ada@lumenpay.example"]     # or, one more each week:
groups = [["ada@lumenpay.example"], ["bo@lumenpay.example"]]
first_week = 2026-11-23               # a date in the first group's week
weekdays = ["monday", "friday"]       # no line: every day
zone = "Europe/Lisbon"                # no line: the brand's
since = 2026-11-23
until = 2027-03-01                    # the last date on which it begins
dates = ["2026-12-24"]                # begins on these, too; weekdays = []: on these only
without = ["2026-12-25"]              # does not begin on these

[cover]                               # what is asked of them; without it one person, always
people = 2
zone = "Europe/Lisbon"                # no line: the brand's
monday = "08:00-22:00"                # a weekday without a line is asked the whole day
sunday = "closed"
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain.calendars import ALL_DAY, Calendar
from inbox.domain.roster import ALWAYS, ANCHOR, EVERY_DAY, Asked, Shift
from inbox.domain.written import (
    ID,
    WEEKDAYS,
    Document,
    Unclear,
    check_keys,
    hours,
    hours_of,
    zone_of,
)
from inbox.domain.written import hours_text as slots_text

KEYS = {
    *("id", "name", "hours", "people", "groups", "first_week", "weekdays", "zone"),
    *("since", "until", "dates", "without"),
}
MOST_ASKED = 50
MOST_DATES = 2000
MOST_UID = 60
MOST_SHIFTS, MOST_GROUPS, MOST_PEOPLE, NAME_LENGTH = 200, 52, 50, 60


def shifts(document: Document, brand_zone: str) -> tuple[Shift, ...]:
    """The shifts of a document. Raises `Unclear`."""
    check_keys(document, {"shift", "cover"}, "roster")
    rows = document.get("shift", [])
    if not isinstance(rows, list) or len(rows) > MOST_SHIFTS:
        raise Unclear(word("Write each shift as [[shift]], at most {n}."), n=MOST_SHIFTS)
    found = tuple(_shift(row, brand_zone) for row in rows)
    for shift in found:
        if sum(one.id == shift.id for one in found) > 1:
            raise Unclear(word("Shift “{id}” stands there twice."), id=shift.id)
    return found


def asked(document: Document, brand_zone: str) -> Asked:
    """How many people a document asks for, and when. Raises `Unclear`."""
    said = document.get("cover") or {}
    if not isinstance(said, Mapping):
        raise Unclear(word("Write what is asked as [cover], with people and weekdays."))
    check_keys(said, {"people", "zone", *WEEKDAYS}, "cover")
    people = said.get("people", 1)
    if not isinstance(people, int) or not 1 <= people <= MOST_ASKED:
        raise Unclear(word("Ask for 1 to {n} people."), n=MOST_ASKED)
    week = tuple(hours(str(said[day]), day) if day in said else ALL_DAY for day in WEEKDAYS)
    found = Asked(people, week)
    if found.always:
        return found
    try:
        zone = zone_of(said, brand_zone)
        return Asked(people, Calendar("cover", 1, zone, found.week).week, zone)
    except ValueError as e:
        raise Unclear(word("Ask for somebody at least an hour a week, in hours in order.")) from e


def document(found: Sequence[Shift], brand_zone: str, asks: Asked = ALWAYS) -> Document:
    """The document that `shifts` and `asked` read."""
    made: Document = {"shift": [_row(shift, brand_zone) for shift in found]}
    return made if asks == ALWAYS else made | {"cover": cover_row(asks, brand_zone)}


def cover_row(asks: Asked, brand_zone: str) -> dict[str, Any]:
    """What is asked, as a document's `cover`."""
    row: dict[str, Any] = {"people": asks.people}
    if not asks.always and asks.zone != brand_zone:
        row |= {"zone": asks.zone}
    week = zip(WEEKDAYS, asks.week, strict=True)
    return row | {day: slots_text(slots) for day, slots in week if slots != ALL_DAY}


def whole_row(shift: Shift) -> dict[str, Any]:
    """A shift as a document has it, with all that one may leave out."""
    row = _row(shift, "")
    groups = row.pop("groups", None) or [row.pop("people")]
    return {"weekdays": list(WEEKDAYS)} | row | {"groups": groups}


def hours_text(shift: Shift) -> str:
    """`22:00-06:00`."""
    return f"{shift.starts:%H:%M}-{shift.ends:%H:%M}"


def _shift(row: Any, brand_zone: str) -> Shift:
    if not isinstance(row, Mapping):
        raise Unclear(word("Write each shift as [[shift]], at most {n}."), n=MOST_SHIFTS)
    name = " ".join(clean(str(row.get("name", ""))).split())
    if not name or len(name) > NAME_LENGTH:
        raise Unclear(word("A shift needs a name of at most {n} letters."), n=NAME_LENGTH)
    check_keys(row, KEYS, name)
    key = str(row.get("id", ""))
    if not ID.fullmatch(key):
        raise Unclear(word("{name}: an id has small letters, digits and dashes."), name=name)
    starts, ends = hours_of(str(row.get("hours", "")), name)
    since, until = _date(row, "since", name), _date(row, "until", name)
    uids = _dates(row, "dates", name)
    if since and until and until < since:
        raise Unclear(word("{name}: it ends before it begins."), name=name)
    return Shift(
        id=key,
        name=name,
        starts=starts,
        ends=ends,
        zone=zone_of(row, brand_zone),
        groups=_groups(row, name),
        weekdays=_weekdays(row, name),
        since=since or date.min,
        until=until,
        anchor=_date(row, "first_week", name) or ANCHOR,
        dates=frozenset(day for day, _ in uids),
        without=frozenset(day for day, _ in _dates(row, "without", name)),
        uids=tuple(one for one in uids if one[1]),
    )


def _groups(row: Mapping[str, Any], name: str) -> tuple[tuple[str, ...], ...]:
    groups = row.get("groups", [row.get("people", [])])
    fits = isinstance(groups, list) and all(
        isinstance(group, list) and len(group) <= MOST_PEOPLE for group in groups
    )
    if not fits or len(groups) > MOST_GROUPS or ("groups" in row and "people" in row):
        raise Unclear(word("{name}: name its people, or groups of people."), name=name)
    return tuple(tuple(dict.fromkeys(str(p).lower() for p in group)) for group in groups)


def _weekdays(row: Mapping[str, Any], name: str) -> frozenset[int]:
    days = row.get("weekdays", list(WEEKDAYS))
    none = not days and not row.get("dates")
    if not isinstance(days, list) or none or not set(map(str, days)) <= set(WEEKDAYS):
        raise Unclear(word("{name}: the weekdays are monday to sunday."), name=name)
    return frozenset(WEEKDAYS.index(day) for day in days)


def _date(row: Mapping[str, Any], key: str, name: str) -> date | None:
    """TOML knows dates; forms and JSON write them as text."""
    if not row.get(key):
        return None
    try:
        found = date.fromisoformat(str(row[key]))
    except ValueError as e:
        raise Unclear(
            word("{name}: “{text}” is no date; write 2026-11-23."), name=name, text=row[key]
        ) from e
    if not 2000 <= found.year <= 2100:
        raise Unclear(
            word("{name}: “{text}” is no date; write 2026-11-23."), name=name, text=row[key]
        )
    return found


def _dates(row: Mapping[str, Any], key: str, name: str) -> list[tuple[date, str]]:
    """Dates in order, each with what a calendar file calls it, or nothing: `2026-12-24 5f2a…`."""
    found = row.get(key, [])
    if not isinstance(found, list) or len(found) > MOST_DATES:
        raise Unclear(word("{name}: list at most {n} dates."), name=name, n=MOST_DATES)
    parts = [str(one).partition(" ") for one in found]
    made = {
        (_date({key: day}, key, name), " ".join(clean(uid).split())[:MOST_UID])
        for day, _, uid in parts
    }
    return sorted((day, uid) for day, uid in made if day)


def _row(shift: Shift, brand_zone: str) -> dict[str, Any]:
    row: dict[str, Any] = {"id": shift.id, "name": shift.name, "hours": hours_text(shift)}
    if len(shift.groups) > 1:
        row |= {"groups": [list(group) for group in shift.groups]}
        row |= {"first_week": str(shift.anchor)}
    else:
        row |= {"people": [person for group in shift.groups for person in group]}
    if shift.weekdays != EVERY_DAY:
        row |= {"weekdays": [WEEKDAYS[day] for day in sorted(shift.weekdays)]}
    if shift.zone != brand_zone:
        row |= {"zone": shift.zone}
    if shift.since != date.min:
        row |= {"since": str(shift.since)}
    if shift.until:
        row |= {"until": str(shift.until)}
    named = {day for day, _ in shift.uids}
    dates = sorted([*shift.uids, *((day, "") for day in shift.dates - named)])
    if dates:
        row |= {"dates": [f"{day} {uid}".strip() for day, uid in dates]}
    return row | ({"without": list(map(str, sorted(shift.without)))} if shift.without else {})
