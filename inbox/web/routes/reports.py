"""The report of a day."""

from datetime import date, timedelta

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.calendars import local_date
from inbox.web.desk import TheDesk, frame, html
from inbox.web.pages_report import ReportView
from reports import daily

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
    return html(ReportView(around, shown))
