"""Policies and calendars as people write them, in TOML files, forms and the database.

    [[policy]]                              zone = "Europe/Lisbon"      # else the brand's
    id = "refunds"                          countries = ["PT", "DE-BY"] # their public holidays
    name = "Refunds"
    first = "8bh"                           [hours]
    next = "1bd"       # else as first      monday = "09:00-12:30 13:30-18:00"
    calendar = "working days"               saturday = "closed"         # open: the whole day
    channels = ["x"]   # no line: any
    categories = ["refund"]                 [days]
    until = "resolved" # else an answer     2026-12-24 = "closed Christmas Eve"
    warn_at = [50, 75, 90]                  2026-12-31 = "09:00-12:00 short day"
    lead_from = 75     # the lead on duty is warned, too
    all_from = 100     # all leads and admins are
    until = "resolved" # the whole matter; no line: an answer

Everything here turns such a document, as nested dicts, into domain objects or back. `Unclear` names
the place and what would do.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from connectors.core.contract import word
from inbox.domain.calendars import ALL_DAY, CLOSED, Calendar, Hours, Slot, Special
from inbox.domain.sla import (
    ALL_FROM,
    CONDITIONS,
    LEAD_FROM,
    WORKING_DAYS,
    Policy,
    Target,
    Until,
)

WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
Document = dict[str, Any]
Kind = Literal["holiday", "make-up"]
Day = tuple[str, Kind, str]
Published = Sequence[Day]
"""Public holidays and make-up workdays as stored: (ISO date, kind, name)."""

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST_SLUG: Final = 32
HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
SLOT = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
ESCALATION: Final = {"lead_from": LEAD_FROM, "all_from": ALL_FROM}
ONLY_ADMITTED: Final = {
    *("id", "name", "first", "next", "calendar", "public", "warn_at", "until"),
    *ESCALATION,
    *CONDITIONS,
}


class Unclear(ValueError):
    """A document that cannot be read; the message says where, and what would do."""

    def __init__(self, words: str, **values: object) -> None:
        super().__init__(words.format(**values))


def hours(text: str, where: str) -> Hours:
    """`closed`, `open` (the whole day), or slots such as `09:00-12:30 13:30-24:00`."""
    found, rest = _leading_hours(text, where)
    if found is None or rest:
        raise Unclear(
            word("{where}: “{text}” are no hours; write closed, open, or 09:00-12:30 14:00-18:00."),
            where=where,
            text=text,
        )
    return found


def hours_text(slots: Hours) -> str:
    """The hours as `hours` reads them."""
    if slots == ALL_DAY:
        return "open"
    return " ".join(map(str, slots)) or "closed"


def calendar(
    name: str,
    version: int,
    document: Document,
    brand_zone: str,
    published: Published = (),
    not_final: Iterable[int] = (),
) -> Calendar:
    """A calendar with its holidays. The team's own days win over make-up days, these over holidays.

    A make-up workday has the hours of the week's first open day. Raises `Unclear`.
    """
    check_keys(document, {"name", "zone", "countries", "hours", "days"}, f"calendar {name}")
    countries(document)
    zone = zone_of(document, brand_zone)
    week = _week(document.get("hours"))
    usual = next((slots for slots in week if slots), ALL_DAY)
    days = {}
    for day, kind, title in sorted(published, key=lambda row: row[1] == "make-up"):
        days[date.fromisoformat(day)] = Special(usual if kind == "make-up" else CLOSED, title, kind)
    days |= team_days(document.get("days", {}))
    try:
        return Calendar(name, version, zone, week, days, frozenset(not_final))
    except ValueError as e:
        raise Unclear(word("The hours: {why}."), why=e) from e


def calendar_document(made: Calendar, said: Document) -> Document:
    """The document that `calendar` reads, with every weekday and the days in order."""
    found: Document = {"zone": said["zone"]} if said.get("zone") else {}
    found["countries"] = countries(said)
    found["hours"] = {
        day: hours_text(slots) for day, slots in zip(WEEKDAYS, made.week, strict=True)
    }
    found["days"] = {
        day.isoformat(): f"{hours_text(special.hours)} {special.name}"
        for day, special in sorted(made.days.items())
        if special.kind == "team"
    }
    return found


def zone_of(document: Mapping[str, Any], brand_zone: str) -> str:
    """The zone that is written, or the brand's. Raises `Unclear`."""
    zone = str(document.get("zone") or brand_zone)
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError) as e:
        raise Unclear(
            word("“{zone}” is no time zone; write for example Europe/Lisbon."), zone=zone
        ) from e
    return zone


