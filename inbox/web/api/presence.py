"""Saying whether one is there, for programs."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from inbox.flows import presence
from inbox.web.api.call import TheOnce
from inbox.web.api.models import Taken
from inbox.web.desk import TheDesk

router = APIRouter(prefix="/api/v1", tags=["Roster"])

State = Literal["online", "away", "offline"]


class Presence(Taken):
    """What a person chooses."""

    state: State


class PresenceNow(BaseModel):
    """What holds now."""

    state: State


@router.post("/me/presence", response_model=PresenceNow)
def choose(once: TheOnce, desk: TheDesk, body: Presence) -> Response:
    """Says whether one is there; a sign of life for the next 15 minutes, too."""

    def work() -> PresenceNow:
        presence.choose(
            desk.store,
            user_id=once.person.id,
            state=body.state,
            actor=once.person.email,
            now=desk.now(),
        )
        return PresenceNow(state=body.state)

    return once.answer(body, work)
