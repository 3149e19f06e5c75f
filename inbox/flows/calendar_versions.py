"""The next version of a calendar, and of those that follow it.

A calendar that follows another says what that one says, but for days of its own. It gets a version
whenever the other does, so every version stays whole: what it says never depends on another row.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.core.contract import word
from inbox.domain import written
from inbox.domain.written import Document, Unclear
from inbox.flows.holidays import Published, published
from inbox.store import promises as stored
from inbox.store.tables import CalendarVersion

Newest = Mapping[str, CalendarVersion]


def known(document: Document, restores: CalendarVersion | None, now: datetime) -> Published:
    """The holidays that a document's countries have: as they are known today, or as the version
    that is said again has them; none for one that follows another."""
    if restores is not None:
        return Published(restores.published, restores.not_final)
    return published([] if "base" in document else written.countries(document), now)


def next_version(
    newest: Newest, name: str, document: Document, days: Published, zone: str, marks: dict[str, Any]
) -> CalendarVersion:
    """A version that is not stored yet. `zone` is the brand's. Raises `Unclear`."""
    number = newest[name].number + 1 if name in newest else 1
    base, exceptions = None, None
    rows: list[Any] = [list(day) for day in days.days]
    not_final = days.not_final
    if "base" in document:
        base, exceptions = _followed(newest, name, document)
        own = base.said.get("days", {}) | exceptions
        document, zone = base.said | {"days": own}, base.zone or zone
        rows, not_final = base.published, base.not_final
    made = written.calendar(name, number, document, zone, rows, not_final)
    return CalendarVersion(
        name=name,
        number=number,
        said=written.calendar_document(made, document),
        published=rows,
        not_final=not_final,
        zone=made.zone,
        base=base.name if base else None,
        exceptions=exceptions,
        **marks,
    )


def followers(newest: Newest, row: CalendarVersion, zone: str) -> list[CalendarVersion]:
    """The versions that a new one of a calendar brings those that follow it."""
    marks = {name: getattr(row, name) for name in ("since", "made_at", "made_by", "applied_at")}
    after = {**newest, row.name: row}
    return [
        next_version(
            after,
            one.name,
            {"base": row.name, "days": one.exceptions or {}},
            Published([], []),
            zone,
            marks,
        )
        for one in newest.values()
        if one.base == row.name
    ]


def says_the_same(before: CalendarVersion, row: CalendarVersion, zone: str) -> bool:
    """Whether a version would change nothing."""
    old, new = (stored.calendar(one, zone) for one in (before, row))
    words = [stored.calendar_document(one, zone) for one in (before, row)]
    return words[0] == words[1] and replace(new, version=old.version) == old


def _followed(
    newest: Newest, name: str, document: Document
) -> tuple[CalendarVersion, dict[str, str]]:
    """The calendar that a document follows, and its own days as they are kept."""
    written.check_keys(document, {"name", "base", "days"}, f"calendar {name}")
    base = newest.get(str(document["base"]))
    if base is None or base.name == name:
        raise Unclear(
            word("There is no calendar “{calendar}” to follow; there are: {known}."),
            calendar=document["base"],
            known=", ".join(sorted(one.name for one in newest.values() if not one.base)),
        )
    if base.base:
        raise Unclear(
            word("“{calendar}” itself follows “{base}”: follow that one."),
            calendar=base.name,
            base=base.base,
        )
    if any(one.base == name for one in newest.values()):
        raise Unclear(
            word("Others follow “{calendar}”, so it cannot follow another."), calendar=name
        )
    days = written.team_days(document.get("days", {}))
    return base, {
        day.isoformat(): f"{written.hours_text(one.hours)} {one.name}"
        for day, one in sorted(days.items())
    }
