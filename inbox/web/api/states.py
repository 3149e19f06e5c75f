"""Putting a conversation aside, bringing it back, and taking such a step back, by program."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from inbox.flows import states
from inbox.store import steps
from inbox.web.api import conversations as reading
from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.models import Conversation, Instant, Reason, RowId, Taken
from inbox.web.api.steps import stepped
from inbox.web.desk import Number, TheDesk

router = APIRouter(prefix="/api/v1/conversations/{id}", tags=["Work"])


class Step(BaseModel):
    """The newest thing that was done with a conversation besides answering."""

    id: int
    kind: str = Field(description="excuse, customer, third, snooze, resolve, spam, reopen, wake.")
    at: datetime
    by: str | None = Field(description="E-mail address; null: by itself.")
    reason: str | None
    until: datetime | None = Field(description="What a snooze was asked for.")


class NewState(Taken):
    """Where it goes. `third` needs a reason: on whom it waits. While the customer waits for an
    answer, `customer`, `third`, `resolve` and `spam` need one too: why none is due."""

    to: Literal["customer", "third", "snooze", "resolve", "spam", "reopen"]
    shown: RowId = Field(description="The newest message that was read.")
    reason: Reason | None = None
    until: Instant | None = Field(None, description="For `snooze`: when it comes back.")


class Undo(Taken):
    """The step to take back: refused (409) unless it is still the newest."""

    step: RowId


@router.get("/step")
def newest(desk: TheDesk, _: TheCall, id: Number) -> Step | None:
    """The newest step; null when there is none."""
    with desk.store.read() as session:
        reading.found(session, id)
        row = steps.newest(session, id)
    if row is None:
        return None
    return Step(
        id=row.id, kind=row.kind, at=row.at, by=row.email, reason=row.reason, until=row.until
    )


@router.post("/state", response_model=Conversation)
def state(once: TheOnce, desk: TheDesk, id: Number, body: NewState) -> Response:
    """Waits on the customer or on others, snoozes, resolves, marks as spam, or brings back."""

    def work() -> None:
        states.move(
            desk.store,
            conversation_id=id,
            kind=body.to,
            agent_id=once.person.id,
            actor=once.person.email,
            seen=body.shown,
            now=desk.now(),
            reason=body.reason,
            until=body.until if body.to == "snooze" else None,
        )

    return stepped(once, desk, id, body, work)


@router.post("/undo", response_model=Conversation)
def undo(once: TheOnce, desk: TheDesk, id: Number, body: Undo) -> Response:
    """Takes the newest step back, and the excuse that was given with it."""

    def work() -> None:
        states.undo(
            desk.store,
            conversation_id=id,
            step_id=body.step,
            actor=once.person.email,
            now=desk.now(),
        )

    return stepped(once, desk, id, body, work)
