"""The list."""

from itertools import chain
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

from inbox.domain.search import BadSearch
from inbox.flows.sheets import csv_lines
from inbox.store import inbox_list
from inbox.web import render
from inbox.web.auth import Agent
from inbox.web.desk import Desk, TheDesk, frame, html, is_part
from inbox.web.list_view import list_page
from inbox.web.pages_list import FIND

router = APIRouter()


@router.get("/")
def inbox(
    request: Request, desk: TheDesk, view: str = "due", after: str = "", q: str = ""
) -> Response:
    """The list of a view, or what the search `q` finds.

    An admin whose first run is open and who has nothing to show yet goes on with that.
    """
    around = frame(request)
    page = list_page(request, around, f"{FIND}{q}" if q.strip() else view, after)
    if around.setup and (around.setup == "brand" or not page.connected):
        return RedirectResponse(f"/welcome/{around.setup}", 303)
    return HTMLResponse(render.part(page)) if is_part(request) else html(page)


CSV: dict[str, Any] = {
    "description": "CSV with a head, in UTF-8.",
    "content": {"text/csv": {"schema": {"type": "string"}}},
}
"""How the API tells of `sheet`."""


@router.get("/conversations.csv")
def csv(desk: TheDesk, agent: Agent, view: str = "due", q: str = "") -> Response:
    """The conversations of a view, or what the search `q` finds, as a sheet."""
    try:
        return sheet(desk, view, q, agent.id)
    except BadSearch as e:
        raise HTTPException(422, str(e)) from None


def sheet(desk: Desk, view: str, query: str, me: int) -> StreamingResponse:
    """Streamed page by page. Raises `BadSearch` before anything is sent."""
    lines = csv_lines(
        desk.store,
        base_url=desk.settings.base_url,
        view=view if view in inbox_list.VIEWS else "due",
        query=query,
        me=me,
        now=desk.now(),
    )
    name = f'attachment; filename="conversations-{desk.now():%Y-%m-%d}.csv"'
    return StreamingResponse(
        chain((next(lines),), lines),
        media_type="text/csv",
        headers={"Content-Disposition": name, "Cache-Control": "no-store"},
    )
