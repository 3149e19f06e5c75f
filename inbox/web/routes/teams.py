"""Teams, for admins: who is in them, and which accounts they serve."""

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.teams import BadTeam
from inbox.flows import teams as flow
from inbox.web import teams_view as view
from inbox.web.answers_view import number
from inbox.web.auth import Agent
from inbox.web.desk import Desk, Given, Number, TheDesk, frame, html

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
    """A new team."""
    try:
        flow.add(desk.store, view.form_team(given), actor=agent.email, now=desk.now())
    except BadTeam as e:
        return _page(request, desk, 0, given, str(e))
    return RedirectResponse("/teams?done=saved", 303)


@router.get("/{id}")
def one(request: Request, desk: TheDesk, id: Number) -> Response:
    """One of them."""
    return _page(request, desk, id)


@router.post("/{id}")
def change(request: Request, desk: TheDesk, agent: Agent, id: Number, given: Given) -> Response:
    """Its name, people and accounts anew, or it is removed."""
    try:
        if given.get("do") == "remove":
            flow.remove(desk.store, id, actor=agent.email, now=desk.now())
            return RedirectResponse("/teams?done=removed", 303)
        freed = flow.change(
            desk.store, id, view.form_team(given), actor=agent.email, now=desk.now()
        )
    except BadTeam as e:
        return _page(request, desk, id, given, str(e))
    return RedirectResponse(f"/teams?done=saved&freed={freed}", 303)


def _page(
    request: Request, desk: Desk, id: int, given: Given | None = None, trouble: str = ""
) -> Response:
    with desk.store.read() as session:
        page = view.team_page(session, frame(request, "people"), id, given, trouble)
    if page is None:
        raise HTTPException(404)
    return html(page, 422 if trouble else 200)
