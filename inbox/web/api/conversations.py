"""Conversations, their messages and clock, the outbox, and files: reading."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from inbox.domain.ids import BIGGEST_ID
from inbox.domain.search import BadSearch
from inbox.flows import case_telling, explaining, telling
from inbox.flows.finding import find
from inbox.store import conversations as stored
from inbox.store import files, inbox_list, outbox, thread, turns
from inbox.store.sql import AnyRow
from inbox.web.api.call import Call, TheCall
from inbox.web.api.models import (
    Conversation,
    Conversations,
    ConversationWhole,
    Messages,
    Replies,
    Reply,
    ReplyState,
    Turn,
)
from inbox.web.api.models_desk import WhyTagged
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk
from inbox.web.routes import files as file_routes
from inbox.web.routes import inbox as inbox_routes

router = APIRouter(prefix="/api/v1", tags=["Conversations"])

MESSAGES = 100
Limit = Annotated[int, Query(ge=1, le=200, description="Rows of a page.")]
Cursor = Annotated[
    str | None, Query(max_length=200, description="`next_cursor` of the page before.")
]


@router.get("/conversations")
def conversations(
    desk: TheDesk,
    _: TheCall,
    view: Annotated[stored.View, Query(description="Which, and in which order.")] = "due",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Conversations:
    """A page of conversations: `due` and `unassigned` by due time, the others newest first."""
    with desk.store.read() as session:
        try:
            page = stored.listed(session, view, limit, cursor)
        except stored.BadCursor as e:
            raise bad_cursor(e) from None
    rows = [Conversation(**told(row)) for row in page.rows]
    return Conversations(conversations=rows, next_cursor=page.next_cursor)


@router.get("/search")
def search(
    desk: TheDesk,
    call: TheCall,
    q: Annotated[str, Query(description="Words and filters, as in the inbox.", max_length=500)],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Conversations:
    """The conversations that a search finds, newest message first (docs/search.md)."""
    return searched(desk, call, q, limit, cursor)


@router.get("/conversations.csv", response_class=Response, responses={200: inbox_routes.CSV})
def sheet(
    desk: TheDesk,
    call: TheCall,
    view: Annotated[
        inbox_list.View, Query(description="As the inbox has it, without `q`.")
    ] = "all",
    q: Annotated[str, Query(description="Words and filters.", max_length=500)] = "",
) -> Response:
    """Every conversation of a view, or that a search finds, as CSV, one row each."""
    try:
        return inbox_routes.sheet(desk, view, q, call.person.id)
    except BadSearch as e:
        raise Problem(422, "search", "Not a search", str(e)) from None


@router.get("/conversations/{id}")
def conversation(desk: TheDesk, _: TheCall, id: Number) -> ConversationWhole:
    """A conversation with its newest 100 messages, its outbox and its turns."""
    now = desk.now()
    with desk.store.read() as session:
        row = found(session, id)
        page = stored.messages_page(session, id, MESSAGES)
        said = _with_files(session, page.rows)
        replies = [reply_told(one, agent) for one, agent in outbox.of_conversation(session, id)]
        waits = turns_told(session, id, now)
    return ConversationWhole(
        **told(row),
        messages=said,
        messages_cursor=page.next_cursor,
        replies=replies,
        turns=waits,
    )


@router.get("/conversations/{id}/messages")
def messages(
    desk: TheDesk, _: TheCall, id: Number, limit: Limit = MESSAGES, cursor: Cursor = None
) -> Messages:
    """The newest messages in order of time; the next page holds those before them."""
    with desk.store.read() as session:
        found(session, id)
        try:
            page = stored.messages_page(session, id, limit, cursor)
        except stored.BadCursor as e:
            raise bad_cursor(e) from None
        return Messages(messages=_with_files(session, page.rows), next_cursor=page.next_cursor)


@router.get("/conversations/{id}/sla")
def sla(
    desk: TheDesk,
    _: TheCall,
    id: Number,
    history: Annotated[bool, Query(description="Superseded evaluations too.")] = False,
) -> list[Turn]:
    """Each turn with its evidence: the object of `replydesk sla explain --json`."""
    with desk.store.read() as session:
        found(session, id)
        return turns_told(session, id, desk.now(), history=history)


@router.get("/conversations/{id}/why")
def why(desk: TheDesk, _: TheCall, id: Number) -> WhyTagged | None:
    """Why the model that serves gives the conversation its tag; null without model or words."""
    with desk.store.read() as session:
        whole = thread.read(session, id)
    if whole is None:
        raise not_found("conversation")
    message = explaining.telling(whole.messages)
    reasons = explaining.explain_wait(whole.messages, desk.explain)
    if message is None or reasons is None:
        return None
    return WhyTagged.model_validate({"message_id": message.id} | asdict(reasons))


@router.get("/files/{id}", response_class=Response, responses={200: file_routes.BYTES})
def file(desk: TheDesk, call: TheCall, id: Number) -> Response:
    """The bytes of a file as they came."""
    return file_routes.original(desk, call.person, id)


@router.get("/outbox")
def replies(
    desk: TheDesk,
    _: TheCall,
    state: ReplyState | None = None,
    limit: Limit = 50,
    cursor: Annotated[int | None, Query(ge=1, le=BIGGEST_ID)] = None,
) -> Replies:
    """Answers on their way out and settled ones, newest first."""
    with desk.store.read() as session:
        rows = outbox.listed(session, state, cursor, limit + 1)
    page = [reply_told(row, agent) for row, agent in rows[:limit]]
    more = str(page[-1].id) if len(rows) > limit else None
    return Replies(replies=page, next_cursor=more)


@router.get("/outbox/{id}")
def reply(desk: TheDesk, _: TheCall, id: Number) -> Reply:
    """One answer, and how it went."""
    with desk.store.read() as session:
        row = outbox.with_agent(session, id)
    if row is None:
        raise not_found("answer")
    return reply_told(*row)


def found(session: Session, id: int) -> AnyRow:
    """The conversation. Raises 404."""
    row = stored.one(session, id)
    if row is None:
        raise not_found("conversation")
    return row


def searched(desk: Desk, call: Call, q: str, limit: int, cursor: str | None) -> Conversations:
    """A page of what a search finds."""
    with desk.store.read() as session:
        try:
            page = find(session, q, now=desk.now(), me=call.person.id, limit=limit, cursor=cursor)
        except stored.BadCursor as e:
            raise bad_cursor(e) from None
        except BadSearch as e:
            raise Problem(422, "search", "Not a search", str(e)) from None
        rows = stored.some(session, [one.conversation_id for one in page.found])
    told_of = [Conversation(**told(rows[one.conversation_id])) for one in page.found]
    return Conversations(conversations=told_of, next_cursor=page.next_cursor)


def told(row: AnyRow) -> dict[str, Any]:
    """The fields of `Conversation`."""
    more = {"subject": row.subject, "assignee": row.assignee, "team": row.team}
    return telling.conversation(row) | more


def reply_told(row: Any, agent: str) -> Reply:
    """An outbox row with its author's address."""
    names = set(Reply.model_fields) - {"agent", "also_to"}
    also_to = [address for address, _ in row.copies]
    return Reply(agent=agent, also_to=also_to, **{name: getattr(row, name) for name in names})


def turns_told(session: Session, id: int, now: datetime, *, history: bool = False) -> list[Turn]:
    """Its turns, each with the case clocks that began with it."""
    cases = case_telling.by_turn(session, id, now, history=history)
    told = []
    for row in turns.evidence(session, id, history=history):
        here = cases.get(row.opened_by, []) if row.superseded_at is None else []
        told.append(Turn.model_validate(telling.turn(row, now) | {"clocks": here}))
    return told


def bad_cursor(error: stored.BadCursor) -> Problem:
    return Problem(422, "cursor", "Not valid", str(error))


def _with_files(session: Session, rows: Sequence[AnyRow]) -> list[Any]:
    """The fields of `Message`, each with its files in order."""
    by_message: dict[int | None, list[dict[str, Any]]] = {}
    for one in files.shown(session, [row.id for row in rows], []):
        names = ("id", "name", "mime", "size", "state")
        by_message.setdefault(one.message_id, []).append({n: getattr(one, n) for n in names})
    return [telling.message(row) | {"files": by_message.get(row.id, [])} for row in rows]
