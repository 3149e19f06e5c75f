"""Which conversations stand behind a figure: for each count the turns, or messages, it counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from inbox.store import accounts
from inbox.store import reports as stored
from inbox.store.session import Store
from reports.behind_further import HEARD, MATTERS, TURNS, matters
from reports.behind_groups import KEYS, Asked
from reports.by_day import period_of
from reports.counting import Evidence
from reports.document import Today, messages_of, proven, span_of, turns_of
from reports.figures import Period, TurnRow
from reports.filters import Selection
from reports.render import spelled
from reports.titles import people_and_channels
from templates.behind import Behind, Heard
from templates.filters import EVERYTHING, Filter
from templates.periods import Days

BEFORE: Final = "before"
"""The days before those of a report, which it is compared with."""

OF_PERIOD: Final[Mapping[str, Callable[[TurnRow, Period], bool]]] = {
    "turns_opened": lambda row, period: period.holds(row.opened_at),
    "reopened": lambda row, period: row.is_reopening_in(period),
    "turns_due": lambda row, period: row.is_due_in(period),
    "answered_in_time": lambda row, period: row.is_due_in(period) and row.outcome(period) == "kept",
    "late": lambda row, period: row.is_due_in(period) and row.outcome(period) != "kept",
    "overdue_open": lambda row, period: row.is_due_in(period) and row.outcome(period) == "overdue",
    "answered_late": lambda row, period: (
        row.is_due_in(period) and row.outcome(period) == "breached"
    ),
    "running": lambda row, period: period.holds(row.opened_at) and row.outcome(period) == "running",
    "excused": lambda row, period: row.ended_in(period, "excused"),
    "withdrawn": lambda row, period: row.ended_in(period, "withdrawn"),
    "turns_closed": lambda row, period: bool(row.end and row.ended_in(period, row.end)),
    "answered": lambda row, period: row.ended_in(period, "answered"),
    "answers_in_time": lambda row, period: (
        row.ended_in(period, "answered") and row.outcome(period) == "kept"
    ),
    "first_response": lambda row, period: row.ended_in(period, "answered") and row.is_first,
    "next_response": lambda row, period: row.ended_in(period, "answered") and not row.is_first,
}
"""Figures of a period → whether they count a turn. `late` is turns_due without answered_in_time,
`answered_late` the part of it that ended since, in whatever way; `answers_in_time` counts by the
time of the answer."""

STANDING: Final[Mapping[str, Callable[[TurnRow, Today], bool]]] = {
    "waiting": lambda row, today: today.stands(row) in ("running", "overdue"),
    "late_now": lambda row, today: today.stands(row) == "overdue",
    "due_today": lambda row, today: row.due_at < today.end and today.stands(row) == "running",
    "due_before_noon": lambda row, today: (
        row.due_at < today.noon and today.stands(row) == "running"
    ),
}
"""Figures of the instant → the same, with its local day. `waiting` is the backlog."""

GROUPS: Final = tuple(KEYS)
FIGURES: Final = (*HEARD, *OF_PERIOD, *STANDING, *TURNS, *MATTERS)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a report: its name, of which group it is (empty: of all), and of which of the
    report's days: all (empty), those `BEFORE` them, or one in ISO 8601."""

    name: str
    group: str = ""
    key: str = ""
    of: str = ""

    def days(self, report: Days) -> Days:
        """Those that it counts. Raises ValueError for what is no day."""
        if self.of in ("", BEFORE):
            return report.before if self.of else report
        return Days.day(date.fromisoformat(self.of))


@dataclass(frozen=True, slots=True)
class Stored:
    """The report that a figure stands in, if it is stored: its number, its zone, and until when
    what was stored was known to it (None: all that is)."""

    edition: int
    zone: str
    known: datetime | None = None


def behind(
    store: Store,
    days: Days,
    as_of: datetime,
    figure: Figure,
    most: int,
    made: Stored | None = None,
    only: Filter = EVERYTHING,
    page: int = 1,
) -> Behind:
    """What the figure counts, `most` to a page, and how many there are: in the zone of the stored
    report that it stands in, else the brand's, and of what that report is filtered by."""
    shown = slice(most * (page - 1), most * page)
    with store.read() as session:
        zone = made.zone if made else accounts.zone_of(accounts.brand(session))
        known = made.known if made else None
        period = period_of(figure.days(days), zone, as_of)
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
            of=figure.of,
            counted=figure.days(days),
            page=page,
            most=most,
        )
        part = Selection.of(session, only)
        asked = Asked(session, part, period, zone, known)
        if figure.name in HEARD:
            return about.with_heard(*_heard(asked, figure, shown))
        if figure.name in MATTERS:
            return about.with_matters(*matters(asked, figure.name, figure.key, shown))
        found = _waits(asked, figure)
        return about.with_waits(proven(session, found[shown], as_of), len(found))


def _waits(asked: Asked, figure: Figure) -> list[Evidence]:
    """The turns that a figure counts, by due time."""
    session, period, known = asked.session, asked.period, asked.known
    if figure.name in TURNS:
        ids = TURNS[figure.name](asked)
        rows = turns_of(stored.some_turns(session, ids, period.as_of, known))
    elif figure.name in STANDING:
        today, fits = Today.of(period.as_of, asked.zone), STANDING[figure.name]
        rows = turns_of(stored.standing(session, period.as_of, known=known))
        rows = [row for row in rows if fits(row, today)]
    else:
        counts = OF_PERIOD[figure.name]
        rows = turns_of(stored.turns(session, span_of(period), known=known))
        rows = [row for row in rows if counts(row, period)]
    belongs = asked.group(figure.group, figure.key)
    return sorted((row for row in rows if belongs(row)), key=lambda row: (row.due_at, row.id))


def spelled_key(figure: Figure) -> tuple[str | None]:
    """The name of a channel for which no word is known."""
    return (spelled(figure.key)["channel_name"] if figure.group == "channel" else None,)


def _heard(asked: Asked, figure: Figure, some: slice) -> tuple[tuple[Heard, ...], int, int]:
    """Some conversations with their messages of the period, the newest first; how many messages
    there are, and of how many conversations."""
    session, period = asked.session, asked.period
    belongs = asked.group(figure.group, figure.key)
    rows = messages_of(session, period, only=HEARD[figure.name], known=asked.known)
    last: dict[int, datetime] = {}
    many: dict[int, int] = {}
    found = [row for row in rows if period.holds(row.sent_at) and belongs(row)]
    for row in found:
        many[row.conversation_id] = many.get(row.conversation_id, 0) + 1
        last[row.conversation_id] = max(row.sent_at, last.get(row.conversation_id, row.sent_at))
    shown = sorted(last, key=lambda id_: (last[id_], id_), reverse=True)[some]
    people = stored.people(session, shown)
    return (
        tuple(
            Heard(
                id_,
                people[id_].name or people[id_].handle or people[id_].contact,
                people[id_].channel,
                last[id_],
                many[id_],
                **spelled(people[id_].channel),
            )
            for id_ in shown
        ),
        len(found),
        len(last),
    )
