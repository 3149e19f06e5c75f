"""The roster as its page shows it, and its forms as documents."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from inbox.domain import roster as rules
from inbox.domain import roster_written
from inbox.domain.calendars import DAY, first_instant, local_date, zones
from inbox.domain.roster import Asked, Duty, Roster, Shift, Span
from inbox.domain.swaps import ACCEPTED, OFFERED
from inbox.domain.written import WEEKDAYS, Document, fresh_id, hours_text
from inbox.flows import roster_calendar
from inbox.flows.presence import here
from inbox.store import roster as stored
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from inbox.store.tables import RosterVersion, User
from inbox.web import forecast_view, roster_import_view
from inbox.web.pages import A_WEEK, Frame, Person, initials
from inbox.web.pages_roster import (
    AskedRow,
    Away,
    CalendarRow,
    Day,
    Entry,
    Hole,
    Offer,
    RosterPage,
    ShiftRow,
    Worker,
)

AHEAD = timedelta(days=14)
DAYS = frozenset("0123456")
WEEKS = 4
"""How many weeks of a rotation the form has, at least."""


def roster_page(store: Store, frame: Frame, week: date | None = None, **more: Any) -> RosterPage:
    """The page, in the reader's own zone where one is set."""
    now = frame.now
    since = min(now, datetime.combine(week, time(), UTC)) if week else now
    with store.read() as session:
        own = stored.zone_of(session, frame.me.id) or ""
        read = stored.rows(session, since)
        past = stored.over_time(session, read, since)
        staff, absences = read.staff, read.absences
        there = here(session, [one.id for one in staff], now)
        roster = past[-1][3] if past else Roster()
        names = {one.email: one.name for one in staff}
        calendars, taken = _calendars(session, frame), roster_import_view.taken(session, frame)
        ahead = forecast_view.forecast(session, now, names, roster) if roster.shifts else None
    swaps = [one for one in read.swaps if one.SwapRow.day >= (now - stored.LOOKS_BACK).date()]
    brand_zone, zone = frame.zone, own or frame.zone
    people = {one.email: _person(one, there[one.id]) for one in staff}
    monday = _monday(week or local_date(now, zone))
    spans = rules.cover(roster, now, now + AHEAD)
    shifts = tuple(_shift_row(one, local_date(now, one.zone)) for one in roster.shifts)
    return RosterPage(
        frame=replace(frame, zone=zone),
        brand_zone=brand_zone,
        own_zone=own,
        zones=tuple(sorted(zones())),
        on_now=tuple(people[email] for email in sorted(spans[0].people) if email in people),
        next_at=spans[0].ends_at if spans[0].ends_at < now + AHEAD else None,
        week=monday,
        before=monday - 7 * DAY,
        after=monday + 7 * DAY,
        days=tuple(_days(past, people, monday, zone, brand_zone, now)),
        holes=tuple(rules.holes(roster, now, now + AHEAD)),
        asked=_asked_row(roster.asked, brand_zone),
        shifts=tuple(sorted(shifts, key=lambda one: one.over)),
        blank=ShiftRow("", "", "", "", brand_zone, rules.EVERY_DAY, ((),) * WEEKS, "", "", ""),
        staff=tuple(people.values()),
        swappable=tuple(_swappable(roster, people, now, frame)),
        offers=tuple(_offers(roster, swaps, frame)),
        away=tuple(_away(one, frame) for one in absences if one.AbsenceRow.ends_at > now),
        version=past[-1][0].number if past else 0,
        weekdays=A_WEEK,
        forecast=ahead,
        calendars=calendars if roster.shifts else (),
        taken=taken,
        **more,
    )


def _days(
    past: Sequence[tuple[RosterVersion, datetime, datetime, Roster]],
    people: dict[str, Person],
    monday: date,
    zone: str,
    brand_zone: str,
    now: datetime,
) -> list[Day]:
    """Each day by the shifts that were in force: what ended before a change stays as it was."""
    start, end = (first_instant(monday + n * DAY, time(), zone) for n in (0, 7))
    found: dict[date, list[Entry]] = {}
    holes: list[Span] = []
    for _, since, until, roster in past:
        if until <= start or since >= end + 2 * DAY:  # no shift of this week ended in its time
            continue
        for day, ends, entry in _entries(roster, start, end, people, zone, brand_zone, now):
            if since < ends <= until:
                found.setdefault(day, []).append(entry)
        first, last = max(start, since), min(end, until)
        if roster.shifts and first < last:
            holes += rules.holes(roster, first, last)
    empty: dict[date, list[Hole]] = {}
    for one in _joined(holes):
        a = one.starts_at
        while a < one.ends_at:  # a hole over several dates is told on each
            midnight = first_instant(local_date(a, zone) + DAY, time(), zone)
            told = _hours(a, min(one.ends_at, midnight), zone)
            here = Hole(told, len(one.people), one.asked)
            empty.setdefault(local_date(a, zone), []).append(here)
            a = midnight
    today = local_date(now, zone)
    return [
        Day(
            day,
            day == today,
            tuple(sorted(found.get(day, ()), key=lambda entry: entry.time)),
            tuple(empty.get(day, ())),
            day < today,
        )
        for day in (monday + n * DAY for n in range(7))
    ]


