"""Answers that wait for approval: the list, the two decisions, and the rule."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from inbox.domain.approval import ASKABLE, Approval, may_decide
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import approving
from inbox.flows.approving import CannotDecide
from inbox.flows.people import Signed
from inbox.store import approval, files
from inbox.store import thread as stored
from inbox.store.tables import User
from inbox.web import accounts_view, files_view
from inbox.web.auth import Agent
from inbox.web.desk import Desk, Number, TheDesk, frame, html
from inbox.web.pages_approvals import ApprovalsPage, WaitingRow
from inbox.web.permissions import LEADS
from inbox.web.routes.conversations import done as shown_again
from inbox.web.routes.conversations import show, view_before

router = APIRouter()

Shown = Annotated[int, Form(ge=0, le=BIGGEST_ID)]
Id = Annotated[int, Field(ge=1, le=BIGGEST_ID)]
From = Annotated[str, Form(alias="from")]
DONE = frozenset({"approved", "back", "rule"})


@router.get("/approvals")
def waiting(request: Request, desk: TheDesk, agent: Agent, done: str = "") -> Response:
    """What waits: everybody's for leads, else one's own."""
    return html(_page(request, desk, agent, done if done in DONE else ""))


@router.post("/approvals/rule")
def rule(
    desk: TheDesk,
    agent: Agent,
    role: Annotated[list[str] | None, Form()] = None,
    person: Annotated[list[Id] | None, Form()] = None,
    findings: Annotated[str, Form()] = "",
    own: Annotated[str, Form()] = "",
) -> Response:
    """What needs approval from now on."""
    roles = tuple(one for one in ASKABLE if one in (role or ()))
    wanted = Approval(roles, bool(findings), bool(own), tuple(person or ()))
    approving.set_rule(desk.store, wanted, actor=agent.email, now=desk.now())
    return RedirectResponse("/approvals?done=rule", 303)


@router.post("/outbox/{id}/approve")
def approve(
    request: Request, desk: TheDesk, agent: Agent, id: Number, shown: Shown = 0, place: From = ""
) -> Response:
    """It leaves. What the customer wrote meanwhile stands on the page of who approves."""
    conversation, by = _conversation(desk, id), _user(desk, agent)
    try:
        approving.approve(desk.store, outbox_id=id, by=by, shown=shown, now=desk.now())
    except CannotDecide as e:
        return _refused(request, desk, agent, conversation, str(e), place)
    if place == "list":
        return RedirectResponse("/approvals?done=approved", 303)
    return shown_again(request, desk, conversation)


@router.post("/outbox/{id}/send-back")
def send_back(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Number,
    words: Annotated[str, Form()] = "",
    place: From = "",
) -> Response:
    """Its author has the words again, and is told why."""
    conversation, by = _conversation(desk, id), _user(desk, agent)
    try:
        approving.send_back(desk.store, outbox_id=id, by=by, words=words, now=desk.now())
    except CannotDecide as e:
        return _refused(request, desk, agent, conversation, str(e), place)
    if place == "list":
        return RedirectResponse("/approvals?done=back", 303)
    return shown_again(request, desk, conversation)


def _page(
    request: Request, desk: Desk, agent: Signed, done: str = "", trouble: str = ""
) -> ApprovalsPage:
    with desk.store.read() as session:
        rule = approval.rule(session)
        people = {id_: name for id_, (name, _) in approval.askable(session).items()}
        rows = approval.waiting(session, None if agent.role in LEADS else agent.id)
        wholes = approval.wholes(session, rows)
        ids = [part.id for whole in wholes.values() for part in whole]
        here = files_view.by_owner(files.shown(session, (), ids)).reply
    found = tuple(
        WaitingRow(
            outbox=row.id,
            conversation=row.conversation_id,
            customer=row.customer,
            channel=accounts_view.named(row.channel),
            author=row.author,
            text=approval.words(wholes[row.id]),
            at=row.created_at,
            due_at=row.due_at,
            why=row.reason or "",
            shown=row.shown,
            decides=may_decide(rule, agent.role, agent.id, row.agent_id),
            others=tuple((address, name) for address, name in row.copies),
            files=tuple(f for part in wholes[row.id] for f in here.get(part.id, ())),
        )
        for row in rows
    )
    return ApprovalsPage(frame(request, "answers"), rule, found, done, trouble, people)


def _refused(
    request: Request, desk: Desk, agent: Signed, conversation: int, why: str, place: str
) -> Response:
    if place == "list":
        return html(_page(request, desk, agent, trouble=why), 422)
    return show(request, desk, conversation, view_before(request), failed=why)


def _user(desk: Desk, agent: Signed) -> User:
    with desk.store.read() as session:
        return session.get_one(User, agent.id)


def _conversation(desk: Desk, id: int) -> int:
    with desk.store.read() as session:
        found = stored.conversation_of(session, id)
    if found is None:
        raise HTTPException(404)
    return found
