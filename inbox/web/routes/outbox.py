"""Answers whose outcome nobody knows, or that did not go: look, settle, send again."""

from fastapi import APIRouter, HTTPException, Request, Response

from inbox.flows import outcome
from inbox.store import thread as stored
from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk
from inbox.web.routes.conversations import done

router = APIRouter(prefix="/outbox/{id}")


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


def _conversation(desk: TheDesk, id: Number) -> int:
    with desk.store.read() as session:
        found = stored.conversation_of(session, id)
    if found is None:
        raise HTTPException(404)
    return found
