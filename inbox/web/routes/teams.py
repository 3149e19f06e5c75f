"""Teams, for admins: who is in them, and which accounts they serve."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.teams import BadTeam
from inbox.flows import teams as flow
from inbox.flows.policies import Effect
from inbox.web import teams_view as view
from inbox.web.answers_view import number
from inbox.web.auth import Agent
from inbox.web.desk import Desk, Given, Number, TheDesk, frame, html
from inbox.web.routes.policies import AT_ONCE

router = APIRouter(prefix="/teams")


@router.get("")
def listed(request: Request, desk: TheDesk, done: str = "", freed: str = "") -> Response:
    """Every team, and the accounts that are everyone's."""
    done = done if done in ("saved", "removed") else ""
    with desk.store.read() as session:
        return html(view.teams_page(session, frame(request, "people"), done, number(freed)))


@router.get("/new")
def new(request: Request, desk: TheDesk) -> Response:
    """An empty form."""
    return _page(request, desk, 0)


@router.post("/new")
def add(request: Request, desk: TheDesk, agent: Agent, given: Given) -> Response:
    """A new team, or what it would do."""
    wanted, now = view.form_team(given), desk.now()
    try:
        if given.get("do") == "preview":
            return _page(request, desk, 0, given, effect=flow.effect(desk.store, 0, wanted, now))
        flow.add(desk.store, wanted, actor=agent.email, now=now, at_once=AT_ONCE)
    except BadTeam as e:
        return _page(request, desk, 0, given, str(e))
    return RedirectResponse("/teams?done=saved", 303)


@router.get("/{id}")
def one(request: Request, desk: TheDesk, id: Number) -> Response:
    """One of them."""
    return _page(request, desk, id)


@router.post("/{id}")
def change(request: Request, desk: TheDesk, agent: Agent, id: Number, given: Given) -> Response:
    """Its name, people, accounts and calendar anew, or what that would do; or it is removed."""
    wanted, now = view.form_team(given), desk.now()
    how: dict[str, Any] = {"actor": agent.email, "now": now, "at_once": AT_ONCE}
    try:
        if given.get("do") == "preview":
            return _page(request, desk, id, given, effect=flow.effect(desk.store, id, wanted, now))
        if given.get("do") == "remove":
            flow.remove(desk.store, id, **how)
            return RedirectResponse("/teams?done=removed", 303)
        freed = flow.change(desk.store, id, wanted, **how)
    except BadTeam as e:
        return _page(request, desk, id, given, str(e))
    return RedirectResponse(f"/teams?done=saved&freed={freed}", 303)


def _page(
    request: Request,
    desk: Desk,
    id: int,
    given: Given | None = None,
    trouble: str = "",
    effect: Effect | None = None,
) -> Response:
    with desk.store.read() as session:
        page = view.team_page(session, frame(request, "people"), id, given, trouble, effect)
    if page is None:
        raise HTTPException(404)
    return html(page, 422 if trouble else 200)
