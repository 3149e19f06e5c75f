"""Policies and calendars as the pages show them, and their forms as documents."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from starlette.datastructures import FormData

from classifier.labels import Category, Urgency
from connectors.core.contract import Kind, word
from connectors.core.registry import channels
from inbox.domain import written
from inbox.domain.calendars import local_date
from inbox.domain.sla import ALL_FROM, CONDITIONS, LEAD_FROM, WORKING_DAYS, Policy
from inbox.domain.written import Unclear
from inbox.flows.holidays import published
from inbox.flows.policies import OTHER_CHANNELS, Effect
from inbox.store import persons, teams
from inbox.store import promises as stored
from inbox.store.session import Store
from inbox.store.tables import CalendarVersion, PolicyVersion
from inbox.web import accounts_view, complaint_rules_view, foreseen_view
from inbox.web.pages import A_WEEK, Frame
from inbox.web.pages_policies import (
    Asked,
    CalendarFormPage,
    CalendarRow,
    CalendarsPage,
    PoliciesPage,
    PolicyFormPage,
    PolicyRow,
    SpecialDay,
    VersionRow,
)

SYSTEM = "system"
COMING = timedelta(days=365)
MOST_COMING = 8
NOTHING: Mapping[str, str] = MappingProxyType({})


def policies_page(
    store: Store,
    frame: Frame,
    asked: Asked | None = None,
    trouble: str = "",
    complaint: tuple[Mapping[str, str], str, Mapping[str, str]] = (NOTHING, "", NOTHING),
    trial: Mapping[str, str] = NOTHING,
    done: str = "",
) -> PoliciesPage:
    """The policies in force, and every version; `complaint` is what was typed into the form of
    rules for complaints, why it cannot be stored, and what is wrong by field; `trial` what is asked
    of an account."""
    rows = _sets(store)
    with store.read() as session:
        rules = complaint_rules_view.rules(session)
        names = tuple(sorted({one.name for one in stored.calendar_versions(session)}))
    found = written.policies(rows[-1].said)
    return PoliciesPage(
        frame=frame,
        rows=tuple(_policy(policy) for policy in found),
        versions=versions(rows),
        channels=channel_names(),
        asked=asked,
        trouble=trouble,
        complaints=rules,
        calendars=names,
        complaint_draft=complaint[0],
        complaint_trouble=complaint[1],
        complaint_wrong=complaint[2],
        done=done,
        trial=foreseen_view.trial(store, frame, trial),
    )


def newest_set(store: Store) -> tuple[Policy, ...]:
    """The policies in force."""
    return written.policies(_sets(store)[-1].said)


def set_document(store: Store, number: int) -> written.Document | None:
    """An earlier set as a document; None when there is none."""
    return next((row.said for row in _sets(store) if row.number == number), None)


def _sets(store: Store) -> Sequence[PolicyVersion]:
    with store.read() as session:
        return stored.policy_versions(session)


def _policy(policy: Policy) -> PolicyRow:
    targets = (policy.target, policy.next_target)
    return PolicyRow(
        id=policy.id,
        name=policy.name,
        public=policy.public,
        conditions=tuple((n, tuple(sorted(getattr(policy, n)))) for n in policy.conditions),
        first=str(policy.target),
        next=str(policy.next_target or ""),
        calendar=policy.calendar if any(t and t.by_calendar for t in targets) else "",
        version=policy.version,
        until=policy.until,
    )


def versions(rows: Sequence[PolicyVersion | CalendarVersion]) -> tuple[VersionRow, ...]:
    """The history, newest first."""
    return tuple(
        VersionRow(
            number=row.number,
            at=row.made_at,
            by="" if row.made_by == SYSTEM else row.made_by,
            since=None if row.since == row.made_at else row.since,
            restores=row.restores or 0,
            newest=row is rows[-1],
            applied=row.applied_at is not None,
        )
        for row in reversed(rows)
    )


def policy_form(
    store: Store,
    frame: Frame,
    row: Mapping[str, Any],
    effect: Effect | None = None,
    trouble: str = "",
    wrong: Mapping[str, str] = NOTHING,
) -> PolicyFormPage:
    """The form of one policy, from its part of a document."""
    with store.read() as session:
        names = tuple(sorted({one.name for one in stored.calendar_versions(session)}))
        tags = persons.known_tags(session)
    return PolicyFormPage(
        frame=frame,
        id=row.get("id", ""),
        name=row.get("name", ""),
        first=row.get("first", ""),
        next=row.get("next", ""),
        calendar=row.get("calendar", WORKING_DAYS),
        public=row.get("public", True),
        until=row.get("until", "answered"),
        warn_at=" ".join(map(str, row.get("warn_at", (50, 75, 90)))),
        lead_from=str(row.get("lead_from", LEAD_FROM)),
        all_from=str(row.get("all_from", ALL_FROM)),
        chosen={name: frozenset(row.get(name, ())) for name in CONDITIONS},
        options={
            "channels": tuple(sorted({*channels(), *OTHER_CHANNELS, *row.get("channels", ())})),
            "kinds": tuple(map(str, Kind)),
            "categories": tuple(map(str, Category)),
            "urgencies": tuple(map(str, reversed(Urgency))),
            "contact_tags": tuple(sorted({*tags, *row.get("contact_tags", ())})),
        },
        channels=channel_names(),
        calendars=names,
        effect=effect,
        trouble=trouble,
        wrong=wrong,
    )


def wrong_in(row: Mapping[str, Any]) -> dict[str, str]:
    """What of a policy's form cannot be meant, by field."""
    found = {}
    if not row["name"]:
        found["name"] = word("Give the policy a name.")
    if not row["first"]:
        found["first"] = word("Give the time: a number and its unit.")
    steps = row["warn_at"]
    if not all(_percent(n, 99) for n in steps) or steps != sorted(set(steps)):
        found["warn_at"] = word("Write rising percents below 100, such as 50 75 90.")
    lead, everyone = row["lead_from"], row["all_from"]
    if not _percent(lead, 100):
        found["lead_from"] = word("Write a percent from 1 to 100.")
    if not _percent(everyone, 100):
        found["all_from"] = word("Write a percent from 1 to 100.")
    elif _percent(lead, 100) and lead > everyone:
        found["all_from"] = word("All come after the lead: write the same percent or a higher one.")
    return found


