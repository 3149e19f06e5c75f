"""A report as one document: read once, kept as JSON, shown on page, in mail and as figures alike.

Whatever shows a report starts from its `Document`, so page, mail and JSON agree to the digit, and a
stored one shows tomorrow what it shows today.
"""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from inbox.domain.calendars import first_instant, local_date, local_day_bounds
from inbox.domain.sla import Outcome
from inbox.domain.turns import End
from inbox.store import accounts
from inbox.store import reports as stored
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from reports import figures
from reports.ahead import ahead as forecast
from reports.by_day import period_of
from reports.counting import Evidence, turn_of
from reports.figures import UNTAGGED, MessageRow, Period
from reports.filters import Selection
from reports.further import Beside
from reports.rollups import tallies_of
from reports.telling import Counted
from templates.filters import EVERYTHING, Filter
from templates.histogram import Waits
from templates.periods import Days
from templates.report import Ahead, Broken

NOON = time(12)
LATE_LISTED, BROKEN_LISTED, ENDED_LISTED = 20, 100, 10
"""Of who is late now, of broken promises, and of those that ended in a late answer: so many come
with their evidence, the longest; all are counted."""


@dataclass(frozen=True, slots=True)
class Document:
    """All that a report shows.

    `figures` is the object of `replydesk report --json`. `names` are the agents' by e-mail address,
    as they were then; the other fields are those of `templates.report.ReportPage`. `late_count` is
    None in older ones, which list all.
    """

    brand: str
    target_share: float | None
    figures: dict[str, Any]
    names: dict[str, str]
    waits: Waits
    broken: tuple[Broken, ...]
    late_now: tuple[Broken, ...]
    due_today: int
    due_before_noon: int
    within_h: int | None
    before: float | None
    ahead: Ahead | None = None
    late_count: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As it is stored: numbers unrounded, instants in ISO 8601."""
        dumped: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return dumped

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Document":
        """What `to_json` wrote, and the database kept. Raises `ValueError` for anything else.
        Older ones list each wait."""
        if "waits_s" in value:
            value = {**value, "waits": Waits.of(value["waits_s"])}
        return _ADAPTER.validate_python(value)


_ADAPTER: TypeAdapter[Document] = TypeAdapter(Document)


def report_json(
    store: Store,
    first: date,
    last: date,
    zone: str | None,
    as_of: datetime,
    only: Filter = EVERYTHING,
) -> dict[str, Any]:
    """The figures of the days `first` … `last`, both included (DESIGN §6), ready for JSON.

    `zone` None is the brand's. Raises `zoneinfo.ZoneInfoNotFoundError` for an unknown one.
    """
    return document(store, first, last, zone, as_of, only=only).figures


def document(
    store: Store,
    first: date,
    last: date,
    zone: str | None,
    as_of: datetime,
    *,
    ahead: bool = False,
    only: Filter = EVERYTHING,
) -> Document:
    """Reads the period once and computes everything that a report of it, or `only` of a part,
    shows. With `ahead`, where `as_of` is now, what comes too."""
    with store.read() as session:
        brand = accounts.brand(session)
        zone = zone or accounts.zone_of(brand)
        part = Selection.of(session, only)
        days = Days(first, last)
        tallies = tallies_of(session, days.counted, zone, as_of)
        tallies = {day: part.tally(one) for day, one in tallies.items()}
        beside = Beside.read(session, period_of(days.counted, zone, as_of), part)
        today = _today(session, part, zone, as_of)
        made = Counted(days, zone, as_of, tallies, beside, dict(today.backlog), only)
        told, sums = part.figures(made.figures()), made.sums
        broken = _listed(sums.broken())
        proven = _proven(session, {*broken, *today.listed}, as_of)
        return Document(
            brand=brand.name if brand else "",
            target_share=brand.target_share if brand else None,
            figures=told,
            names=stored.names(session, [*told["by_agent"], *only.agent]),
            waits=sums.waits(),
            broken=tuple(proven[id_] for id_ in broken),
            late_now=tuple(proven[id_] for id_ in today.listed),
            late_count=today.late,
            due_today=today.due,
            due_before_noon=today.due_before_noon,
            within_h=_within_h(sums.targets()),
            before=told["previous"]["share_in_time"],
            ahead=forecast(session, as_of) if ahead else None,
        )


@dataclass(slots=True)
class Today:
    """What stands at an instant; `end` and `noon` are those of its own local day."""

    as_of: datetime
    end: datetime
    noon: datetime
    late: int = 0
    longest: Sequence["Waiting | Evidence"] = ()
    due: int = 0
    due_before_noon: int = 0
    backlog: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, as_of: datetime, zone: str) -> "Today":
        """Of a zone; nothing is counted yet."""
        day = local_date(as_of, zone)
        return cls(as_of, local_day_bounds(day, zone)[1], first_instant(day, NOON, zone))

    def stands(self, turn: figures.Clock) -> Outcome | None:
        """How a turn stands at the instant."""
        return figures.stands(turn, self.as_of)

    def add(self, turns: Sequence["Waiting | Evidence"]) -> None:
        """Counts some more; kept are the longest late."""
        late = figures.late_now(turns, self.as_of)
        self.late += len(late)
        self.longest = figures.late_now([*self.longest, *late], self.as_of)[:LATE_LISTED]
        self.due += figures.due_by(turns, self.end, self.as_of)
        self.due_before_noon += figures.due_by(turns, self.noon, self.as_of)
        self.backlog.update(figures.backlog(turns, self.as_of))

    @property
    def listed(self) -> list[int]:
        """The turns of the longest late."""
        return [row.id for row in self.longest]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of `stored.clocks`."""

    id: int
    conversation_id: int
    opened_at: datetime
    due_at: datetime
    end: End | None
    ended_at: datetime | None


