"""One conversation: read it, answer it, take it, end the wait, tag it.

Each post answers with the thread's part for htmx, else leads back to the page (303), so everything
works without JavaScript.
"""

from dataclasses import replace
from secrets import token_hex
from typing import Annotated, Any
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.orm import Session

from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain.ids import BIGGEST_ID
from inbox.domain.snooze import choices, chosen
from inbox.flows import (
    calculations,
    correct,
    drafting,
    history,
    leaving,
    notes,
    noticing,
    recheck,
    steps,
)
from inbox.flows.leaving import Leaving
from inbox.flows.people import Signed
from inbox.flows.reply import ReplyInvalid, SentTwice, queue_reply
from inbox.flows.states import CannotMove, ReasonNeeded
from inbox.store import accounts, conversations, drafts, files
from inbox.store import thread as stored
from inbox.store.tables import Conversation, User
from inbox.web import acting_view, case_view, playbooks_view, render, team_view
from inbox.web.answer_form import MOST_BODY, FilesKept, TheAnswer, keep_uploads
from inbox.web.auth import Agent
from inbox.web.composer_view import Draft
from inbox.web.desk import Desk, TheDesk, frame, html, is_part, is_unwatched
from inbox.web.desk import Number as RowId
from inbox.web.list_view import list_page
from inbox.web.pages_cases import NO_CASES
from inbox.web.pages_list import FIND, SAVED, VIEWS
from inbox.web.permissions import WRITERS
from inbox.web.thread_view import thread_page

router = APIRouter(prefix="/conversations/{id}")

TAKEN = word("{name} has taken it meanwhile.")
NEWEST = 6
"""So many facts of the history stand in the side."""
Field = Annotated[str, Form()]
Number = Annotated[int, Form()]


@router.get("")
def conversation(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: RowId,
    view: str = "due",
    messages: Annotated[int, Query(ge=1, le=stored.MOST)] = stored.MESSAGES,
    at: Annotated[int | None, Query(ge=1, le=BIGGEST_ID)] = None,
) -> Response:
    """The thread, down from the message `at` if that is above the newest, and the list beside it.
    Who may write has read it by opening it."""
    with desk.store.read() as session:
        found = stored.read(session, id, messages, at)
    if found is None:
        raise HTTPException(404)
    if agent.role in WRITERS and not is_unwatched(request) and found.messages:
        newest = max(row.id for row in found.messages)
        if found.row.read_up_to < newest:
            steps.read(desk.store, conversation_id=id, up_to=newest, now=desk.now())
    if not is_unwatched(request):
        noticing.opened(desk.store, user_id=agent.id, conversation_id=id, now=desk.now())
        recheck.want(desk.store, id, desk.now())
    return show(request, desk, id, view, messages=messages, found=found)


@router.post("/reply", max_body_size=MOST_BODY)
def reply(request: Request, desk: TheDesk, agent: Agent, id: RowId, answer: TheAnswer) -> Response:
    """Queues an answer; what cannot be queued stays in the form, with the reason.

    When the customer wrote meanwhile, the form comes back under what they wrote: sending it from
    there is the agent's confirmation. Files that were uploaded stay with the form too.
    """
    _exists(desk, id)
    form_key = f"{agent.id}:{answer.key}"
    with desk.store.read() as session:
        before = stored.words_of_form(session, id, form_key)
    if before is not None and _same(before, answer.text):
        return done(request, desk, id)  # a double click, whose files are on their way
    kept: tuple[int, ...] = answer.kept
    when, asked = leaving_of(desk, answer.later, answer.at, answer.late)
    try:
        kept = keep_uploads(request, id, answer)
        if before is not None:
            raise ReplyInvalid("again", "")
        if answer.mode == notes.NOTE:
            _note(desk, agent, id, answer.text, form_key)
            return done(request, desk, id)
        queue_reply(
            desk.store,
            conversation_id=id,
            agent_id=agent.id,
            actor=agent.email,
            text=answer.text,
            visibility=answer.visibility,
            form_key=form_key,
            shown=answer.shown,
            now=desk.now(),
            file_ids=kept,
            split=answer.split,
            seen_reply=answer.seen_reply,
            canned=answer.canned,
            when=when,
            twice=answer.twice,
            also_to=answer.also_to,
        )
    except ReplyInvalid as e:
        kept = e.kept if isinstance(e, FilesKept) else kept
        key = "" if e.code == "again" else answer.key
        draft = Draft(answer.text, answer.mode, key, e.code, e.reason, kept, canned=answer.canned)
        twice = e.reply_id if isinstance(e, SentTwice) else 0
        draft = replace(draft, asked=asked if e.code == "late" else "", twice=twice)
        return show(request, desk, id, view_before(request), draft)
    return done(request, desk, id)


