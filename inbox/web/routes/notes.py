"""Notes for the team, and following."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from inbox.flows import following
from inbox.flows import notes as flow
from inbox.flows.reply import ReplyInvalid
from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk
from inbox.web.routes.conversations import done, show, view_before

router = APIRouter()

Key = Annotated[str, Form(min_length=8, max_length=64)]


@router.post("/conversations/{id}/notes")
def note(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Number,
    idempotency_key: Key,
    text: Annotated[str, Form()] = "",
) -> Response:
    """A note, where nobody can answer and so no composer stands."""
    try:
        flow.write(
            desk.store,
            conversation_id=id,
            agent_id=agent.id,
            actor=agent.email,
            text=text,
            form_key=f"{agent.id}:{idempotency_key}",
            now=desk.now(),
        )
    except ReplyInvalid as e:
        return show(request, desk, id, view_before(request), failed=e.reason)
    return done(request, desk, id)


@router.post("/conversations/{id}/follow")
def follow(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Tells this person of new messages."""
    following.follow(
        desk.store, conversation_id=id, user_id=agent.id, actor=agent.email, now=desk.now()
    )
    return done(request, desk, id)


@router.post("/conversations/{id}/unfollow")
def unfollow(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """And no more."""
    following.unfollow(
        desk.store, conversation_id=id, user_id=agent.id, actor=agent.email, now=desk.now()
    )
    return done(request, desk, id)
