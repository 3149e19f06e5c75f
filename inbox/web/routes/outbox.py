"""Answers whose outcome nobody knows, or that did not go: look, settle, send again, give up."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from inbox.domain.ids import BIGGEST_ID
from inbox.flows import drafting, holding, outcome
from inbox.flows.holding import BadTime, TooLate
from inbox.store import thread as stored
from inbox.web.auth import Agent
from inbox.web.composer_view import Draft
from inbox.web.desk import Number, TheDesk
from inbox.web.routes.conversations import done, leaving_of, show, view_before

router = APIRouter(prefix="/outbox/{id}")

Field = Annotated[str, Form()]
Typed = Annotated[str | None, Form()]
Shown = Annotated[int, Form(ge=0, le=BIGGEST_ID)]


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


@router.post("/undo")
def undo(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Number,
    text: Typed = None,
    mode: Field = "",
) -> Response:
    """Takes an answer back that has not left: its words stand in the form again, before those that
    were typed there since, and are kept as a draft like any other. A page with such a form sends
    what stands in it, which the server may not have been told yet."""
    conversation = _conversation(desk, id)
    try:
        back = holding.take_back(
            desk.store, outbox_id=id, agent_id=agent.id, actor=agent.email, now=desk.now()
        )
    except TooLate as e:
        return show(request, desk, conversation, view_before(request), failed=str(e))
    kept = drafting.bring_back(
        desk.store,
        conversation_id=conversation,
        user_id=agent.id,
        mode=back.mode,
        text=back.text,
        files=back.files,
        now=desk.now(),
        since=(mode, text) if text is not None else None,
    )
    draft = Draft(kept.words, kept.mode, kept.key, "", "", tuple(kept.files), canned=back.canned)
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


@router.post("/skip")
def skip(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Gives up this part of an answer; those behind it go out."""
    return _settled(request, desk, agent, id, "skip")


@router.post("/drop")
def drop(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Gives it up, with the parts behind it."""
    return _settled(request, desk, agent, id, "drop")


def _settled(request: Request, desk: TheDesk, agent: Agent, id: int, verb: str) -> Response:
    conversation = _conversation(desk, id)
    by = agent.email
    outcome.settle_as(desk.store, desk.settings, verb, outbox_id=id, actor=by, now=desk.now)
    return done(request, desk, conversation)


def _conversation(desk: TheDesk, id: Number) -> int:
    with desk.store.read() as session:
        found = stored.conversation_of(session, id)
    if found is None:
        raise HTTPException(404)
    return found
