"""What a person does with a conversation, done by their program: answer, take, end, tag."""

from collections.abc import Callable, Mapping
from typing import Final

from fastapi import APIRouter, Response

from inbox.flows import correct, steps
from inbox.flows.assigning import may_have
from inbox.flows.leaving import Leaving
from inbox.flows.reply import ReplyInvalid, queue_reply
from inbox.flows.states import CannotMove, ReasonNeeded
from inbox.flows.steps import NotTheirs
from inbox.store import outbox
from inbox.web.api import conversations as reading
from inbox.web.api.call import Once, TheOnce
from inbox.web.api.models import (
    Assign,
    Conversation,
    Correction,
    Excuse,
    NewReply,
    Nothing,
    Reply,
    Resolve,
    Taken,
)
from inbox.web.api.problems import Problem
from inbox.web.desk import Desk, Number, TheDesk
from inbox.web.permissions import LEADS

router = APIRouter(prefix="/api/v1/conversations/{id}", tags=["Work"])

_WHAT_NOW: Final[Mapping[str, str]] = {
    "empty": "Send words in `text`.",
    "time": "Choose another `send_at`.",
    "late": "Choose an earlier `send_at`, or set `late`.",
    "long": "Shorten it, or set `split`.",
    "braces": "A variable stands for a value; `{ name }` with spaces is sent as it is.",
    "not_permitted": "Choose the other visibility, where the platform has it.",
    "not_connected": "An admin connects the account again or resumes it.",
    "nothing_to_answer": "Set `shown` to the newest message that was read.",
    "window": "Wait until the customer writes again, or reach them another way.",
    "answered": "Read it; send yours with `insist` only if it says something else.",
    "crossed": "Read what they wrote, and answer with the new `shown`.",
}


@router.post("/reply", status_code=202, response_model=Reply)
def reply(once: TheOnce, desk: TheDesk, id: Number, body: NewReply) -> Response:
    """Queues an answer. It needs an `Idempotency-Key`: a customer never gets it twice."""
    once.needs_key()
    return once.answer(body, lambda: _queued(once, desk, id, body), 202)


@router.post("/assign", response_model=Conversation)
def assign(once: TheOnce, desk: TheDesk, id: Number, body: Assign) -> Response:
    """Gives the conversation to a person, as compare-and-set."""
    return stepped(once, desk, id, body, lambda: _assign(once, desk, id, body))


