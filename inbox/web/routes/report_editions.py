"""The editions of a report: the list, and a new one by hand."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.ids import BIGGEST_ID
from inbox.web.auth import Agent
from inbox.web.desk import Desk, TheDesk, frame, html
from inbox.web.pages_report_editions import EditionsPage
from inbox.web.routes.reports import Asked, EditionNumber, Question, days_of
from reports import editions
from templates.periods import KINDS, Days

router = APIRouter(prefix="/reports")


@router.get("/editions")
def listed(
    request: Request,
    desk: TheDesk,
    what: Question,
    made: EditionNumber = None,
    theirs: EditionNumber = None,
) -> Response:
    """Every edition of a day, week or month, and what changed from one to the next."""
    days = _kept_days(desk, what)
    kept = editions.kept(desk.store, days)
    return html(EditionsPage(frame(request, "reports"), days, kept, made, theirs))


@router.post("/editions")
def make(
    desk: TheDesk,
    agent: Agent,
    what: Question,
    after: Annotated[int | None, Form(ge=1, le=BIGGEST_ID)] = None,
) -> Response:
    """A new edition with the figures of now, after the newest that its maker saw. The list says
    what came of it, also where none is kept yet."""
    days, whole = _kept_days(desk, what), desk.store.seen_by(frozenset())
    fresh = editions.refresh(whole, days, desk.now(), actor=agent.email, after=after)
    told = {("made" if fresh.made else "theirs"): str(fresh.number)} if fresh else {}
    return RedirectResponse(f"/reports/editions?{what.only.query(days, **told)}", 303)


def _kept_days(desk: Desk, what: Asked) -> Days:
    """Of other days, and of a part, nothing is kept."""
    days = days_of(desk, what)
    if what.only or days.kind not in KINDS:
        raise HTTPException(404)
    return days
