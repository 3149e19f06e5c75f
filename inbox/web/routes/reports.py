"""The report of a day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.calendars import local_date
from inbox.store import scope
from inbox.web.desk import Desk, TheDesk, frame, html
from inbox.web.pages_report import ReportView
from reports import daily
from templates.report import Broken, ReportPage

router = APIRouter()


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
    shown = daily.page_for(desk.store, desk.settings, day, around.now, edition)
    if shown is None:
        raise HTTPException(404)
    return html(ReportView(around, _seen(desk, shown)))


def _seen(desk: Desk, shown: ReportPage) -> ReportPage:
    """The figures are the brand's; of what other teams have, the names are left out."""
    with desk.store.read() as session:
        rows = (*shown.broken, *shown.late_now)
        known = scope.known(session, {row.conversation for row in rows})

    def told(rows: Sequence[Broken]) -> tuple[Broken, ...]:
        return tuple(row if row.conversation in known else row.unnamed for row in rows)

    return replace(shown, broken=told(shown.broken), late_now=told(shown.late_now))
