"""Moderation of single messages, and conversations that are one case."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from connectors.core.contract import Act
from inbox.flows import cases
from inbox.flows.moderate import ModerationFailed, moderate
from inbox.store import thread as stored
from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk
from inbox.web.routes.conversations import done, show, view_before

router = APIRouter()


@router.post("/messages/{id}/{act}")
def act(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Number,
    act: Act,
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Hides, likes, deletes, blocks, reports … what the platform offers for this message."""
    with desk.store.read() as session:
        row = stored.message(session, id)
    if row is None or row.conversation_id is None:
        raise HTTPException(404)
    try:
        moderate(
            desk.store,
            desk.settings,
            message_id=id,
            act=act,
            note=note.strip(),
            actor=agent.email,
            now=desk.now,
        )
    except ModerationFailed as e:
        view = view_before(request)
        return show(request, desk, int(row.conversation_id), view, failed=e.reason)
    return done(request, desk, int(row.conversation_id))


@router.post("/conversations/{id}/case")
def join(
    request: Request, desk: TheDesk, agent: Agent, id: Number, other: Annotated[str, Form()] = ""
) -> Response:
    """Makes this and another conversation one case; `other` is its number or its address."""
    _exists(desk, id)
    number = other.strip().rstrip("/").rpartition("/")[2].partition("?")[0].lstrip("#")
    try:
        if not (number.isascii() and number.isdecimal() and len(number) < 16):
            raise cases.CannotJoin("There is no such conversation.")
        cases.join(
            desk.store,
            conversation_id=id,
            other_id=int(number),
            actor=agent.email,
            now=desk.now(),
        )
    except cases.CannotJoin as e:
        return show(request, desk, id, view_before(request), failed=str(e))
    return done(request, desk, id)


@router.post("/conversations/{id}/alone")
def leave(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Takes this conversation out of its case."""
    _exists(desk, id)
    cases.leave(desk.store, conversation_id=id, actor=agent.email, now=desk.now())
    return done(request, desk, id)


@router.post("/conversations/{id}/case/undo")
def undo(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Takes the newest joining or leaving back."""
    _exists(desk, id)
    try:
        cases.undo(desk.store, conversation_id=id, actor=agent.email, now=desk.now())
    except cases.CannotJoin as e:
        return show(request, desk, id, view_before(request), failed=str(e))
    return done(request, desk, id)


def _exists(desk: TheDesk, id: Number) -> None:
    with desk.store.read() as session:
        if not stored.exists(session, id):
            raise HTTPException(404)
