"""What is no page: health, static files, live changes, and a person's own taste."""

import json
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from sqlalchemy import text
from starlette.staticfiles import StaticFiles

from inbox.flows import profile
from inbox.web import permissions
from inbox.web.auth import Agent, own_path, still_signed_in
from inbox.web.desk import TheDesk
from inbox.web.live import Change
from inbox.web.pages import STATIC

router = APIRouter()

_FILES = StaticFiles(directory=STATIC)


@router.get("/healthz")
def healthz(desk: TheDesk) -> dict[str, str]:
    """200 while the database answers; a failing query is a 500."""
    with desk.store.read() as session:
        session.execute(text("SELECT 1"))
    return {"status": "ok"}


@router.get("/settings")
def settings() -> RedirectResponse:
    """An address that people type: the first of the settings, and everyone may see it."""
    return RedirectResponse("/accounts", 303)


@router.get("/static/{path:path}")
async def static(path: str, request: Request) -> Response:
    """A file of the interface. The browser asks each time and is told 304 while it is the same."""
    response = await _FILES.get_response(path, request.scope)
    response.headers["Cache-Control"] = "public, no-cache"
    return response


@router.get("/events")
async def events(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    after: int | None = None,
    page: Annotated[str, Query(max_length=64)] = "",
) -> StreamingResponse:
    """What changed since the event `after` (or the header Last-Event-ID), and what changes. With
    the end of its stream a `page` is closed: nobody views a conversation there any more."""
    last = request.headers.get("last-event-id", "")
    after = int(last) if last.isascii() and last.isdigit() else after

    listener = agent

    def beat() -> str | None:
        nonlocal listener
        now = desk.now()
        alive = still_signed_in(request, now)
        listener = alive or listener
        return json.dumps({"now": now.isoformat()}) if alive else None

    def hears(change: Change) -> bool:
        is_hidden = change.account in listener.hidden
        return permissions.hears(listener.role, change.topic) and not is_hidden

    async def lines() -> AsyncGenerator[str, None]:
        desk.watching.opened(agent.id, page)
        try:
            async for line in desk.live.stream(after, hears, beat):
                yield line
        finally:
            desk.watching.closed(agent.id, page)

    return StreamingResponse(lines(), media_type="text/event-stream")


@router.post("/me")
def me(
    desk: TheDesk,
    agent: Agent,
    next: Annotated[str, Form()] = "/",
    locale: Annotated[str | None, Form()] = None,
    theme: Annotated[str | None, Form()] = None,
    density: Annotated[str | None, Form()] = None,
) -> RedirectResponse:
    """Sets how one's own pages look."""
    chosen = {"locale": locale, "theme": theme, "density": density}
    try:
        looks = {name: choice for name, choice in chosen.items() if choice is not None}
        profile.set_look(desk.store, user_id=agent.id, **looks)
    except ValueError:
        raise HTTPException(400) from None
    return RedirectResponse(own_path(next), 303)
