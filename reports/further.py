"""What a report counts beside the totals of turns and messages: read, counted, ready for JSON."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from connectors.core.registry import capabilities, channels
from inbox.domain import windows
from inbox.domain.sla import WORKING_DAYS
from inbox.store import promises as promised
from inbox.store import report_cases, report_service
from inbox.store.report_cases import PRIVATE
from inbox.store.reports import Span
from reports import figures_cases, figures_service
from reports.figures import Period, Totals
from reports.figures_cases import DeadlineRow, Matter, Resolved, Windowed
from reports.figures_hours import CalendarAt
from reports.figures_service import Silence
from reports.filters import Selection
from reports.sums import Sums
from reports.tallies import Cell, cell_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Beside:
    """What is counted beside turns and messages: the teams that serve each account (channel and
    handle), deadlines of complaints, and times in which accounts did not deliver."""

    served: Mapping[str, Sequence[str]]
    deadlines: Sequence[DeadlineRow]
    silences: Sequence[Silence]

    @classmethod
    def read(cls, session: Session, period: Period, part: Selection) -> "Beside":
        """What may count in the period or some days of it."""
        silent = [one for one in silences(session, period) if part.has_account(one.account)]
        return cls(part.served, deadlines(session, period, part.has_cell), silent)


def told(sums: Sums, period: Period, beside: Beside) -> dict[str, Any]:
    """The figures of `report --json` by name; see docs/figures.md."""
    return further(sums, period, beside) | {
        "by_team": _plain(sums.by_team(beside.served)),
        "by_hour": {
            hour: one | {"first_response_s": asdict(one["first_response_s"])}
            for hour, one in sums.by_hour().items()
        },
    }


def earlier(sums: Sums, period: Period, beside: Beside) -> dict[str, Any]:
    """Those of the days before that a report compares itself with: all but the groups of turns."""
    totals = {**asdict(sums.totals), "answered_within": sums.within()}
    return totals | further(sums, period, beside)


def further(sums: Sums, period: Period, beside: Beside) -> dict[str, Any]:
    """Figures of whole matters, of the clocks beside ours, and of the desk itself."""
    said = asdict(sums.tagged())
    return {
        "answers": asdict(sums.answers()),
        "turns_closed": closed(sums.totals),
        "resolution_s": asdict(sums.resolution_s()),
        "open_hours": asdict(sums.open_waits()),
        "windows_missed": len(sums.tally.missed),
        "masked": said.pop("masked"),
        "classifier": said,
        "by_reason": {why: {"excused": n} for why, n in sums.excused_by_reason().items()},
        "by_complaint": _plain(figures_cases.complaints(beside.deadlines, period)),
        "by_silence": _plain(figures_service.health(beside.silences, period)),
    }


def closed(totals: Totals) -> int:
    """Turns that ended in the period, in whatever way."""
    answered = totals.first_response_s.count + totals.next_response_s.count
    return answered + totals.excused + totals.withdrawn


def calendar_at(session: Session) -> CalendarAt:
    """Of the brand's calendar."""
    promises = promised.promises(session)
    return lambda at: promises.calendar(WORKING_DAYS, at)


@dataclass(frozen=True, slots=True)
class Part:
    """Some conversations, and what was resolved of them in the period."""

    matters: list[Matter]
    resolved: list[Resolved]

    @property
    def moments(self) -> Iterator[datetime | None]:
        """Every moment that was asked."""
        for one in self.matters:
            yield from (move.at for move in one.moves)
            for turn in one.turns:
                yield from (turn.opened_at, turn.ended_at)


def resolved_parts(
    session: Session,
    period: Period,
    only: Collection[int] | None = None,
    known: datetime | None = None,
) -> Iterator[Part]:
    """The episodes that were resolved in the period, some conversations at a time; as they stood
    at `known`, when a stored report was made."""
    for stories in report_cases.stories(session, span(period), only, known):
        matters = [Matter(id_, *story) for id_, story in stories.items()]
        yield Part(matters, figures_cases.resolved(matters, period))


def resolved(session: Session, period: Period, known: datetime | None = None) -> list[Resolved]:
    """The same in the order of their end."""
    parts = resolved_parts(session, period, known=known)
    found = [one for part in parts for one in part.resolved]
    return sorted(found, key=lambda one: (one.ended_at, one.conversation_id, one.episode))


def window_lengths(session: Session) -> dict[int, timedelta]:
    """How long platforms take private answers, by account; those of today."""
    return {
        row.id: limit.closes_at - EPOCH
        for row in report_cases.accounts(session)
        if row.channel in channels()
        for limit in (windows.limit(capabilities(row.channel), row.settings, PRIVATE, EPOCH),)
        if limit is not None
    }


def missed_parts(
    session: Session,
    period: Period,
    only: Collection[int] | None = None,
    known: datetime | None = None,
) -> Iterator[list[Windowed]]:
    """The turns whose platform's window closed in the period on a customer who waited; as they
    stood at `known`."""
    lasts = window_lengths(session)
    for rows in report_cases.long_waits(session, span(period), lasts, only, known):
        ids = {row.conversation_id for row in rows}
        said = report_cases.said(session, ids, period.as_of, known)
        waits = (
            Windowed(
                row.id,
                row.conversation_id,
                row.opened_by,
                row.ended_at,
                lasts[row.account_id],
                [at for at in said.get(row.conversation_id, ()) if at >= row.opened_at],
            )
            for row in rows
        )
        yield figures_cases.windows_missed(waits, period)


def deadlines(
    session: Session,
    period: Period,
    fits: Callable[[Cell], bool] = lambda _: True,
    known: datetime | None = None,
) -> list[DeadlineRow]:
    """Those of complaints in some cells; as they stood at `known`."""
    found = []
    for row in report_cases.deadlines(session, span(period), known):
        if not fits(cell_of(row)):
            continue
        key = row.target.rpartition(":")[2]
        name = next(one["name"] for one in row.template["deadlines"] if one["key"] == key)
        found.append(
            DeadlineRow(
                row.conversation_id,
                row.opened_by,
                f"{row.template['id']} {key}",
                row.template["name"],
                name,
                row.marked_at,
                row.opened_at,
                row.due_at,
                row.end,
                row.ended_at,
            )
        )
    return found


def silences(session: Session, period: Period) -> list[Silence]:
    """Times in which accounts did not deliver."""
    rows = report_service.silences(session, span(period))
    return [Silence(f"{row.channel} {row.handle}", row.silent_since, row.ended_at) for row in rows]


def span(period: Period) -> Span:
    """The same for the store."""
    return Span(period.start, period.end, period.as_of)


def _plain(groups: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {key: asdict(group) for key, group in groups.items()}
