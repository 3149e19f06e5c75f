"""One conversation: read it, answer it, take it, end the wait, tag it.

Each post answers with the thread's part for htmx, else leads back to the page (303), so everything
works without JavaScript.
"""

from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from connectors.core.text import clean
from inbox.flows import correct, recheck, steps
from inbox.flows.reply import ReplyInvalid, queue_reply
from inbox.flows.steps import ReasonNeeded
from inbox.store import thread as stored
from inbox.web import render
from inbox.web.auth import Agent
from inbox.web.desk import TheDesk, frame, html, is_part, is_unwatched
from inbox.web.list_view import list_page
from inbox.web.pages_list import VIEWS
from inbox.web.permissions import WRITERS
from inbox.web.thread_view import Draft, thread_page

router = APIRouter(prefix="/conversations/{id}")

MOST_MESSAGES = 5_000
Field = Annotated[str, Form()]
Number = Annotated[int, Form()]


@router.get("")
def conversation(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: int,
    view: str = "due",
    messages: Annotated[int, Query(ge=1, le=MOST_MESSAGES)] = stored.MESSAGES,
) -> Response:
    """The thread, and the list beside it. Who may write has read it by opening it."""
    with desk.store.read() as session:
        found = stored.read(session, id, messages)
    if found is None:
        raise HTTPException(404)
    if agent.role in WRITERS and not is_unwatched(request) and found.messages:
        newest = max(row.id for row in found.messages)
        if found.row.read_up_to < newest:
            steps.read(desk.store, conversation_id=id, up_to=newest, now=desk.now())
    if not is_unwatched(request):
        recheck.want(desk.store, id, desk.now())
    return show(request, desk, id, view, messages=messages)


@router.post("/reply")
def reply(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: int,
    idempotency_key: Annotated[str, Form(min_length=8, max_length=64)],
    shown: Number,
    text: Field = "",
    mode: Field = "",
) -> Response:
    """Queues an answer; what cannot be queued stays in the form, with the reason.

    When the customer wrote meanwhile, the form comes back under what they wrote: sending it from
    there is the agent's confirmation.
    """
    _exists(desk, id)
    try:
        reply_id = queue_reply(
            desk.store,
            conversation_id=id,
            agent_id=agent.id,
            actor=agent.email,
            text=text,
            visibility=mode,
            form_key=f"{agent.id}:{idempotency_key}",
            shown=shown,
            now=desk.now(),
        )
    except ReplyInvalid as e:
        draft = Draft(text, mode, idempotency_key, e.code, e.reason)
        return show(request, desk, id, view_before(request), draft)
    if _is_other(desk, reply_id, text):
        draft = Draft(text, mode, "", "again", "")
        return show(request, desk, id, view_before(request), draft)
    return done(request, desk, id)


@router.post("/assign")
def assign(request: Request, desk: TheDesk, agent: Agent, id: int) -> Response:
    """Takes the conversation, from whoever has it now."""
    return _give(request, desk, agent, id, agent.id)


@router.post("/release")
def release(request: Request, desk: TheDesk, agent: Agent, id: int) -> Response:
    """Gives the conversation back to the team."""
    return _give(request, desk, agent, id, None)


@router.post("/excuse")
def excuse(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: int,
    shown: Number = 0,
    reason: Field = "",
    note: Field = "",
) -> Response:
    """No reply needed, with the reason."""
    _exists(desk, id)
    try:
        steps.excuse(
            desk.store,
            conversation_id=id,
            agent_id=agent.id,
            actor=agent.email,
            reason=_why(reason, note),
            seen=shown,
            now=desk.now(),
        )
    except ReasonNeeded:
        raise HTTPException(400) from None
    return done(request, desk, id)


@router.post("/resolve")
def resolve(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: int,
    shown: Number = 0,
    reason: Field = "",
    note: Field = "",
) -> Response:
    """Ends the matter; while the customer waits it needs a reason."""
    _exists(desk, id)
    try:
        steps.resolve(
            desk.store,
            conversation_id=id,
            agent_id=agent.id,
            actor=agent.email,
            reason=_why(reason, note) or None,
            seen=shown,
            now=desk.now(),
        )
    except ReasonNeeded:
        raise HTTPException(400) from None
    return done(request, desk, id)


@router.post("/tags")
def tags(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: int,
    category: Field = "",
    urgency: Field = "",
) -> Response:
    """Corrects category and urgency."""
    _exists(desk, id)
    try:
        correct.correct(
            desk.store,
            conversation_id=id,
            agent_id=agent.id,
            actor=agent.email,
            category=category or None,
            urgency=urgency or None,
            now=desk.now(),
        )
    except ValueError:
        raise HTTPException(400) from None
    return done(request, desk, id)


def show(
    request: Request,
    desk: TheDesk,
    id: int,
    view: str = "due",
    draft: Draft | None = None,
    messages: int = stored.MESSAGES,
    failed: str = "",
) -> HTMLResponse:
    """The conversation as it is now: its part for htmx, else the page; 422 with a bad draft or a
    step that `failed`."""
    around = frame(request)
    with desk.store.read() as session:
        found = stored.read(session, id, messages)
    if found is None:
        raise HTTPException(404)
    status = 422 if draft or failed else 200
    if is_part(request):
        page = thread_page(around, view, found, desk.explain, None, draft, failed)
        return HTMLResponse(render.part(page), status)
    beside = list_page(request, around, view, selected=id)
    page = thread_page(around, beside.view, found, desk.explain, beside, draft, failed)
    return html(page, status)


def done(request: Request, desk: TheDesk, id: int) -> Response:
    """The conversation after a step, beside the list's view in which the step was made."""
    view = view_before(request)
    if is_part(request):
        return show(request, desk, id, view)
    return RedirectResponse(f"/conversations/{id}{'' if view == 'due' else f'?view={view}'}", 303)


def view_before(request: Request) -> str:
    """The view of the page from which this request came."""
    asked = parse_qs(urlsplit(request.headers.get("referer", "")).query).get("view", ["due"])[0]
    return asked if asked in VIEWS else "due"


def _give(request: Request, desk: TheDesk, agent: Agent, id: int, to: int | None) -> Response:
    with desk.store.read() as session:
        found = stored.read(session, id, most=1)
    if found is None:
        raise HTTPException(404)
    steps.assign(
        desk.store,
        conversation_id=id,
        agent_id=to,
        expected=found.row.assignee_id,
        actor=agent.email,
        now=desk.now(),
    )
    return done(request, desk, id)


def _exists(desk: TheDesk, id: int) -> None:
    with desk.store.read() as session:
        if not stored.exists(session, id):
            raise HTTPException(404)


def _is_other(desk: TheDesk, reply_id: int, text: str) -> bool:
    """Whether an old form, sent once already, came back with other words."""
    with desk.store.read() as session:
        return stored.reply_text(session, reply_id) != clean(text).strip()


def _why(reason: str, note: str) -> str:
    return ": ".join(part for part in (reason.strip(), note.strip()[:200]) if part)
