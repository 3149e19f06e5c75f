"""The roster in calendar programs: the file, and secret links to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from inbox.flows import roster_calendar as flow
from inbox.store.tables import User
from inbox.web import roster_view as view
from inbox.web.auth import Agent
from inbox.web.desk import Desk, TheDesk, frame, html

router = APIRouter()

ICS: dict[str, Any] = {
    "description": "A calendar file (RFC 5545), in UTC.",
    "content": {"text/calendar": {"schema": {"type": "string"}}},
}
"""How the API tells of `download`."""


@router.get("/calendar/{token}/roster.ics")
def subscribed(desk: TheDesk, token: str) -> Response:
    """What a calendar program reads at a secret link."""
    made = flow.opened(desk.store, token, desk.settings.base_url, desk.now())
    if made is None:
        raise HTTPException(404)
    return _ics(made, {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"})


@router.get("/roster.ics")
def download(desk: TheDesk, agent: Agent, of: str = "own") -> Response:
    """One's own shifts, or with `of=whole` the whole roster, as a file."""
    return file(desk, agent.id, of == "whole")


@router.post("/roster/links")
def link(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    of: Annotated[str, Form()] = "own",
    do: Annotated[str, Form()] = "make",
) -> Response:
    """Makes a link, a new one instead of the old, or ends it. It is shown in this answer and never
    again, so no redirect follows."""
    whole = of == "whole"
    about: dict[str, Any] = {"email": agent.email, "whole": whole, "actor": agent.email}
    if do == "end":
        flow.end_link(desk.store, **about, now=desk.now())
        return RedirectResponse("/roster?done=unlinked#calendar", 303)
    made = flow.make_link(desk.store, base_url=desk.settings.base_url, **about, now=desk.now())
    page = view.roster_page(desk.store, frame(request, "roster"), made=made, made_whole=whole)
    return html(page)


def file(desk: Desk, reader: int, whole: bool) -> Response:
    """The calendar of a reader as a file to keep."""
    with desk.store.read() as session:
        user = session.get_one(User, reader)
        made = flow.calendar(session, user, whole, desk.settings.base_url, desk.now())
    return _ics(made, {"Content-Disposition": 'attachment; filename="roster.ics"'})


def _ics(made: bytes, headers: dict[str, str]) -> Response:
    return Response(made, media_type="text/calendar", headers=headers)
