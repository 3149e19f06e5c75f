"""The planner: what the roster answers in time, and what another would. It changes nothing."""

from fastapi import APIRouter, Request, Response

from inbox.web.desk import TheDesk, frame, html
from inbox.web.planner_view import planner_page

router = APIRouter()


@router.get("/planner")
def planner(request: Request, desk: TheDesk) -> Response:
    """What is tried stands in the address, so that it can be passed on."""
    whole = desk.store.seen_by(frozenset())  # the figures are the brand's, as a report's are
    page = planner_page(whole, frame(request, "roster"), request.query_params)
    return html(page, 422 if page.trouble else 200)