@router.post("/release", response_model=Conversation)
def release(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Gives the conversation back to the team."""
    return stepped(once, desk, id, body or Nothing(), lambda: _release(once, desk, id))


@router.post("/excuse", response_model=Conversation)
def excuse(once: TheOnce, desk: TheDesk, id: Number, body: Excuse) -> Response:
    """Ends the wait without an answer, with the reason."""
    return _ended(once, desk, id, body, steps.excuse)


@router.post("/resolve", response_model=Conversation)
def resolve(once: TheOnce, desk: TheDesk, id: Number, body: Resolve) -> Response:
    """Ends the matter; while the customer waits, with the reason why no answer is due."""
    return _ended(once, desk, id, body, steps.resolve)


@router.post("/tags", response_model=Conversation)
def tags(once: TheOnce, desk: TheDesk, id: Number, body: Correction) -> Response:
    """Corrects the tag of the wait in hand, or of the last one; the classifier learns from it."""

    def work() -> None:
        try:
            correct.correct(
                desk.store,
                conversation_id=id,
                agent_id=once.person.id,
                actor=once.person.email,
                category=body.category,
                urgency=body.urgency,
                topic=body.topic,
                now=desk.now(),
            )
        except ValueError as e:
            raise Problem(422, "topic", "Not a topic", str(e)) from None

    return stepped(once, desk, id, body, work)


def stepped(once: Once, desk: Desk, id: int, body: Taken, work: Callable[[], None]) -> Response:
    """The conversation as it is after a step."""

    def done() -> Conversation:
        with desk.store.read() as session:
            reading.found(session, id)
        try:
            work()
        except ReasonNeeded as e:
            raise Problem(422, "reason", "Reason needed", f"{e} Send it as `reason`.") from None
        except CannotMove as e:
            raise Problem(409, "state", "Not possible now", str(e)) from None
        with desk.store.read() as session:
            return Conversation(**reading.told(reading.found(session, id)))

    return once.answer(body, done)


def _ended(
    once: Once, desk: Desk, id: int, body: Excuse | Resolve, end: Callable[..., None]
) -> Response:
    def work() -> None:
        end(
            desk.store,
            conversation_id=id,
            agent_id=once.person.id,
            actor=once.person.email,
            reason=body.reason,
            seen=body.shown,
            now=desk.now(),
        )

    return stepped(once, desk, id, body, work)


def _queued(once: Once, desk: Desk, id: int, body: NewReply) -> Reply:
    with desk.store.read() as session:
        row = reading.found(session, id)
    try:
        reply_id = queue_reply(
            desk.store,
            conversation_id=id,
            agent_id=once.person.id,
            actor=once.person.email,
            text=body.text,
            visibility=body.visibility or row.visibility,
            form_key=f"api:{once.name(body)}",
            shown=body.shown,
            now=desk.now(),
            split=body.split,
            seen_reply=None if body.insist else body.seen_reply or 0,
            canned=body.canned,
            when=Leaving(send_at=body.send_at, late=body.late),
            also_to=body.also_to,
        )
    except ReplyInvalid as e:
        unfit = ("empty", "long", "braces", "secret", "others", "time", "late")
        status = 422 if e.code in unfit else 409
        words = f"{e.reason} {_WHAT_NOW.get(e.code, '')}".rstrip()
        raise Problem(status, e.code, "Not queued", words) from None
    with desk.store.read() as session:
        queued = outbox.with_agent(session, reply_id)
    assert queued is not None
    return reading.reply_told(*queued)


def _assign(once: Once, desk: Desk, id: int, body: Assign) -> None:
    held_by = body.held_by if body.is_guarded else _holder(desk, id)
    if body.team is not None:
        _leave_to_team(once, desk, id, body.team, held_by)
        return
    to = once.person.id if body.to is None else body.to
    if to != once.person.id:
        _check_other(once, desk, id, to)
    _move(once, desk, id, to, held_by)


def _leave_to_team(once: Once, desk: Desk, id: int, name: str, held_by: int | None) -> None:
    if once.person.role not in LEADS:
        raise Problem(422, "team", "Not valid", "Leads and admins leave work to teams.")
    try:
        done = steps.leave(
            desk.store,
            conversation_id=id,
            team=name,
            expected=held_by,
            actor=once.person.email,
            now=desk.now(),
        )
    except NotTheirs:
        detail = "`team` is no team's name, or nobody of it may answer the conversation."
        raise Problem(422, "team", "Not valid", detail) from None
    if not done:
        raise _taken()


def _holder(desk: Desk, id: int) -> int | None:
    """Whose the conversation is now."""
    with desk.store.read() as session:
        holder: int | None = reading.found(session, id).assignee_id
    return holder


def _release(once: Once, desk: Desk, id: int) -> None:
    _move(once, desk, id, None, _holder(desk, id))


def _check_other(once: Once, desk: Desk, id: int, to: int) -> None:
    """Leads give work to others, to people who may do it."""
    if once.person.role not in LEADS:
        detail = "Leads and admins give work to others; leave `to` out to take it yourself."
        raise Problem(422, "assignee", "Not valid", detail)
    if not may_have(desk.store, to, id):
        detail = "`to` is nobody who may answer here, or does not see it; see /api/v1/users."
        raise Problem(422, "assignee", "Not valid", detail)


def _move(once: Once, desk: Desk, id: int, to: int | None, expected: int | None) -> None:
    """Compare-and-set on whose it is."""
    moved = steps.assign(
        desk.store,
        conversation_id=id,
        agent_id=to,
        expected=expected,
        actor=once.person.email,
        now=desk.now(),
    )
    if not moved:
        raise _taken()


def _taken() -> Problem:
    detail = "It is somebody else's meanwhile: read the conversation, and decide again."
    return Problem(409, "taken", "Taken", detail)
