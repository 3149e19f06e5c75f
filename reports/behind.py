"""Which conversations stand behind a figure: for each count the turns, or messages, it counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from inbox.domain.calendars import local_date, local_day_bounds
from inbox.store import accounts, report_service
from inbox.store import reports as stored
from inbox.store.session import Store
from reports.behind_further import MASKED, MATTERS, TURNS, matters
from reports.by_day import period_of
from reports.counting import Evidence
from reports.document import messages_of, proven, span_of, turns_of
from reports.figures import UNKNOWN, UNTAGGED, MessageRow, Period, TurnRow, stands
from reports.figures_hours import hour_of
from reports.figures_service import teams_of
from reports.filters import Selection
from reports.render import spelled
from reports.titles import people_and_channels
from templates.behind import Behind, Heard
from templates.filters import EVERYTHING, Filter
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
    "turns_closed": lambda row, period: bool(row.end and row.ended_in(period, row.end)),
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

FIGURES: Final = (RECEIVED, MASKED, *OF_PERIOD, *STANDING, *TURNS, *MATTERS)
KEYS: Final[Mapping[str, Callable[[TurnRow | MessageRow], str]]] = {
    "channel": lambda row: row.channel,
    "account": lambda row: f"{row.channel} {row.account}",
    "language": lambda row: row.language or UNKNOWN,
    "category": lambda row: row.category or UNTAGGED,
    "urgency": lambda row: row.urgency or UNTAGGED,
    "agent": lambda row: row.answered_by if isinstance(row, TurnRow) else "",
    "reason": lambda row: row.why if isinstance(row, TurnRow) else "",
}
GROUPS: Final = (*KEYS, "team", "hour", "complaint")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a report: its name, and of which group it is (empty: of all)."""

    name: str
    group: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """The report that a figure stands in, if it is stored: its number and its zone."""

    edition: int
    zone: str


def behind(
    store: Store,
    days: Days,
    as_of: datetime,
    figure: Figure,
    most: int,
    made: Stored | None = None,
    only: Filter = EVERYTHING,
) -> Behind:
    """The first `most` of what the figure counts, and how many there are: in the zone of the stored
    report that it stands in, else the brand's, and of what that report is filtered by."""
    with store.read() as session:
        zone = made.zone if made else accounts.zone_of(accounts.brand(session))
        period = period_of(days, zone, as_of)
        about = Behind(
            zone,
            days,
            as_of,
            figure.name,
            figure.group,
            figure.key,
            *spelled_key(figure),
            edition=made.edition if made else None,
            filter=only,
            people=people_and_channels(stored.names(session, only.agent), only),
        )
        part = Selection.of(session, only)
        if figure.name in (RECEIVED, MASKED):
            return about.with_heard(*_heard(session, figure, part, period, zone, most))
        if figure.name in MATTERS:
            return about.with_matters(
                *matters(session, part, period, figure.name, figure.key, most)
            )
        found = _waits(session, figure, part, period, zone)
        return about.with_waits(proven(session, found[:most], as_of), len(found))


def _waits(
    session: Session, figure: Figure, part: Selection, period: Period, zone: str
) -> list[Evidence]:
    """The turns that a figure counts, by due time."""
    if figure.name in TURNS:
        ids = TURNS[figure.name](session, period)
        rows = turns_of(stored.some_turns(session, ids, period.as_of))
    elif figure.name in STANDING:
        end = local_day_bounds(local_date(period.as_of, zone), zone)[1]
        fits = STANDING[figure.name]
        rows = turns_of(stored.standing(session, period.as_of))
        rows = [row for row in rows if fits(row, end, period.as_of)]
    else:
        counts = OF_PERIOD[figure.name]
        rows = turns_of(stored.turns(session, span_of(period)))
        rows = [row for row in rows if counts(row, period)]
    belongs = _group_of(figure, part, zone)
    return sorted((row for row in rows if belongs(row)), key=lambda row: (row.due_at, row.id))


def _group_of(figure: Figure, part: Selection, zone: str) -> Callable[[TurnRow | MessageRow], bool]:
    """Whether a row is of the part, and of the figure's group there."""
    fits = _key_of(figure, part, zone)
    return lambda row: fits(row) and part.has(row)


def _key_of(figure: Figure, part: Selection, zone: str) -> Callable[[TurnRow | MessageRow], bool]:
    """Whether a row has the figure's key; of all, and of one that was read alone, each has."""
    if figure.group == "team":
        return lambda row: figure.key in teams_of(f"{row.channel} {row.account}", part.served)
    if figure.group == "hour":
        local = ZoneInfo(zone)
        return lambda row: (
            figure.key
            == hour_of(row.sent_at if isinstance(row, MessageRow) else row.opened_at, local)
        )
    key = KEYS.get(figure.group)
    return lambda row: key is None or key(row) == figure.key


def spelled_key(figure: Figure) -> tuple[str | None]:
    """The name of a channel for which no word is known."""
    return (spelled(figure.key)["channel_name"] if figure.group == "channel" else None,)


def _heard(
    session: Session, figure: Figure, part: Selection, period: Period, zone: str, most: int
) -> tuple[tuple[Heard, ...], int]:
    """Each conversation with its messages of the period, the newest first, and all messages."""
    only = (report_service.MASKED,) if figure.name == MASKED else ()
    belongs = _group_of(figure, part, zone)
    rows = messages_of(session, period, only=only)
    last: dict[int, datetime] = {}
    many: dict[int, int] = {}
    found = [row for row in rows if period.holds(row.sent_at) and belongs(row)]
    for row in found:
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
