"""Which conversations stand behind a figure: for each count the turns, or messages, it counts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from inbox.domain.calendars import local_date, local_day_bounds
from inbox.store import accounts
from inbox.store import reports as stored
from inbox.store.session import Store
from reports.document import Evidence, messages_of, period_of, proven, span_of, turns_of
from reports.figures import UNKNOWN, UNTAGGED, MessageRow, Period, TurnRow, stands
from reports.render import spelled
from templates.behind import Behind, Heard
from templates.periods import Days

RECEIVED: Final = "received"

OF_PERIOD: Final[Mapping[str, Callable[[TurnRow, Period], bool]]] = {
    "turns_opened": lambda row, period: period.holds(row.opened_at),
    "reopened": lambda row, period: row.is_reopening_in(period),
    "turns_due": lambda row, period: row.is_due_in(period),
    "answered_in_time": lambda row, period: row.is_due_in(period) and row.outcome(period) == "kept",
    "late": lambda row, period: row.is_due_in(period) and row.outcome(period) != "kept",
    "overdue_open": lambda row, period: row.is_due_in(period) and row.outcome(period) == "overdue",
    "running": lambda row, period: period.holds(row.opened_at) and row.outcome(period) == "running",
    "excused": lambda row, period: row.ended_in(period, "excused"),
    "withdrawn": lambda row, period: row.ended_in(period, "withdrawn"),
    "answered": lambda row, period: row.ended_in(period, "answered"),
    "first_response": lambda row, period: row.ended_in(period, "answered") and row.is_first,
    "next_response": lambda row, period: row.ended_in(period, "answered") and not row.is_first,
}
"""Figures of a period → whether they count a turn. `late` is turns_due without answered_in_time."""

STANDING: Final[Mapping[str, Callable[[TurnRow, datetime, datetime], bool]]] = {
    "waiting": lambda row, _, as_of: stands(row, as_of) in ("running", "overdue"),
    "late_now": lambda row, _, as_of: stands(row, as_of) == "overdue",
    "due_today": lambda row, end, as_of: row.due_at < end and stands(row, as_of) == "running",
}
"""Figures of the instant → the same, with the end of its local day. `waiting` is the backlog."""

FIGURES: Final = (RECEIVED, *OF_PERIOD, *STANDING)
GROUPS: Final[Mapping[str, Callable[[TurnRow | MessageRow], str]]] = {
    "channel": lambda row: row.channel,
    "account": lambda row: f"{row.channel} {row.account}",
    "language": lambda row: row.language or UNKNOWN,
    "category": lambda row: row.category or UNTAGGED,
    "urgency": lambda row: row.urgency or UNTAGGED,
    "agent": lambda row: row.answered_by if isinstance(row, TurnRow) else "",
}
Row = TypeVar("Row", TurnRow, Evidence, MessageRow)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a report: its name, and of which group it is (empty: of all)."""

    name: str
    group: str = ""
    key: str = ""

    def of_group(self, rows: Iterable[Row]) -> list[Row]:
        if not self.group:
            return list(rows)
        return [row for row in rows if GROUPS[self.group](row) == self.key]


def counted(turns: Iterable[Evidence], figure: Figure, period: Period) -> list[Evidence]:
    """The turns that a figure of the period counts, by due time."""
    rows = (row for row in figure.of_group(turns) if OF_PERIOD[figure.name](row, period))
    return sorted(rows, key=lambda row: (row.due_at, row.id))


def behind(store: Store, days: Days, as_of: datetime, figure: Figure, most: int) -> Behind:
    """The first `most` of what the figure counts, in the brand's zone, and how many there are."""
    with store.read() as session:
        brand = accounts.brand(session)
        zone = accounts.zone_of(brand)
        period = period_of(days.first, days.last, zone, as_of)
        about = Behind(
            zone, days, as_of, figure.name, figure.group, figure.key, *spelled_key(figure)
        )
        if figure.name == RECEIVED:
            return about.with_heard(*_heard(session, figure, period, most))
        if figure.name in STANDING:
            end = local_day_bounds(local_date(as_of, zone), zone)[1]
            fits = STANDING[figure.name]
            rows = figure.of_group(turns_of(stored.standing(session, as_of)))
            found = sorted((r for r in rows if fits(r, end, as_of)), key=lambda r: r.due_at)
        else:
            found = counted(turns_of(stored.turns(session, span_of(period))), figure, period)
        return about.with_waits(proven(session, found[:most], as_of), len(found))


def spelled_key(figure: Figure) -> tuple[str | None]:
    """The name of a channel for which no word is known."""
    return (spelled(figure.key)["channel_name"] if figure.group == "channel" else None,)


def _heard(
    session: Session, figure: Figure, period: Period, most: int
) -> tuple[tuple[Heard, ...], int]:
    """Each conversation with its messages of the period, the newest first, and all messages."""
    rows = [row for row in messages_of(session, period) if period.holds(row.sent_at)]
    last: dict[int, datetime] = {}
    many: dict[int, int] = {}
    for row in (found := figure.of_group(rows)):
        many[row.conversation_id] = many.get(row.conversation_id, 0) + 1
        last[row.conversation_id] = max(row.sent_at, last.get(row.conversation_id, row.sent_at))
    shown = sorted(last, key=lambda id_: (last[id_], id_), reverse=True)[:most]
    people = stored.people(session, shown)
    return tuple(
        Heard(
            id_,
            people[id_].name or people[id_].handle or people[id_].contact,
            people[id_].channel,
            last[id_],
            many[id_],
            **spelled(people[id_].channel),
        )
        for id_ in shown
    ), len(found)
