"""Assignment: who takes what, by rule or by hand; leads change it and give work to others."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.ids import BIGGEST_ID
from inbox.domain.written import Unclear
from inbox.flows import assigning, steps
from inbox.flows.steps import NotTheirs
from inbox.web import assignment_view as view
from inbox.web.auth import Agent
from inbox.web.desk import Given, Number, TheDesk, frame, html

router = APIRouter()

DONE = frozenset({"on", "off", "work"})
Field = Annotated[str, Form()]


@router.get("/assignment")
def assignment(request: Request, desk: TheDesk, done: str = "") -> Response:
    """Who takes what, and what waits for somebody."""
    page = view.assignment_page(
        desk.store, frame(request, "roster"), done=done if done in DONE else ""
    )
    return html(page)


@router.post("/assignment/switch")
def switch(desk: TheDesk, agent: Agent, on: Field = "") -> Response:
    """Assigns by rule, or by hand alone."""
    assigning.switch(desk.store, on == "1", actor=agent.email, now=desk.now())
    return RedirectResponse(f"/assignment?done={'on' if on == '1' else 'off'}", 303)


@router.post("/assignment/people/{id}")
def set_work(request: Request, desk: TheDesk, agent: Agent, id: Number, given: Given) -> Response:
    """What somebody takes, and how many at once."""
    said = str(given.get("capacity", ""))
    try:
        assigning.set_work(
            desk.store,
            user_id=id,
            languages=str(given.get("languages", "")).replace(",", " ").split(),
            skills=[str(one) for one in given.getlist("skill")],
            capacity=int(said) if said.isdecimal() and len(said) < 6 else -1,
            actor=agent.email,
            now=desk.now(),
        )
    except Unclear as e:
        page = view.assignment_page(desk.store, frame(request, "roster"), trouble=str(e))
        return html(page, 422)
    return RedirectResponse("/assignment?done=work", 303)


@router.get("/conversations/{id}/give")
def choose(request: Request, desk: TheDesk, id: Number) -> Response:
    """Who may be given the conversation."""
    return _choose(request, desk, id)


@router.post("/conversations/{id}/give")
def give(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Number,
    to: Field = "",
    held_by: Field = "",
    team: Field = "",
) -> Response:
    """Gives it to somebody, or leaves it to a team, if it is still whose the page said."""
    person, holder, team_id = _id(to), _id(held_by), _id(team)
    about: dict[str, Any] = {"conversation_id": id, "expected": holder, "actor": agent.email}
    about["now"] = desk.now()
    if team_id is not None:
        try:
            done = steps.leave(desk.store, team=team_id, **about)
        except NotTheirs:
            raise HTTPException(422) from None
    elif person is None or not assigning.may_have(desk.store, person, id):
        raise HTTPException(422)
    else:
        done = steps.assign(desk.store, agent_id=person, **about)
    if not done:
        return _choose(request, desk, id, taken=True)
    return RedirectResponse(f"/conversations/{id}", 303)


def _choose(request: Request, desk: TheDesk, id: int, *, taken: bool = False) -> Response:
    page = view.give_page(desk.store, frame(request), id, taken=taken)
    if page is None:
        raise HTTPException(404)
    return html(page, 422 if taken else 200)


def _id(text: str) -> int | None:
    """A row's number as a form says it; None for nobody."""
    number = int(text) if text.isdecimal() and len(text) < 20 else 0
    return number if 0 < number <= BIGGEST_ID else None
