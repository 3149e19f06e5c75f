"""What a report counts beside the totals of turns and messages: read, counted, ready for JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from connectors.core.registry import capabilities, channels
from inbox.domain import windows
from inbox.domain.sla import WORKING_DAYS
from inbox.store import promises as promised
from inbox.store import report_cases, report_service
from inbox.store.report_cases import PRIVATE
from inbox.store.reports import Span
from reports import figures, figures_cases, figures_service
from reports.figures import MessageRow, Period, Totals, TurnRow
from reports.figures_cases import DeadlineRow, Excused, Matter, Resolved, Windowed
from reports.figures_hours import HOURS, CalendarAt, first_response_by_hour, open_waits
from reports.figures_service import Silence, Tagged, by_team

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def further(
    session: Session,
    turns: Sequence[TurnRow],
    messages: Sequence[MessageRow],
    totals: Totals,
    period: Period,
    zone: str,
) -> dict[str, Any]:
    """The figures of `report --json` by name; see docs/figures.md."""
    found = resolved(session, period)
    stretches = [(one.opened_at, one.ended_at) for one in found]
    said = asdict(tagged(session, period))
    reasons = figures_cases.excused_by_reason(excused(session, period), period)
    return {
        "turns_closed": closed(totals),
        "resolution_s": asdict(figures_cases.resolution_s(found)),
        "open_hours": asdict(open_waits(turns, stretches, period, calendar_at(session))),
        "windows_missed": len(windows_missed(session, period)),
        "masked": said.pop("masked"),
        "classifier": said,
        "by_team": _plain(by_team(turns, messages, period, report_service.served(session))),
        "by_hour": by_hour(turns, messages, period, zone),
        "by_reason": {why: {"excused": n} for why, n in reasons.items()},
        "by_complaint": _plain(figures_cases.complaints(deadlines(session, period), period)),
        "by_silence": _plain(figures_service.health(silences(session, period), period)),
    }


def closed(totals: Totals) -> int:
    """Turns that ended in the period, in whatever way."""
    answered = totals.first_response_s.count + totals.next_response_s.count
    return answered + totals.excused + totals.withdrawn


def by_hour(
    turns: Sequence[TurnRow], messages: Sequence[MessageRow], period: Period, zone: str
) -> dict[str, dict[str, Any]]:
    """What came, and how long the first answer took, by the hour of the week."""
    arrived = figures.arrivals(messages, period, zone)
    waits = first_response_by_hour(turns, period, zone)
    none = figures.spread(())
    return {
        hour: {
            "received": arrived.get(hour, 0),
            "first_response_s": asdict(waits.get(hour, none)),
        }
        for hour in HOURS
        if hour in arrived or hour in waits
    }


def calendar_at(session: Session) -> CalendarAt:
    """Of the brand's calendar."""
    promises = promised.promises(session)
    return lambda at: promises.calendar(WORKING_DAYS, at)


def resolved(session: Session, period: Period) -> list[Resolved]:
    """The episodes that were resolved in the period."""
    stories = report_cases.stories(session, span(period))
    return figures_cases.resolved(
        (Matter(id_, turns, moves) for id_, (turns, moves) in stories.items()), period
    )


def excused(session: Session, period: Period) -> list[Excused]:
    """The turns that ended in the period without a reply."""
    rows = report_cases.excuses(session, span(period))
    return [Excused(row.id, row.opened_at, row.ended_at, row.reason) for row in rows]


def windows_missed(session: Session, period: Period) -> list[Windowed]:
    """The turns whose platform's window closed in the period on a customer who waited. Windows are
    those that platforms and accounts have today."""
    lasts = {
        row.id: limit.closes_at - EPOCH
        for row in report_cases.accounts(session)
        if row.channel in channels()
        for limit in (windows.limit(capabilities(row.channel), row.settings, PRIVATE, EPOCH),)
        if limit is not None
    }
    rows = report_cases.long_waits(session, span(period), lasts)
    said = report_cases.said(session, {row.conversation_id for row in rows}, period.as_of)
    return figures_cases.windows_missed(
        (
            Windowed(
                row.id,
                row.ended_at,
                lasts[row.account_id],
                [at for at in said.get(row.conversation_id, ()) if at >= row.opened_at],
            )
            for row in rows
        ),
        period,
    )


def deadlines(session: Session, period: Period) -> list[DeadlineRow]:
    """Those of complaints."""
    found = []
    for row in report_cases.deadlines(session, span(period)):
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


def tagged(session: Session, period: Period) -> Tagged:
    """What the classifier said."""
    row = report_service.tagged(session, span(period))
    return Tagged(
        messages=row.messages,
        confidence=row.confidence / row.messages if row.messages else None,
        asked=row.asked,
        turns=row.turns,
        corrected=report_service.corrections(session, span(period)),
        masked=row.masked,
    )


def silences(session: Session, period: Period) -> list[Silence]:
    """Times in which accounts did not deliver."""
    rows = report_service.silences(session, span(period))
    return [Silence(f"{row.channel} {row.handle}", row.silent_since, row.ended_at) for row in rows]


def span(period: Period) -> Span:
    """The same for the store."""
    return Span(period.start, period.end, period.as_of)


def _plain(groups: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {key: asdict(group) for key, group in groups.items()}