def _joined(holes: Sequence[Span]) -> list[Span]:
    """Holes that go on over a change of the shifts are one."""
    found: list[Span] = []
    for one in holes:
        before = found[-1] if found else None
        same = before and (before.ends_at, len(before.people), before.asked) == (
            one.starts_at,
            len(one.people),
            one.asked,
        )
        if before and same:
            found[-1] = replace(before, ends_at=one.ends_at)
        else:
            found.append(one)
    return found


def _asked_row(asked: Asked, brand_zone: str) -> AskedRow:
    week = tuple(hours_text(hours) for hours in asked.week)
    zone = "" if asked.always or asked.zone == brand_zone else asked.zone
    return AskedRow(asked.people, zone, week, asked == rules.ALWAYS)


def asked_document(store: Store, given: FormData, brand_zone: str) -> Document:
    """The whole roster with what the form asks of it."""
    with store.read() as session:
        whole = roster_written.document(stored.shifts(session), brand_zone)
    people, zone = str(given.get("people", "")), str(given.get("zone", "")).strip()
    said: dict[str, Any] = {"people": number(people) or 0}
    said |= {day: str(given.get(day, "")).strip() or "closed" for day in WEEKDAYS}
    return whole | {"cover": said | ({"zone": zone} if zone else {})}


def _entries(
    roster: Roster,
    start: datetime,
    end: datetime,
    people: dict[str, Person],
    zone: str,
    brand_zone: str,
    now: datetime,
) -> Iterator[tuple[date, datetime, Entry]]:
    """The shifts that begin from one instant to another: local date, end, and what is shown."""
    whole = rules.duties(roster, start - 2 * DAY, end + 2 * DAY)
    by_shift = {k: list(v) for k, v in groupby(sorted(whole, key=_of), _of)}
    for shift in roster.shifts:
        for day in rules.begin_dates(shift, start, end):
            begins, ends = shift.span(day)
            if start <= begins < end:
                duties = by_shift.get((shift.id, day), [])
                entry = _entry(shift, (begins, ends), duties, people, zone, brand_zone, now)
                yield local_date(begins, zone), ends, entry


def _entry(
    shift: Shift,
    span: tuple[datetime, datetime],
    duties: Sequence[Duty],
    people: dict[str, Person],
    zone: str,
    brand_zone: str,
    now: datetime,
) -> Entry:
    workers = tuple(
        Worker(
            people[one.person],
            ""
            if (one.starts_at, one.ends_at) == span
            else _hours(one.starts_at, one.ends_at, zone),
            _duty(one),
        )
        for one in duties
        if one.person in people
    )
    told = _hours(*span, zone)
    brands = _hours(*span, brand_zone)
    is_now = span[0] <= now < span[1]
    return Entry(shift.name, told, "" if brands == told else brands, workers, is_now)


def _hours(start: datetime, end: datetime, zone: str) -> str:
    tz = ZoneInfo(zone)
    closes = f"{end.astimezone(tz):%H:%M}"
    return f"{start.astimezone(tz):%H:%M}–{'24:00' if closes == '00:00' else closes}"


def _swappable(
    roster: Roster, people: dict[str, Person], now: datetime, frame: Frame
) -> list[tuple[str, str, date, str]]:
    found: list[tuple[str, str, date, str]] = []
    for duty in rules.duties(roster, now, now + AHEAD):
        mine = frame.me.leads or duty.person == frame.me.email
        value = _duty(duty)
        if mine and duty.person in people and all(value != one[0] for one in found):
            found.append((value, duty.shift.name, duty.day, people[duty.person].name))
    return found


def _duty(duty: Duty) -> str:
    """What the form of a swap calls it."""
    return f"{duty.shift.id}|{duty.day}|{duty.person}"


def _offers(roster: Roster, swaps: Sequence[AnyRow], frame: Frame) -> list[Offer]:
    """What is offered or agreed and still to come; the shift's own name where it is still there."""
    names = {shift.id: shift.name for shift in roster.shifts}
    found = []
    for row in swaps:
        swap, gives, takes = row.SwapRow, row.gives, row.takes
        if swap.state not in (OFFERED, ACCEPTED) or swap.day < frame.now.date() - DAY:
            continue
        leads, may = frame.me.leads, []
        if swap.state == OFFERED and (leads or takes.id == frame.me.id):
            may += ["accept", "decline"]
        if leads or (swap.state == OFFERED and gives.id == frame.me.id):
            may += ["withdraw"]
        name = names.get(swap.shift, swap.shift)
        found.append(
            Offer(swap.id, name, swap.day, _person(gives), _person(takes), swap.state, tuple(may))
        )
    return sorted(found, key=lambda one: (one.day, one.id))


