"""Answers that have not left: taken back, sent at once, put to another time."""

from collections.abc import Callable

from fastapi import APIRouter, Response
from sqlalchemy.exc import NoResultFound

from inbox.flows import holding
from inbox.flows.holding import BadTime, TooLate
from inbox.flows.leaving import Leaving
from inbox.store import outbox
from inbox.web.api import conversations as reading
from inbox.web.api.call import TheOnce
from inbox.web.api.models import Leave, LeaveNow, Nothing, Reply
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk

router = APIRouter(prefix="/api/v1/outbox/{id}", tags=["Work"])


@router.post("/withdraw", response_model=Reply)
def withdraw(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Takes an answer back of which no try was made."""

    def work() -> None:
        person = once.person
        holding.take_back(
            desk.store, outbox_id=id, agent_id=person.id, actor=person.email, now=desk.now()
        )

    return once.answer(body or Nothing(), lambda: _done(desk, id, work))


@router.post("/now", response_model=Reply)
def now(once: TheOnce, desk: TheDesk, id: Number, body: LeaveNow) -> Response:
    """Sends an answer at once that is stopped or meant for later."""

    def work() -> None:
        actor = once.person.email
        holding.send_now(desk.store, outbox_id=id, shown=body.shown, actor=actor, now=desk.now())

    return once.answer(body, lambda: _done(desk, id, work))


@router.post("/later", response_model=Reply)
def later(once: TheOnce, desk: TheDesk, id: Number, body: Leave) -> Response:
    """Sends an answer at another time; one that is after the due time needs `late`."""

    def work() -> None:
        when = Leaving(send_at=body.send_at, late=body.late)
        actor = once.person.email
        holding.send_later(
            desk.store, outbox_id=id, shown=body.shown, when=when, actor=actor, now=desk.now()
        )

    return once.answer(body, lambda: _done(desk, id, work))


def _done(desk: Desk, id: int, work: Callable[[], None]) -> Reply:
    try:
        work()
    except NoResultFound:
        raise not_found("answer") from None
    except TooLate as e:
        raise Problem(409, "too_late", "Too late", str(e)) from None
    except BadTime as e:
        raise Problem(422, e.code, "Not at that time", str(e)) from None
    with desk.store.read() as session:
        row = outbox.with_agent(session, id)
    assert row is not None
    return reading.reply_told(*row)
