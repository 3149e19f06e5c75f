"""Marking a conversation as a complaint, taking that back, and naming the final response."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from inbox.domain.ids import BIGGEST_ID
from inbox.flows import complaints
from inbox.flows.states import CannotMove, ReasonNeeded
from inbox.store import thread as stored
from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk
from inbox.web.routes.conversations import done, show, view_before

router = APIRouter(prefix="/conversations/{id}/complaint")

Reason = Annotated[str, Form(max_length=500)]
Message = Annotated[int, Form(ge=0, le=BIGGEST_ID)]


@router.post("")
def mark(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Number,
    template: Annotated[str, Form(max_length=40)] = "",
    message: Message = 0,
    reason: Reason = "",
) -> Response:
    """Starts the clocks of a template, at the time of the customer's message."""
    _exists(desk, id)
    try:
        complaints.mark(
            desk.store,
            conversation_id=id,
            template_id=template,
            message_id=message,
            reason=reason,
            actor=agent.email,
            now=desk.now(),
        )
    except (CannotMove, ReasonNeeded) as e:
        return show(request, desk, id, view_before(request), failed=str(e))
    return done(request, desk, id)


@router.post("/undo")
def undo(
    request: Request, desk: TheDesk, agent: Agent, id: Number, reason: Reason = ""
) -> Response:
    """It was none after all."""
    _exists(desk, id)
    now = desk.now()
    try:
        complaints.undo(desk.store, conversation_id=id, reason=reason, actor=agent.email, now=now)
    except (CannotMove, ReasonNeeded) as e:
        return show(request, desk, id, view_before(request), failed=str(e))
    return done(request, desk, id)


@router.post("/final")
def final(
    request: Request, desk: TheDesk, agent: Agent, id: Number, message: Message = 0
) -> Response:
    """This answer was the final response; without one, none was."""
    _exists(desk, id)
    to, now = message or None, desk.now()
    try:
        complaints.end(desk.store, conversation_id=id, message_id=to, actor=agent.email, now=now)
    except CannotMove as e:
        return show(request, desk, id, view_before(request), failed=str(e))
    return done(request, desk, id)


def _exists(desk: TheDesk, id: Number) -> None:
    with desk.store.read() as session:
        if not stored.exists(session, id):
            raise HTTPException(404)
