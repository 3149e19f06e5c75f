"""Settling answers that did not simply arrive."""

from fastapi import APIRouter, Response

from inbox.flows import outcome
from inbox.store import outbox
from inbox.web.api.call import Once, TheOnce
from inbox.web.api.conversations import reply_told
from inbox.web.api.models import Reply, Settle
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk

router = APIRouter(prefix="/api/v1/outbox/{id}", tags=["Work"])


@router.post("", response_model=Reply)
def settle(once: TheOnce, desk: TheDesk, id: Number, body: Settle) -> Response:
    """Settles an answer whose outcome is unknown, or that did not go."""
    return once.answer(body, lambda: _settled(once, desk, id, body.to))


def _settled(once: Once, desk: Desk, id: int, verb: str) -> Reply:
    by = once.person.email
    with desk.store.read() as session:
        if outbox.with_agent(session, id) is None:
            raise not_found("answer")
    done = outcome.settle_as(desk.store, desk.settings, verb, outbox_id=id, actor=by, now=desk.now)
    if not done and verb != "look":
        detail = "It does not stand so that this is possible: read it, and decide again."
        raise Problem(409, "state", "Not possible now", detail)
    with desk.store.read() as session:
        row = outbox.with_agent(session, id)
    assert row is not None
    return reply_told(*row)
