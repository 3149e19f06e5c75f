"""Notes for the team, and following."""

import uuid

from fastapi import APIRouter, Response

from inbox.flows import drafting, following, telling
from inbox.flows import notes as flow
from inbox.flows.reply import ReplyInvalid
from inbox.store import drafts, notes
from inbox.store.sql import AnyRow
from inbox.web.api import conversations as reading
from inbox.web.api.call import Once, TheCall, TheOnce
from inbox.web.api.models import Nothing
from inbox.web.api.models_together import Draft, Drafts, Following, NewDraft, NewNote, Note, Notes
from inbox.web.api.problems import Problem
from inbox.web.desk import Desk, Number, TheDesk

router = APIRouter(prefix="/api/v1", tags=["Team"])


@router.get("/conversations/{id}/notes")
def listed(desk: TheDesk, _: TheCall, id: Number) -> Notes:
    """The team's notes in a conversation, oldest first; they are never sent."""
    with desk.store.read() as session:
        reading.found(session, id)
        rows = notes.of_conversation(session, id)
    return Notes(notes=[_note(row) for row in rows])


@router.post("/conversations/{id}/notes", response_model=Note)
def write(once: TheOnce, desk: TheDesk, id: Number, body: NewNote) -> Response:
    """Writes a note that only the team sees; `@name` tells a colleague."""
    return once.answer(body, lambda: _written(once, desk, id, body))


@router.post("/conversations/{id}/draft", response_model=Drafts)
def draft(once: TheOnce, desk: TheDesk, id: Number, body: NewDraft) -> Response:
    """Keeps what the token's person is writing; without words it is dropped."""
    return once.answer(body, lambda: _kept(once, desk, id, body))


@router.get("/drafts")
def writing(desk: TheDesk, call: TheCall) -> Drafts:
    """What the token's person is writing, newest first."""
    return _drafts(desk, call.person.id)


@router.post("/conversations/{id}/follow", response_model=Following)
def follow(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Tells the token's person of new messages."""
    return once.answer(body or Nothing(), lambda: _set(once, desk, id, True))


@router.post("/conversations/{id}/unfollow", response_model=Following)
def unfollow(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """And no more."""
    return once.answer(body or Nothing(), lambda: _set(once, desk, id, False))


def _note(row: AnyRow) -> Note:
    return Note(
        id=row.id,
        conversation_id=row.conversation_id,
        agent=row.agent,
        text=row.text,
        told=[email for _, email in row.told],
        at=row.at,
    )


def _written(once: Once, desk: Desk, id: int, body: NewNote) -> Note:
    with desk.store.read() as session:
        reading.found(session, id)
    try:
        note_id = flow.write(
            desk.store,
            conversation_id=id,
            agent_id=once.person.id,
            actor=once.person.email,
            text=body.text,
            form_key=f"api:{once.name(body) if once.key else uuid.uuid4().hex}",
            now=desk.now(),
        )
    except ReplyInvalid as e:
        raise Problem(422, e.code, "Not written", e.reason) from None
    with desk.store.read() as session:
        rows = notes.of_conversation(session, id)
    return next(_note(row) for row in rows if row.id == note_id)


def _kept(once: Once, desk: Desk, id: int, body: NewDraft) -> Drafts:
    with desk.store.read() as session:
        reading.found(session, id)
        before = drafts.one(session, once.person.id, id)
    drafting.keep(
        desk.store,
        conversation_id=id,
        user_id=once.person.id,
        key=before.key if before else uuid.uuid4().hex,
        mode=body.visibility,
        text=body.text,
        now=desk.now(),
    )
    return _drafts(desk, once.person.id)


def _drafts(desk: Desk, user_id: int) -> Drafts:
    with desk.store.read() as session:
        rows = drafts.listed(session, user_id)
    return Drafts(drafts=[Draft(**telling.draft(row)) for row in rows])


def _set(once: Once, desk: Desk, id: int, on: bool) -> Following:
    with desk.store.read() as session:
        reading.found(session, id)
    set_to = following.follow if on else following.unfollow
    set_to(
        desk.store,
        conversation_id=id,
        user_id=once.person.id,
        actor=once.person.email,
        now=desk.now(),
    )
    with desk.store.read() as session:
        return Following(followers=[one.email for one in notes.followers(session, [id])])