def _percent(n: object, most: int) -> bool:
    return isinstance(n, int) and 0 < n <= most


def policy_row(given: FormData, known: Sequence[str]) -> dict[str, Any]:
    """A policy's part of a document, from its form. A new one gets an id from its name."""
    name = str(given.get("name", "")).strip()
    row: dict[str, Any] = {
        "id": str(given.get("id") or "") or written.fresh_id(name, known, "policy"),
        "name": name,
        "first": _target(given, "first"),
        "calendar": str(given.get("calendar") or WORKING_DAYS),
        "public": given.get("public") != "no",
        "warn_at": [int(n) if n.isdecimal() else n for n in str(given.get("warn_at", "")).split()],
    }
    for name, usual in written.ESCALATION.items():
        n = str(given.get(name, usual)).strip()
        row[name] = int(n) if n.isdecimal() else n
    if given.get("until") == "resolved":
        row["until"] = "resolved"
    if following := _target(given, "next"):
        row["next"] = following
    for condition in CONDITIONS:
        if chosen := [str(value) for value in given.getlist(condition)]:
            row[condition] = chosen
    return row


def _target(given: FormData, name: str) -> str:
    """A number and its unit from two fields; or both in the first, as documents write them."""
    amount = str(given.get(name, "")).strip()
    return f"{amount}{given.get(f'{name}_unit', '')}" if amount.isdecimal() else amount


def with_row(found: Sequence[Policy], row: Mapping[str, Any]) -> written.Document:
    """The set with one policy changed, or a new one before the others."""
    document = written.policies_document(found)
    rows = document["policy"]
    at = next((n for n, one in enumerate(rows) if one["id"] == row["id"]), None)
    if at is None:
        rows.insert(0, dict(row))
    else:
        rows[at] = dict(row)
    return document


def without_row(found: Sequence[Policy], policy_id: str) -> written.Document:
    """The set without one policy."""
    return written.policies_document([policy for policy in found if policy.id != policy_id])


def calendars_page(
    store: Store,
    frame: Frame,
    asked: tuple[str, Asked] | None = None,
    trouble: str = "",
    done: str = "",
) -> CalendarsPage:
    """Every calendar with its history; `asked` names one and what going back would do."""
    found: dict[str, list[CalendarVersion]] = {}
    with store.read() as session:
        for row in stored.calendar_versions(session):
            found.setdefault(row.name, []).append(row)
        of_teams = teams.everyone(session)
    return CalendarsPage(
        frame=frame,
        rows=tuple(
            _calendar(
                rows,
                frame,
                asked[1] if asked and asked[0] == name else None,
                tuple(team.name for team in of_teams if team.calendar == name),
            )
            for name, rows in found.items()
        ),
        weekdays=A_WEEK,
        trouble=trouble,
        done=done,
    )