@router.post("/assign")
def assign(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: RowId,
    owner: Annotated[int | None, Form()] = None,
) -> Response:
    """Takes the conversation from its `owner` on the page (0: nobody), and from nobody else; a form
    that says none takes it from whoever has it."""
    return _give(request, desk, agent, id, agent.id, owner)


@router.post("/release")
def release(request: Request, desk: TheDesk, agent: Agent, id: RowId) -> Response:
    """Gives the conversation back to the team."""
    return _give(request, desk, agent, id, None)


@router.post("/excuse")
def excuse(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: RowId,
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
    id: RowId,
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
    except CannotMove as e:
        return show(request, desk, id, view_before(request), failed=str(e))
    return done(request, desk, id)


@router.post("/tags")
def tags(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: RowId,
    category: Field = "",
    urgency: Field = "",
    topic: Annotated[tuple[str, ...], Form()] = (),
) -> Response:
    """Corrects category, urgency and topic. The form has one choice of topics for each category,
    each written `category.topic`; only that of the category counts."""
    _exists(desk, id)
    said = [one.partition(".")[2] for one in topic if one.startswith(f"{category}.")]
    try:
        correct.correct(
            desk.store,
            conversation_id=id,
            agent_id=agent.id,
            actor=agent.email,
            category=category or None,
            urgency=urgency or None,
            topic=said[0] if category and said else None,
            now=desk.now(),
        )
    except ValueError:
        raise HTTPException(400) from None
    return done(request, desk, id)


def show(
    request: Request,
    desk: TheDesk,
    id: RowId,
    view: str = "due",
    draft: Draft | None = None,
    messages: int = stored.MESSAGES,
    failed: str = "",
    found: stored.Thread | None = None,
) -> HTMLResponse:
    """The conversation as it is now, or as it was just `found`: its part for htmx, else the page;
    422 with a bad draft or a step that `failed`."""
    around = frame(request)
    with desk.store.read() as session:
        found = found or stored.read(session, id, messages)
        how = calculations.calculations(session, found.turns[-1:]) if found else []
        draft = draft or _typed(session, id, around.me.id)
        kept = files.drafts(session, draft.kept, id, around.me.id) if draft else []
        more: dict[str, Any] = {
            "cases": case_view.cases(session, found, around) if found else NO_CASES,
            "team": team_view.team(session, id, around.me.id, desk.now()),
            "playbook": playbooks_view.panel(session, id, around) if found else None,
            "ran": acting_view.ran(session, id, around.now),
            "macros": acting_view.macro_rows(session) if around.me.writes else (),
            "run_key": token_hex(8),
            "history": history.history(session, id, NEWEST).lines if found else (),
        }
    if found is None:
        raise HTTPException(404)
    draft = replace(draft, kept_files=tuple(kept)) if draft else None
    status = 422 if (draft and draft.code) or failed else 200
    reckoned = how[0] if how else None
    if is_part(request):
        page = thread_page(around, view, found, desk.explain, None, draft, failed, reckoned)
        return HTMLResponse(render.part(replace(page, **more)), status)
    beside = list_page(request, around, view, selected=id)
    page = thread_page(around, beside.view, found, desk.explain, beside, draft, failed, reckoned)
    return html(replace(page, **more), status)


def _typed(session: Session, id: int, me: int) -> Draft | None:
    """What this person was writing here, on whatever device."""
    kept = drafts.one(session, me, id)
    return Draft(kept.words, kept.mode, kept.key, "", "", tuple(kept.files)) if kept else None


@router.post("/draft")
def keep(
    desk: TheDesk,
    agent: Agent,
    id: RowId,
    idempotency_key: Annotated[str, Form(min_length=8, max_length=64)],
    mode: Field = "",
    text: Field = "",
    kept: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Keeps the words of the answer's form while they are typed, and which of the files that came
    back still go along (`kept`, one of them empty; without any: all). 200 once that form was sent,
    so that the browser goes on keeping what it could not hand over. The header `guard` says what
    the guard will do with the words (`drafting.guarded`)."""
    _exists(desk, id)
    try:
        has_it = drafting.keep(
            desk.store,
            conversation_id=id,
            user_id=agent.id,
            key=idempotency_key,
            mode=mode,
            text=text,
            now=desk.now(),
            files=None if kept is None else [int(n) for n in kept if n.isascii() and n.isdigit()],
        )
    except ValueError:
        raise HTTPException(400) from None
    found = drafting.guarded(desk.store, mode, text)
    return Response(status_code=204 if has_it else 200, headers={"guard": found} if found else None)


def done(request: Request, desk: TheDesk, id: RowId) -> Response:
    """The conversation after a step, beside the list's view in which the step was made."""
    view = view_before(request)
    if is_part(request):
        return show(request, desk, id, view)
    return RedirectResponse(
        f"/conversations/{id}{'' if view == 'due' else f'?view={quote(view)}'}", 303
    )


def view_before(request: Request) -> str:
    """The view of the page from which this request came."""
    asked = parse_qs(urlsplit(request.headers.get("referer", "")).query).get("view", ["due"])[0]
    return asked if asked in VIEWS or asked.startswith((FIND, SAVED)) else "due"


def leaving_of(desk: Desk, later: str, at: str, late: bool) -> tuple[Leaving, str]:
    """When an answer leaves that a form sent: after the moment to take it back, or at the time that
    it names; and that time as the browser's field writes it. No time that can be read is past."""
    now = desk.now()
    with desk.store.read() as session:
        if not later:
            return leaving.held(session), ""
        zone = accounts.brand_zone(session)
    named = {str(name): instant for name, instant in choices(now, zone).items()}
    send_at = named.get(later) or chosen(at, zone) or now
    local = send_at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
    return Leaving(send_at=send_at, late=late), local


def _give(
    request: Request, desk: Desk, agent: Signed, id: int, to: int | None, owner: int | None = None
) -> Response:
    with desk.store.read() as session:
        row = conversations.one(session, id)
    if row is None:
        raise HTTPException(404)
    given = steps.assign(
        desk.store,
        conversation_id=id,
        agent_id=to,
        expected=row.assignee_id if owner is None else owner or None,
        actor=agent.email,
        now=desk.now(),
    )
    with desk.store.read() as session:
        found = session.get_one(Conversation, id)
        has = session.get(User, found.assignee_id) if found.assignee_id else None
    if not given and has is not None and has.id != to:
        failed = TAKEN.format(name=has.name)
        return show(request, desk, id, view_before(request), failed=failed)
    return done(request, desk, id)


def _note(desk: Desk, agent: Signed, id: int, text: str, form_key: str) -> None:
    """What was written in the composer's way for the team alone."""
    notes.write(
        desk.store,
        conversation_id=id,
        agent_id=agent.id,
        actor=agent.email,
        text=text,
        form_key=form_key,
        now=desk.now(),
    )


def _exists(desk: TheDesk, id: RowId) -> None:
    with desk.store.read() as session:
        if not stored.exists(session, id):
            raise HTTPException(404)


def _same(stored_words: str, text: str) -> bool:
    """Whether a form that was sent before came with the same words, however they were parted."""
    return "".join(stored_words.split()) == "".join(clean(text).split())


def _why(reason: str, note: str) -> str:
    return ": ".join(part for part in (reason.strip(), note.strip()[:200]) if part)