def team_days(written: Any) -> dict[date, Special]:
    """Dates of the team's own, each with hours and a reason."""
    if not isinstance(written, Mapping):
        raise Unclear(word("days: write a table of dates with hours and a reason."))
    days = {}
    for key, said in written.items():
        try:
            day = date.fromisoformat(str(key))
        except ValueError as e:
            raise Unclear(word("“{day}” is no date; write YYYY-MM-DD."), day=key) from e
        slots, reason = _leading_hours(str(said), f"days, {key}")
        if slots is None or not reason:
            raise Unclear(
                word(
                    "{day}: write the hours and why, such as “closed Christmas Eve” or"
                    " “09:00-12:00 short day”."
                ),
                day=key,
            )
        days[day] = Special(slots, reason, "team")
    return days


def countries(document: Document) -> list[str]:
    """The countries whose holidays count, as written: `PT`, `DE-BY`."""
    return _words(document.get("countries", []), "countries")


def policies(document: Any, version: int = 1) -> tuple[Policy, ...]:
    """The set of policies, all with this version unless they name one. Raises `Unclear`."""
    if not isinstance(document, Mapping):
        raise Unclear(word("Write a list of [[policy]] tables."))
    check_keys(document, {"policy"}, "the file")
    rows = document.get("policy")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows) or not rows:
        raise Unclear(word("Write a list of [[policy]] tables."))
    found = tuple(_policy(row, number, version) for number, row in enumerate(rows, start=1))
    ids = [policy.id for policy in found]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise Unclear(
            word("Policy “{id}” stands there twice; each needs an id of its own."), id=twice[0]
        )
    answers = [policy for policy in found if policy.until == "answered"]
    if not any(policy.public and not policy.conditions for policy in answers):
        raise Unclear(
            word("One public policy must have no conditions, so that every turn has a due time.")
        )
    return found


def policies_document(found: Sequence[Policy], *, versions: bool = False) -> Document:
    """The document that `policies` reads; with `versions`, as the database keeps it."""
    rows = []
    for policy in found:
        row: Document = {"id": policy.id, "name": policy.name, "first": str(policy.target)}
        if policy.next_target is not None:
            row["next"] = str(policy.next_target)
        if policy.calendar != WORKING_DAYS:
            row["calendar"] = policy.calendar
        row |= {name: sorted(getattr(policy, name)) for name in policy.conditions}
        if policy.until != "answered":
            row["until"] = policy.until
        row |= {"public": policy.public, "warn_at": [round(100 * w) for w in policy.warn_at]}
        row |= {
            n: getattr(policy, n) for n, usual in ESCALATION.items() if getattr(policy, n) != usual
        }
        rows.append(row | ({"version": policy.version} if versions else {}))
    return {"policy": rows}


def renumbered(
    found: Sequence[Policy], before: Sequence[Policy], version: int
) -> tuple[Policy, ...]:
    """Policies that say something new get the new version; the others keep theirs."""
    known = {policy.id: policy for policy in before}
    kept = []
    for policy in found:
        old = known.get(policy.id)
        same = old is not None and replace(policy, version=old.version) == old
        kept.append(old if same and old is not None else replace(policy, version=version))
    return tuple(kept)


def fresh_id(name: str, taken: Collection[str], otherwise: str) -> str:
    """An id for what is called so; made of `otherwise` where no letter of the name may stand in
    one."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    base = words[:MOST_SLUG].strip("-") or otherwise
    return next(i for i in (base, *(f"{base}-{n}" for n in range(2, 999))) if i not in taken)


def hours_of(text: str, where: str) -> tuple[time, time]:
    """Two times of day, written as 22:00-06:00. Raises `Unclear`."""
    found = HOURS.fullmatch(text.strip())
    if found is None:
        raise Unclear(word("{name}: write the hours as 22:00-06:00."), name=where)
    a, b, c, d = map(int, found.groups())
    return time(a, b), time(c, d)


def language_of(text: str) -> str:
    """A language's code as messages have it. Raises `Unclear`."""
    code = text.strip().lower()
    if not re.fullmatch("[a-z]{2,3}", code):
        said = word("“{text}” is no language; write two letters, such as en or zh.")
        raise Unclear(said, text=text[:20])
    return code


def check_keys(document: Mapping[str, Any], admitted: set[str], where: str) -> None:
    """Raises `Unclear` for a key that means nothing: it is a slip of the pen, or of a version."""
    for key in document:
        if key not in admitted:
            raise Unclear(
                word("{where}: “{key}” means nothing; there are {keys}."),
                where=where,
                key=key,
                keys=", ".join(sorted(admitted)),
            )


