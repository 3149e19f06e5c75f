"""Answers whose outcome nobody knows, or that did not go: look, settle, send again, give up."""

from fastapi import APIRouter, HTTPException, Request, Response

from inbox.flows import outcome
from inbox.store import thread as stored
from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk
from inbox.web.routes.conversations import done

router = APIRouter(prefix="/outbox/{id}")


@router.post("/look")
def look(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Searches the platform for it now."""
    return _settled(request, desk, agent, id, "look")


@router.post("/arrived")
def arrived(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Someone has seen it on the platform."""
    return _settled(request, desk, agent, id, "arrived")


@router.post("/resend")
def resend(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Sends it again, on a person's word."""
    return _settled(request, desk, agent, id, "resend")


@router.post("/skip")
def skip(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Gives up this part of an answer; those behind it go out."""
    return _settled(request, desk, agent, id, "skip")


@router.post("/drop")
def drop(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Gives it up, with the parts behind it."""
    return _settled(request, desk, agent, id, "drop")


def _settled(request: Request, desk: TheDesk, agent: Agent, id: int, verb: str) -> Response:
    with desk.store.read() as session:
        conversation = stored.conversation_of(session, id)
    if conversation is None:
        raise HTTPException(404)
    by = agent.email
    outcome.settle_as(desk.store, desk.settings, verb, outbox_id=id, actor=by, now=desk.now)
    return done(request, desk, conversation)
