"""Macros: the list, one of them, running one on a conversation, and taking that back."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import NoResultFound
from starlette.datastructures import FormData

from inbox.domain.actions import BadActions
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import acting, macros
from inbox.store import acting as stored
from inbox.store import thread
from inbox.web import acting_view as view
from inbox.web.answers_view import by_of, number
from inbox.web.auth import Agent
from inbox.web.desk import Desk, Given, Number, TheDesk, frame, html
from inbox.web.routes.conversations import done, show, view_before

router = APIRouter()

RowId = Annotated[int, Form(ge=0, le=BIGGEST_ID)]


@router.get("/macros")
def listed(request: Request, desk: TheDesk, done: str = "", n: str = "") -> Response:
    """Every macro."""
    with desk.store.read() as session:
        told = "removed" if done == "removed" else ""
        return html(view.macros_page(session, frame(request, "answers"), told, number(n)))


@router.get("/macros/new")
def new(request: Request, desk: TheDesk) -> Response:
    """An empty form."""
    with desk.store.read() as session:
        return html(view.typed(session, frame(request, "answers"), 0))


@router.post("/macros/new")
def add(request: Request, desk: TheDesk, given: Given) -> Response:
    """Stores a new macro."""
    by = by_of(frame(request, "answers"))
    try:
        wanted = view.form_actions(given)
        made = macros.add(desk.store, str(given.get("name", "")), wanted, by=by, now=desk.now())
    except BadActions as e:
        return _retyped(request, desk, 0, given, str(e))
    return RedirectResponse(f"/macros/{made}?done=saved", 303)


@router.get("/macros/{id}")
def one(request: Request, desk: TheDesk, id: Number, done: str = "") -> Response:
    """One of them."""
    with desk.store.read() as session:
        row = stored.macro(session, id)
        if row is None:
            raise HTTPException(404)
        told = "saved" if done == "saved" else ""
        return html(view.macro_page(session, frame(request, "answers"), row, told))


@router.post("/macros/{id}")
def change(request: Request, desk: TheDesk, id: Number, given: Given) -> Response:
    """Writes it anew, or removes it."""
    by = by_of(frame(request, "answers"))
    try:
        if given.get("do") == "remove":
            macros.remove(desk.store, id, by=by, now=desk.now())
            return RedirectResponse(f"/macros?done=removed&n={id}", 303)
        wanted = view.form_actions(given)
        macros.change(desk.store, id, str(given.get("name", "")), wanted, by=by, now=desk.now())
    except BadActions as e:
        return _retyped(request, desk, id, given, str(e))
    return RedirectResponse(f"/macros/{id}?done=saved", 303)


@router.post("/conversations/{id}/macro")
def run(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Number,
    macro: RowId = 0,
    shown: RowId = 0,
    key: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Does what the macro says; what was done stands on the page, with the way back."""
    _exists(desk, id)
    try:
        macros.run(
            desk.store,
            macro,
            conversation_id=id,
            by=by_of(frame(request)),
            shown=shown,
            key=f"{agent.id}:{key or secrets.token_hex(8)}",
            now=desk.now(),
        )
    except acting.Refused as e:
        return show(request, desk, id, view_before(request), failed=str(e))
    return done(request, desk, id)


@router.post("/conversations/{id}/macro/undo")
def undo(request: Request, desk: TheDesk, id: Number, run: RowId = 0) -> Response:
    """Takes back what can be taken back."""
    with desk.store.read() as session:
        row = stored.run(session, run)
    if row is None or row.conversation_id != id:
        raise HTTPException(404)
    acting.undo(desk.store, run_id=run, by=by_of(frame(request)), now=desk.now())
    return done(request, desk, id)


def _exists(desk: Desk, id: int) -> None:
    with desk.store.read() as session:
        if not thread.exists(session, id):
            raise NoResultFound


def _retyped(request: Request, desk: Desk, id: int, given: FormData, trouble: str) -> Response:
    with desk.store.read() as session:
        return html(view.typed(session, frame(request, "answers"), id, given, trouble), 422)