def _policy(row: Mapping[str, Any], number: int, version: int) -> Policy:
    where = f"policy {row.get('id', number)}"
    check_keys(row, {*ONLY_ADMITTED, "version"}, where)
    name_, title = row.get("id"), str(row.get("name", "")).strip()
    if not isinstance(name_, str) or not ID.fullmatch(name_):
        raise Unclear(
            word("{where}: the id needs lower-case letters, digits and hyphens, at most 40."),
            where=where,
        )
    if not title:
        raise Unclear(word("{where}: the name is missing."), where=where)
    public = row.get("public", True)
    if not isinstance(public, bool):
        raise Unclear(word("{where}: public is true or false."), where=where)
    lead_from, all_from = _escalation(row, where)
    until = _until(row, where)
    return Policy(
        name_,
        int(row.get("version", version)),
        title,
        _target(row.get("first"), f"{where}, first"),
        channels=_values(row.get("channels"), f"{where}, channels"),
        kinds=_values(row.get("kinds"), f"{where}, kinds"),
        categories=_values(row.get("categories"), f"{where}, categories"),
        urgencies=_values(row.get("urgencies"), f"{where}, urgencies"),
        contact_tags=_values(row.get("contact_tags"), f"{where}, contact_tags"),
        public=public,
        warn_at=_steps(row.get("warn_at", [50, 75, 90]), where),
        next_target=_target(row["next"], f"{where}, next") if row.get("next") else None,
        calendar=str(row.get("calendar") or WORKING_DAYS),
        lead_from=lead_from,
        all_from=all_from,
        until=until,
    )


def _until(row: Mapping[str, Any], where: str) -> Until:
    said = row.get("until", "answered")
    if said == "resolved" and row.get("next"):
        raise Unclear(word("{where}: a matter is resolved once; leave out next."), where=where)
    if said == "resolved":
        return "resolved"
    if said != "answered":
        raise Unclear(word("{where}: until is answered or resolved."), where=where)
    return "answered"


def _target(text: Any, where: str) -> Target:
    try:
        return Target.parse(str(text or ""))
    except ValueError as e:
        raise Unclear(
            word("{where}: write a target such as 24h, 90m, 3bd, 8bh or 45d."), where=where
        ) from e


def _values(said: Any, where: str) -> frozenset[str] | None:
    """An empty list would fit nothing, so it is refused."""
    if said is None:
        return None
    found = frozenset(_words(said, where))
    if not found:
        raise Unclear(word("{where}: name at least one, or leave it out."), where=where)
    return found


def _words(said: Any, where: str) -> list[str]:
    if not isinstance(said, list) or not all(isinstance(one, str) and one for one in said):
        raise Unclear(word("{where}: write a list of words."), where=where)
    return said


def _steps(said: Any, where: str) -> tuple[float, ...]:
    good = isinstance(said, list) and all(type(n) is int and 0 < n < 100 for n in said)
    if not good or sorted(set(said)) != said:
        raise Unclear(
            word("{where}: warn_at is a rising list of percents, such as 50, 75, 90."), where=where
        )
    return tuple(n / 100 for n in said)


def _escalation(row: Mapping[str, Any], where: str) -> tuple[int, int]:
    """From which part of the wait on the lead on duty, and everybody, is warned."""
    lead_from, all_from = (row.get(name, usual) for name, usual in ESCALATION.items())
    if not all(type(n) is int and 0 < n <= 100 for n in (lead_from, all_from)):
        raise Unclear(
            word("{where}: lead_from and all_from are percents from 1 to 100."), where=where
        )
    if lead_from > all_from:
        raise Unclear(word("{where}: lead_from comes before all_from."), where=where)
    return lead_from, all_from


def _week(written: Any) -> tuple[Hours, ...]:
    """Without hours: Monday to Friday, the whole day. A day that is not named is closed."""
    if written is None:
        return (ALL_DAY,) * 5 + (CLOSED,) * 2
    if not isinstance(written, Mapping):
        raise Unclear(word("hours: write a table with a line for each weekday."))
    check_keys(written, set(WEEKDAYS), "hours")
    return tuple(hours(str(written.get(day, "closed")), f"hours, {day}") for day in WEEKDAYS)


def _leading_hours(text: str, where: str) -> tuple[Hours | None, str]:
    """The hours at the beginning of a text, None when there are none, and the rest of it."""
    first, _, rest = text.strip().partition(" ")
    if first in ("closed", "open"):
        return (CLOSED if first == "closed" else ALL_DAY), rest.strip()
    slots: list[Slot] = []
    words = text.split()
    while words and (found := SLOT.fullmatch(words[0])):
        slots.append(_slot(found, where))
        words.pop(0)
    return (tuple(slots) if slots else None), " ".join(words)


def _slot(found: re.Match[str], where: str) -> Slot:
    opens, closes = (int(found[1]), int(found[2])), (int(found[3]), int(found[4]))
    try:
        return Slot(time(*opens), None if closes == (24, 0) else time(*closes))
    except ValueError as e:
        raise Unclear(
            word("{where}: “{text}” is no span of a day; write 09:00-18:00."),
            where=where,
            text=found[0],
        ) from e
