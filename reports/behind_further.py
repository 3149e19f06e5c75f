"""What stands behind the further figures: turns by their ids, messages, and whole matters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement

from inbox.store import report_service
from inbox.store import reports as stored
from reports import further
from reports.behind_groups import Asked
from reports.render import spelled
from reports.tallies import cell_of
from templates.behind import Matter

HEARD: Final[Mapping[str, tuple[ColumnElement[bool], ...]]] = {
    "received": (),
    "masked": (report_service.MASKED,),
    "tagged": (report_service.TAGGED,),
}
"""Figures of customers' messages → which of them they count."""
TURNS: Final[Mapping[str, Callable[[Asked], Sequence[int]]]] = {
    "windows_missed": lambda asked: [
        row.turn_id
        for rows in further.missed_parts(asked.session, asked.period, known=asked.known)
        for row in rows
    ],
    "tagged_turns": lambda asked: _tagged(asked, changed=False),
    "corrected": lambda asked: _tagged(asked, changed=True),
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


def _tagged(asked: Asked, *, changed: bool) -> Sequence[int]:
    span = further.span(asked.period)
    return report_service.tagged_turns(asked.session, span, asked.known, changed=changed)


def matters(asked: Asked, figure: str, key: str, some: slice) -> tuple[tuple[Matter, ...], int]:
    """Some of the part, and how many there are; `key` is that of a deadline, or empty."""
    session, part, period = asked.session, asked.part, asked.period
    found = _resolved(asked) if figure == "resolved" else []
    if figure != "resolved":
        how = figure.partition("_")[2]
        found = [
            _Found(r.conversation_id, r.opened_by, r.opened_at, r.due_at, r.ended_at, r.deadline)
            for r in further.deadlines(session, period, part.has_cell, asked.known)
            if r.stands(period) == how and key in ("", r.key)
        ]
    shown = found[some]
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


def _resolved(asked: Asked) -> list[_Found]:
    found = further.resolved(asked.session, asked.period, asked.known)
    ids = [one.opened_by for one in found]
    rows = stored.openings(asked.session, ids, asked.period.as_of, asked.known)
    own = {row.id for row in rows if asked.part.has_cell(cell_of(row))}
    return [
        _Found(one.conversation_id, one.opened_by, one.opened_at, None, one.ended_at, "")
        for one in found
        if one.opened_by in own
    ]
