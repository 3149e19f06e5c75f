"""Answers whose outcome nobody knows, or that did not go: look, settle, send again."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from inbox.domain.ids import BIGGEST_ID
from inbox.flows import holding, outcome
from inbox.flows.holding import BadTime, TooLate
from inbox.store import thread as stored
from inbox.web.auth import Agent
from inbox.web.composer_view import Draft
from inbox.web.desk import Number, TheDesk
from inbox.web.routes.conversations import done, leaving_of, show, view_before

router = APIRouter(prefix="/outbox/{id}")

Field = Annotated[str, Form()]
Shown = Annotated[int, Form(ge=0, le=BIGGEST_ID)]


@router.post("/look")
def look(request: Request, desk: TheDesk, id: Number) -> Response:
    """Searches the platform for it now."""
    conversation = _conversation(desk, id)
    outcome.look_now(desk.store, desk.settings, outbox_id=id, now=desk.now)
    return done(request, desk, conversation)


@router.post("/arrived")
def arrived(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Someone has seen it on the platform."""
    conversation = _conversation(desk, id)
    outcome.arrived(desk.store, outbox_id=id, actor=agent.email, now=desk.now())
    return done(request, desk, conversation)


@router.post("/resend")
def resend(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Sends it again, on a person's word."""
    conversation = _conversation(desk, id)
    outcome.resend(desk.store, outbox_id=id, actor=agent.email, now=desk.now())
    return done(request, desk, conversation)


@router.post("/undo")
def undo(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Takes an answer back that has not left: its words stand in the form again."""
    conversation = _conversation(desk, id)
    try:
        back = holding.take_back(
            desk.store, outbox_id=id, agent_id=agent.id, actor=agent.email, now=desk.now()
        )
    except TooLate as e:
        return show(request, desk, conversation, view_before(request), failed=str(e))
    draft = Draft(back.text, back.visibility, "", "", "", back.files, canned=back.canned)
    return show(request, desk, conversation, view_before(request), draft)


@router.post("/now")
def now(request: Request, desk: TheDesk, agent: Agent, id: Number, shown: Shown = 0) -> Response:
    """It leaves at once, though stopped or meant for later."""
    conversation = _conversation(desk, id)
    try:
        holding.send_now(desk.store, outbox_id=id, shown=shown, actor=agent.email, now=desk.now())
    except TooLate as e:
        return show(request, desk, conversation, view_before(request), failed=str(e))
    return done(request, desk, conversation)


@router.post("/later")
def later(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Number,
    shown: Shown = 0,
    to: Field = "",
    at: Field = "",
) -> Response:
    """It leaves at another time; who chooses one is told beside it when that is late."""
    conversation = _conversation(desk, id)
    when, _ = leaving_of(desk, to or "at", at, late=True)
    try:
        holding.send_later(
            desk.store, outbox_id=id, shown=shown, when=when, actor=agent.email, now=desk.now()
        )
    except (TooLate, BadTime) as e:
        return show(request, desk, conversation, view_before(request), failed=str(e))
    return done(request, desk, conversation)


def _conversation(desk: TheDesk, id: Number) -> int:
    with desk.store.read() as session:
        found = stored.conversation_of(session, id)
    if found is None:
        raise HTTPException(404)
    return found
