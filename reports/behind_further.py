"""What stands behind the further figures: turns by their ids, messages, and whole matters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from inbox.store import report_service
from inbox.store import reports as stored
from reports import further
from reports.figures import Period
from reports.filters import Selection
from reports.render import spelled
from reports.tallies import cell_of
from templates.behind import Matter

MASKED: Final = "masked"
TURNS: Final[Mapping[str, Callable[[Session, Period], Sequence[int]]]] = {
    "windows_missed": lambda session, period: [
        row.turn_id for rows in further.missed_parts(session, period) for row in rows
    ],
    "corrected": lambda session, period: report_service.corrected_turns(
        session, further.span(period)
    ),
}
"""Figures → the turns that they count."""
MATTERS: Final = ("resolved", "complaint_met", "complaint_missed", "complaint_running")


@dataclass(frozen=True, slots=True)
class _Found:
    conversation_id: int
    opened_by: int
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    what: str


def matters(
    session: Session, part: Selection, period: Period, figure: str, key: str, most: int
) -> tuple[tuple[Matter, ...], int]:
    """The first `most` of the part, and how many there are; `key` is that of a deadline, or
    empty."""
    found = _resolved(session, part, period) if figure == "resolved" else []
    if figure != "resolved":
        how = figure.partition("_")[2]
        found = [
            _Found(r.conversation_id, r.opened_by, r.opened_at, r.due_at, r.ended_at, r.deadline)
            for r in further.deadlines(session, period, part.has_cell)
            if r.stands(period) == how and key in ("", r.key)
        ]
    shown = found[:most]
    people = stored.people(session, [one.conversation_id for one in shown])
    return tuple(
        Matter(
            one.conversation_id,
            who.name or who.handle or who.contact,
            who.channel,
            one.opened_by,
            one.opened_at,
            one.due_at,
            one.ended_at if one.ended_at and one.ended_at <= period.as_of else None,
            one.what,
            **spelled(who.channel),
        )
        for one in shown
        for who in (people[one.conversation_id],)
    ), len(found)


def _resolved(session: Session, part: Selection, period: Period) -> list[_Found]:
    found = further.resolved(session, period)
    rows = stored.openings(session, [one.opened_by for one in found], period.as_of)
    own = {row.id for row in rows if part.has_cell(cell_of(row))}
    return [
        _Found(one.conversation_id, one.opened_by, one.opened_at, None, one.ended_at, "")
        for one in found
        if one.opened_by in own
    ]