def _calendar(
    rows: Sequence[CalendarVersion], frame: Frame, asked: Asked | None, of: tuple[str, ...]
) -> CalendarRow:
    newest = rows[-1]
    made = stored.calendar(newest, frame.zone)
    today = local_date(frame.now, made.zone)
    coming = [
        SpecialDay(
            day,
            special.name,
            special.kind,
            written.hours_text(special.hours) if special.hours else "",
        )
        for day, special in sorted(made.days.items())
        if today <= day <= today + COMING
        and (special.kind != "holiday" or made.week[day.weekday()])
    ]
    return CalendarRow(
        name=newest.name,
        version=newest.number,
        zone=made.zone,
        own_zone=bool(newest.said.get("zone")),
        countries=tuple(written.countries(newest.said)),
        week=tuple(map(written.hours_text, made.week)),
        coming=tuple(coming[:MOST_COMING]),
        not_final=tuple(y for y in sorted(made.not_final) if today.year <= y <= today.year + 1),
        versions=versions(rows),
        asked=asked,
        base=newest.base or "",
        teams=of,
    )


def calendar_version(store: Store, name: str, number: int | None = None) -> CalendarVersion | None:
    """One version of a calendar, the newest without a number; None when there is none."""
    with store.read() as session:
        rows = stored.calendar_versions(session, name)
    if number is None:
        return rows[-1] if rows else None
    return next((row for row in rows if row.number == number), None)


def calendar_form(
    frame: Frame,
    name: str,
    document: Mapping[str, Any],
    *,
    is_new: bool,
    effect: Effect | None = None,
    trouble: str = "",
    wrong: Mapping[str, str] = NOTHING,
) -> CalendarFormPage:
    """The form of one calendar, from its document."""
    hours = document.get("hours", {})
    return CalendarFormPage(
        frame=frame,
        name=name,
        is_new=is_new,
        zone=document.get("zone", ""),
        brand_zone=frame.zone,
        countries=" ".join(document.get("countries", [])),
        week=tuple(hours.get(day, "closed") for day in written.WEEKDAYS),
        days="\n".join(f"{day} {said}" for day, said in document.get("days", {}).items()),
        weekdays=A_WEEK,
        effect=effect,
        trouble=trouble,
        base=document.get("base", ""),
        wrong=wrong,
    )


def wrong_in_calendar(document: Mapping[str, Any], zone: str, now: datetime) -> dict[str, str]:
    """What of a calendar's form cannot be meant, by field; `zone` is the brand's."""
    hours = word("Write closed, open, or slots such as 09:00-12:30 13:30-18:00.")
    week = document.get("hours", {}).items()
    readings: dict[str, Callable[[], object]] = {
        "zone": lambda: written.zone_of(document, zone),
        "countries": lambda: published(document.get("countries", []), now),
        **{day: partial(written.hours, text, day) for day, text in week},
        "days": lambda: written.team_days(document["days"]),
    }
    found = {}
    for field, read in readings.items():
        try:
            read()
        except Unclear as e:
            found[field] = hours if field in written.WEEKDAYS else str(e)
    return found


def document_of(row: CalendarVersion | None, frame: Frame) -> written.Document:
    """A calendar as it is written; without one, what a new calendar begins with."""
    if row is None:
        return {"hours": dict.fromkeys(written.WEEKDAYS[:5], "09:00-18:00")}
    return stored.calendar_document(row, frame.zone)


def calendar_document(given: FormData) -> written.Document:
    """The document that a calendar's form says."""
    zone = str(given.get("zone", "")).strip()
    days: dict[str, str] = {}
    for line in str(given.get("days", "")).splitlines():
        day, _, said = line.strip().partition(" ")
        if day:
            days[day] = said.strip()
    if base := str(given.get("base", "")):
        return {"base": base, "days": days}
    return ({"zone": zone} if zone else {}) | {
        "countries": re.split(r"[\s,]+", str(given.get("countries", "")).strip())
        if str(given.get("countries", "")).strip()
        else [],
        "hours": {day: str(given.get(day, "")).strip() or "closed" for day in written.WEEKDAYS},
        "days": days,
    }


def channel_names() -> dict[str, str]:
    """Channels by key, as they call themselves."""
    return {key: accounts_view.named(key).name for key in (*channels(), *OTHER_CHANNELS)}
