"""The planner: what the roster answers in time, and what another would. It changes nothing."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from inbox.web import render
from inbox.web.desk import TheDesk, frame, html, is_part
from inbox.web.planner_view import planner_page, tried_part

router = APIRouter()


@router.get("/planner")
def planner(request: Request, desk: TheDesk) -> Response:
    """What is tried stands in the address, so that it can be passed on."""
    whole = desk.store.seen_by(frozenset())  # the figures are the brand's, as a report's are
    around = frame(request, "roster")
    if is_part(request):
        return HTMLResponse(render.part(tried_part(whole, around, request.query_params)))
    page = planner_page(whole, around, request.query_params)
    return html(page, 422 if page.trouble else 200)
