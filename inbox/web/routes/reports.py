"""The report of a day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.calendars import local_date
from inbox.store import scope
from inbox.web.desk import Desk, TheDesk, frame, html
from inbox.web.pages_report import ReportView
from reports import daily
from templates.report import Alone, Broken, ReportPage

router = APIRouter()

Row = TypeVar("Row", Broken, Alone)


@router.get("/reports")
def newest(request: Request) -> Response:
    """Yesterday's, in the brand's zone: the one that the morning brings."""
    around = frame(request, "reports")
    yesterday = local_date(around.now, around.zone) - timedelta(days=1)
    return RedirectResponse(f"/reports/{yesterday.isoformat()}", 303)


@router.get("/reports/{day}")
def report(request: Request, desk: TheDesk, day: date, edition: int | None = None) -> Response:
    """A day's newest edition, or that of a number; a day without one as it looks now."""
    around = frame(request, "reports")
    whole = desk.store.seen_by(frozenset())
    shown = daily.page_for(whole, desk.settings, day, around.now, edition)
    if shown is None:
        raise HTTPException(404)
    return html(ReportView(around, _seen(desk, shown)))


def _seen(desk: Desk, shown: ReportPage) -> ReportPage:
    """The figures are the brand's; of what other teams have, the names are left out."""
    ahead = shown.ahead
    rows: list[Broken | Alone] = [*shown.broken, *shown.late_now]
    rows += ahead.alone if ahead else ()
    with desk.store.read() as session:
        known = scope.known(session, {row.conversation for row in rows})

    def told(rows: Sequence[Row]) -> tuple[Row, ...]:
        return tuple(row if row.conversation in known else row.unnamed for row in rows)

    ahead = replace(ahead, alone=told(ahead.alone)) if ahead else None
    return replace(shown, broken=told(shown.broken), late_now=told(shown.late_now), ahead=ahead)
