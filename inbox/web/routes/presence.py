"""Saying whether one is there."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from fastapi.responses import RedirectResponse

from inbox.flows import presence
from inbox.web.auth import Agent, own_path
from inbox.web.desk import TheDesk

router = APIRouter()


@router.post("/me/presence")
def choose(
    desk: TheDesk,
    agent: Agent,
    state: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> RedirectResponse:
    """Online, away or offline, until the next choice or sign-in."""
    try:
        presence.choose(
            desk.store, user_id=agent.id, state=state, actor=agent.email, now=desk.now()
        )
    except ValueError:
        raise HTTPException(422) from None
    return RedirectResponse(own_path(next), 303)