def _today(session: Session, part: Selection, zone: str, as_of: datetime) -> Today:
    """Of people nothing stands; of everything nothing but clocks is asked, some at a time."""
    today, asked = Today.of(as_of, zone), part.filter
    today.add(())  # where nothing stands, every age of the backlog is told to be 0
    if not asked:
        for rows in stored.clocks(session, as_of):
            today.add([Waiting(*row) for row in rows])
    elif not asked.personal:
        found = turns_of(stored.standing(session, as_of, tagged=asked.tagged))
        today.add([row for row in found if part.has(row)])
    return today


def turns_of(rows: Iterable[AnyRow]) -> list[Evidence]:
    """Rows of `stored.turns` or `stored.standing`."""
    return [turn_of(row) for row in rows]


def messages_of(
    session: Session,
    period: Period,
    *,
    tagged: bool = True,
    only: Sequence[ColumnElement[bool]] = (),
    known: datetime | None = None,
) -> list[MessageRow]:
    """Rows of `stored.messages`; `only` those for which this holds, of those known then."""
    found = stored.messages_of(span_of(period), tagged=tagged, known=known)
    rows = session.execute(found.where(*only))
    return [MessageRow(**row._mapping) for row in rows]


def span_of(period: Period) -> stored.Span:
    """The same for the store."""
    return stored.Span(period.start, period.end, period.as_of)


def _within_h(targets: set[str]) -> int | None:
    """The promised hours when all that was due had the same."""
    only = targets.pop() if len(targets) == 1 else ""
    return int(only[:-1]) if only.endswith("h") else None


def _listed(broken: Sequence[tuple[int, bool]]) -> list[int]:
    """The longest of all, and of those that ended, the longest first."""
    longest = [turn for turn, _ in broken[:BROKEN_LISTED]]
    ended = [turn for turn, over in broken[BROKEN_LISTED:] if over]
    seen = sum(over for _, over in broken[:BROKEN_LISTED])
    return longest + ended[: max(ENDED_LISTED - seen, 0)]


def _ended_at(row: Evidence, as_of: datetime) -> datetime | None:
    return row.ended_at if row.ended_at is not None and row.ended_at <= as_of else None


def _over_s(row: Evidence, as_of: datetime) -> float:
    return ((_ended_at(row, as_of) or as_of) - row.due_at).total_seconds()


def _proven(session: Session, ids: Set[int], as_of: datetime) -> dict[int, Broken]:
    rows = turns_of(stored.some_turns(session, sorted(ids), as_of))
    found = proven(session, rows, as_of)
    return {row.id: one for row, one in zip(rows, found, strict=True)}


def proven(session: Session, turns: Sequence[Evidence], as_of: datetime) -> tuple[Broken, ...]:
    """Broken promises with their evidence, in the order given."""
    proofs = stored.evidence(session, [row.id for row in turns])
    return tuple(_broken(row, proofs[row.id], as_of) for row in turns)


def _broken(row: Evidence, proof: AnyRow, as_of: datetime) -> Broken:
    ended_at = _ended_at(row, as_of)
    end = row.end if ended_at else None
    in_days = row.target.endswith("bd")
    calendar = proof.calendar
    return Broken(
        conversation=row.conversation_id,
        who=proof.name or proof.handle or proof.contact,
        channel=row.channel,
        glyph=row.channel,
        category=row.category or UNTAGGED,
        opened_by=proof.opened_by,
        opened_at=row.opened_at,
        stored_at=proof.stored_at,
        due_at=row.due_at,
        answered_at=ended_at if end == "answered" else None,
        answered_by=proof.agent if end == "answered" and not row.outside else None,
        over_s=_over_s(row, as_of),
        policy=f"{proof.policy['name']} v{proof.policy['version']}",
        calendar=f"{calendar['name']} v{calendar['version']}" if in_days else "clock",
        excused=end == "excused",
        withdrawn=end == "withdrawn",
    )
