"""Following a conversation."""

from fastapi import APIRouter, Request, Response

from inbox.flows import following
from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk
from inbox.web.routes.conversations import done

router = APIRouter()


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
