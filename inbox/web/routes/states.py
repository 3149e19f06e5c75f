"""Putting a conversation aside, bringing it back, and taking such a step back."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Request, Response

from inbox.domain.ids import BIGGEST_ID
from inbox.domain.snooze import choices, chosen
from inbox.flows import states
from inbox.flows.states import CannotMove, ReasonNeeded
from inbox.store import accounts
from inbox.store import thread as stored
from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk
from inbox.web.routes.conversations import done, show, view_before

router = APIRouter(prefix="/conversations/{id}")

Field = Annotated[str, Form()]
Kind = Literal["customer", "third", "snooze", "spam", "reopen"]


@router.post("/state")
def move(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Number,
    to: Annotated[Kind, Form()],
    shown: Annotated[int, Form(ge=0, le=BIGGEST_ID)] = 0,
    reason: Annotated[str, Form(max_length=500)] = "",
    until: Field = "",
    at: Field = "",
) -> Response:
    """Takes a step. `until` names a moment (later, tomorrow, monday) or is `at`: the local time in
    the field beside it."""
    with desk.store.read() as session:
        zone = accounts.brand_zone(session)
        known = stored.exists(session, id)
    if not known:
        raise HTTPException(404)
    now = desk.now()
    named = {str(name): instant for name, instant in choices(now, zone).items()}
    try:
        states.move(
            desk.store,
            conversation_id=id,
            kind=to,
            agent_id=agent.id,
            actor=agent.email,
            seen=shown,
            now=now,
            reason=reason,
            until=(named.get(until) or chosen(at, zone)) if to == "snooze" else None,
        )
    except (CannotMove, ReasonNeeded) as e:
        return show(request, desk, id, view_before(request), failed=str(e))
    return done(request, desk, id)


@router.post("/undo")
def undo(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Number,
    step: Annotated[int, Form(ge=0, le=BIGGEST_ID)] = 0,
) -> Response:
    """Takes the newest step back, if it is still the newest."""
    with desk.store.read() as session:
        if not stored.exists(session, id):
            raise HTTPException(404)
    try:
        states.undo(desk.store, conversation_id=id, step_id=step, actor=agent.email, now=desk.now())
    except CannotMove as e:
        return show(request, desk, id, view_before(request), failed=str(e))
    return done(request, desk, id)
