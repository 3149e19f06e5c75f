"""The audit log as people and programs read it: who did what when to what, in plain words."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connectors.core.text import clean
from inbox.domain import cells
from inbox.domain.acts import acts_of
from inbox.flows import history
from inbox.flows.history import Happened
from inbox.store import audit_log as stored
from inbox.store.audit_log import Asked, Object
from inbox.store.history import Names, names
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from templates.audited import HOUSE
from templates.happened import WORDS, Said, Value, plain, plain_quote, who

PAGE: Final = 500
YEARS: Final = range(1970, 9999)
COLUMNS: Final = ("at", "who", "by", "act", "what", "about", "name", "quote", "detail")
_PLACE = re.compile(r"%\((\w+)\)s")
_SAID: Final = {"role": "role", "before": "role", "presence": "presence"}
"""Details that are keys of the program's own words."""


class BadDay(ValueError):
    """No day of the calendar, or one of no use here."""


@dataclass(frozen=True, slots=True)
class Act:
    """An act: its row, its line for people, and what it was about where that is still there."""

    row: AnyRow
    line: Happened
    about: Object | None


@dataclass(frozen=True, slots=True)
class Acts:
    """The newest first, and the cursor of what is older (None at the end)."""

    acts: tuple[Act, ...]
    next_cursor: str | None


def day(text: str) -> date | None:
    """A day as it is written in an address ("2026-11-23"); None where nothing is. Raises
    `BadDay`."""
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError as e:
        raise BadDay("A day is written like 2026-11-23.") from e
    if found.year not in YEARS:
        raise BadDay("A day is written like 2026-11-23.")
    return found


def asked(zone: str, who: str = "", kind: str = "", first: str = "", last: str = "") -> Asked:
    """Whose acts, of a kind (`domain.acts`) or of one name, from a day to a day of this zone, both
    included. Raises `BadDay`."""
    since, until = day(first), day(last)
    until = until + timedelta(days=1) if until else None
    began, ends = (_midnight(one, zone) if one else None for one in (since, until))
    return Asked(clean(who), acts_of(clean(kind)), began, ends)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def listed(session: Session, wanted: Asked, limit: int, cursor: str | None = None) -> Acts:
    """A page of the log. Raises `BadCursor`."""
    page = stored.page(session, wanted, limit, cursor)
    details = [row.detail for row in page.rows]
    known = names(
        session,
        [one["agent"] for one in details if isinstance(one.get("agent"), int)],
        [],
    )
    about = stored.objects(session, [row.subject for row in page.rows])
    acts = tuple(Act(row, line(row, known), about.get(row.subject)) for row in page.rows)
    return Acts(acts, page.next_cursor)


def line(row: AnyRow, known: Names) -> Happened:
    """An act in words; one that lacks what its words need is named as it is."""
    told = history.audited(row.at, row, known)
    what, values = told.what, told.values
    if row.action in HOUSE:
        what = _which(row)
        values = _filled(HOUSE[what], row.detail)
    elif row.action == "bulk":
        what = "bulk.unnamed"
    if set(_PLACE.findall(WORDS[what])) - set(values):
        what, values = "other", {"action": row.action}
    return Happened(told.at, what, told.by, told.name, values, told.quote)


def _which(row: AnyRow) -> str:
    if row.action == "assignment" and not row.detail.get("on", True):
        return "assignment.off"
    if row.action == "absence" and "person" not in row.detail:
        return "absence.own"
    return str(row.action)


def _filled(words: str, detail: Mapping[str, Any]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for name in _PLACE.findall(words):
        value = detail.get(name)
        if value is None:
            continue
        if isinstance(value, list):
            values[name] = ", ".join(map(str, value)) or "–"
        else:
            values[name] = Said(str(value), _SAID[name]) if name in _SAID else str(value)
    return values


def told(act: Act) -> dict[str, Any]:
    """An act as programs are told it."""
    row = act.row
    return {
        "id": row.id,
        "at": row.at,
        "who": row.actor,
        "by": who(act.line),
        "act": row.action,
        "what": plain(act.line),
        "about": row.subject,
        "name": (act.about.name if act.about else "") or None,
        "quote": plain_quote(act.line) or None,
        "detail": row.detail,
    }


def csv_lines(store: Store, wanted: Asked, page: int = PAGE) -> Iterator[str]:
    """The log as a sheet, in pages, so that memory stays flat. Instants are in UTC."""
    yield cells.BOM + cells.line(COLUMNS)
    cursor: str | None = None
    while True:
        with store.read() as session:
            found = listed(session, wanted, page, cursor)
        yield "".join(cells.line(_cells(told(one))) for one in found.acts)
        cursor = found.next_cursor
        if cursor is None:
            return


def _cells(one: Mapping[str, Any]) -> list[str | None]:
    detail = json.dumps(one["detail"], ensure_ascii=False) if one["detail"] else None
    shown = {**one, "at": f"{one['at']:%Y-%m-%d %H:%M:%S}", "detail": detail}
    return [shown[name] for name in COLUMNS]