def _away(row: AnyRow, frame: Frame) -> Away:
    one, user = row.AbsenceRow, row.User
    mine = frame.me.leads or (frame.me.writes and user.id == frame.me.id)
    return Away(one.id, _person(user), one.starts_at, one.ends_at, one.reason, mine)


def _calendars(session: Session, frame: Frame) -> tuple[CalendarRow, ...]:
    """Who has no shifts reads the whole roster only."""
    found = {one.whole: one for one in roster_calendar.links(session, frame.me.id)}
    return tuple(
        CalendarRow(whole, one.expires_at, one.last_used_at)
        if (one := found.get(whole))
        else CalendarRow(whole)
        for whole in ((False, True) if frame.me.writes else (True,))
    )


def _shift_row(shift: Shift, today: date) -> ShiftRow:
    return ShiftRow(
        id=shift.id,
        name=shift.name,
        starts=f"{shift.starts:%H:%M}",
        ends=f"{shift.ends:%H:%M}",
        zone=shift.zone,
        weekdays=shift.weekdays,
        weeks=shift.groups + ((),) * (WEEKS - len(shift.groups)),
        since="" if shift.since == date.min else str(shift.since),
        until=str(shift.until) if shift.until else "",
        first_week=str(shift.anchor) if len(shift.groups) > 1 else "",
        over=_over(shift, today),
        dates=sum(1 for day in shift.dates if day >= today),
        without=sum(1 for day in shift.without if day >= today),
    )


def _over(shift: Shift, today: date) -> bool:
    ended = shift.until is not None and shift.until < today
    return ended or not (shift.weekdays or any(day >= today for day in shift.dates))


def shift_document(
    store: Store, given: FormData, brand_zone: str, today: date
) -> tuple[Document, str]:
    """The whole roster with the form's shift in it, and the shift's id. `do=end` lets it begin
    today for the last time, or never where it has not begun."""
    with store.read() as session:
        rows = roster_written.document(stored.shifts(session), brand_zone)["shift"]
    key = str(given.get("id", ""))
    at = next((n for n, one in enumerate(rows) if one["id"] == key), None)
    if given.get("do") == "end":
        if at is not None and rows[at].get("since", "") > str(today):
            del rows[at]
        elif at is not None:
            rows[at]["until"] = str(today)
        return {"shift": rows}, key
    key = key or fresh_id(str(given.get("name", "")), {one["id"] for one in rows}, "shift")
    row = _given_row(given, key)
    if at is None:
        rows.append(row)
    else:
        rows[at] = row | {name: rows[at][name] for name in ("dates", "without") if name in rows[at]}
    return {"shift": rows}, key


def _given_row(given: FormData, key: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": key,
        "name": str(given.get("name", "")),
        "hours": f"{str(given.get('starts', ''))[:5]}-{str(given.get('ends', ''))[:5]}",
        "weekdays": [WEEKDAYS[int(d)] for d in map(str, given.getlist("day")) if d in DAYS],
        "groups": _groups(given),
    }
    for name in ("zone", "since", "until", "first_week"):
        if said := str(given.get(name, "")).strip():
            row[name] = said
    return row


def _groups(given: FormData) -> list[list[str]]:
    """Weeks up to the last that has somebody; one without anybody between them is a week off."""
    names = [f"week{n}" for n in range(roster_written.MOST_GROUPS)]
    found = [[str(email) for email in given.getlist(name)] for name in names]
    while len(found) > 1 and not found[-1]:
        del found[-1]
    return found


def absence_span(given: FormData, zone: str) -> tuple[datetime, datetime] | None:
    """From the first day's beginning, or its time, to the last day's end, or its time."""
    try:
        first, last = (date.fromisoformat(str(given.get(name, ""))) for name in ("first", "last"))
        opens, closes = (str(given.get(name, "")).strip() for name in ("from", "to"))
        start = first_instant(first, _wall(opens) if opens else time(), zone)
        if closes:
            return start, first_instant(last, _wall(closes), zone)
        return start, first_instant(last + DAY, time(), zone)
    except (ValueError, OverflowError):
        return None


def _wall(text: str) -> time:
    """`10:00`; what stands behind it, as a zone, is no part of a wall clock."""
    return time.fromisoformat(text).replace(tzinfo=None)


def number(text: str) -> int | None:
    """A small number of a form or an address."""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def week_of(text: str) -> date | None:
    """A date of the week to show."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def _person(user: User, presence: str = "") -> Person:
    return Person(user.name, initials(user.name), user.email, user.id, presence)


def _of(duty: Duty) -> tuple[str, date]:
    return duty.shift.id, duty.day


def _monday(day: date) -> date:
    return day - day.weekday() * DAY
