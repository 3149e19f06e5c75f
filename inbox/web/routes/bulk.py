"""Doing the same to many conversations: choose, begin, watch, take back."""

import hashlib
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from inbox.domain import actions as rules
from inbox.domain.actions import Actions, BadActions
from inbox.flows import bulk as flow
from inbox.store import acting as stored
from inbox.web import acting_view, render
from inbox.web import bulk_view as view
from inbox.web.answers_view import by_of, number
from inbox.web.auth import Agent
from inbox.web.desk import Desk, Given, Number, TheDesk, frame, html, is_part

router = APIRouter(prefix="/bulk")


@router.get("/new")
def choose(
    request: Request,
    desk: TheDesk,
    shown: Annotated[str, Query(alias="view")] = "due",
    ids: Annotated[list[str] | None, Query(alias="id")] = None,
    move: str = "",
) -> Response:
    """The conversations that were chosen, or those of a view to choose from, with `move` chosen."""
    chosen = [n for n in map(number, ids or []) if n][: flow.MOST]
    with desk.store.read() as session:
        actions = Actions(move=move)
        return html(view.bulk_page(session, frame(request), shown, chosen, actions))


@router.post("/new")
def begin(request: Request, desk: TheDesk, agent: Agent, given: Given) -> Response:
    """Begins a job on what is ticked, or on the whole view."""
    around = frame(request)
    name = str(given.get("view", ""))
    ids = [n for n in map(number, map(str, given.getlist("id"))) if n]
    key = f"{agent.id}:{str(given.get('key', ''))[:64]}:{_digest(given)}"
    try:
        wanted, called = _wanted(desk, given)
        with desk.store.read() as session:
            chosen = view.whole_view(session, around, name) if given.get("all") else ids
            if given.get("waiting") != "leave":
                view.check_reason(session, chosen, wanted)
        made = flow.begin(
            desk.store,
            chosen,
            wanted,
            name=called,
            by=by_of(around),
            key=key,
            now=desk.now(),
        )
    except BadActions as e:
        with desk.store.read() as session:
            page = view.bulk_page(
                session,
                around,
                name,
                ids,
                acting_view.form_actions(given),
                key=str(given.get("key", "")),
                macro=number(str(given.get("macro", ""))),
                trouble=str(e),
                reason_missing=isinstance(e, view.ReasonMissing),
            )
        return html(page, 422)
    return RedirectResponse(f"/bulk/{made}", 303)


@router.get("/{id}")
def job(request: Request, desk: TheDesk, id: Number) -> Response:
    """How far a job is, and what became of each conversation."""
    around = frame(request)
    with desk.store.read() as session:
        row = stored.job(session, id)
        if row is None:
            raise HTTPException(404)
        page = view.job_page(session, around, row)
    return HTMLResponse(render.part(page)) if is_part(request) else html(page)


@router.post("/{id}/undo")
def undo(request: Request, desk: TheDesk, id: Number) -> Response:
    """Takes the whole back, as far as that goes."""
    flow.undo(desk.store, id, by=by_of(frame(request)), now=desk.now())
    return RedirectResponse(f"/bulk/{id}", 303)


def _digest(given: FormData) -> str:
    """What the form says: sent twice it is one job; changed after the browser's Back, a new one."""
    said = sorted((name, str(value)) for name, value in given.multi_items())
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def _wanted(desk: Desk, given: FormData) -> tuple[Actions, str]:
    """What is to be done, and its name: a macro's, or those of the form. The form's reason serves a
    macro that has none."""
    typed = acting_view.form_actions(given)
    chosen = number(str(given.get("macro", "")))
    if not chosen:
        return typed, ""
    with desk.store.read() as session:
        row = stored.macro(session, chosen)
    if row is None or row.removed_at is not None:
        raise HTTPException(404)
    actions = rules.read(row.actions)
    return replace(actions, reason=actions.reason or typed.reason), row.name
