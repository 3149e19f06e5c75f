"""Answers that wait for approval, for programs."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StrictBool
from sqlalchemy.exc import NoResultFound

from inbox.domain.approval import ASKABLE, Approval
from inbox.flows import approving
from inbox.flows.approving import CannotDecide, UnknownPerson
from inbox.store import approval, outbox
from inbox.store.tables import User
from inbox.web.api.call import Once, TheCall, TheOnce
from inbox.web.api.conversations import reply_told
from inbox.web.api.models import Reply, RowId, Taken, Words
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk
from inbox.web.permissions import LEADS

router = APIRouter(prefix="/api/v1", tags=["Work"])

Address = Annotated[str, Field(max_length=254)]
STATUS = {"settled": 409, "crossed": 409, "not_yours": 403, "words": 422}


class Rule(Taken):
    """What needs approval: answers of these roles and people (addresses), and with `findings`
    everybody's in which the guard finds a card number. `own`: an admin may approve their own."""

    roles: list[Literal["agent", "lead", "admin"]] = Field(default_factory=list)
    people: Annotated[list[Address], Field(max_length=500)] = Field(default_factory=list)
    findings: StrictBool = False
    own: StrictBool = False


class Waiting(BaseModel):
    """The rule, and what waits, due first, with all its messages; `reason` says why: role,
    person, finding."""

    rule: Rule
    replies: list[Reply]


class Approve(Taken):
    """`shown` is the last message that the reader has seen: one of the customer that is newer than
    the author saw must be among them."""

    shown: RowId = 0


class SendBack(Taken):
    """What should change."""

    words: Annotated[Words, Field(min_length=1, max_length=500)]


@router.get("/approvals")
def listed(desk: TheDesk, call: TheCall) -> Waiting:
    """The answers that wait for approval: everybody's for leads and admins, else one's own."""
    with desk.store.read() as session:
        mine = None if call.person.role in LEADS else call.person.id
        wholes = approval.wholes(session, approval.waiting(session, mine))
        rule = Rule(**approving.told(session, approval.rule(session)))
    parts = [part for whole in wholes.values() for part in whole]
    return Waiting(rule=rule, replies=[reply_told(part, part.agent) for part in parts])


@router.post("/approvals/rule", response_model=Rule)
def rule(once: TheOnce, desk: TheDesk, body: Rule) -> Response:
    """Says what needs approval from now on; what waits goes on waiting."""

    def work() -> Rule:
        roles = tuple(one for one in ASKABLE if one in body.roles)
        try:
            with desk.store.read() as session:
                people = approving.people_of(session, body.people)
        except UnknownPerson as e:
            raise Problem(422, "people", "Not valid", str(e)) from None
        wanted = Approval(roles, body.findings, body.own, people)
        approving.set_rule(desk.store, wanted, actor=once.person.email, now=desk.now())
        with desk.store.read() as session:
            return Rule(**approving.told(session, wanted))

    return once.answer(body, work)


@router.post("/outbox/{id}/approve", response_model=Reply)
def approve(once: TheOnce, desk: TheDesk, id: Number, body: Approve) -> Response:
    """Lets an answer go that waits for approval."""

    def work() -> None:
        by = _person(desk, once)
        approving.approve(desk.store, outbox_id=id, by=by, shown=body.shown, now=desk.now())

    return once.answer(body, lambda: _decided(desk, id, work))


@router.post("/outbox/{id}/send-back", response_model=Reply)
def send_back(once: TheOnce, desk: TheDesk, id: Number, body: SendBack) -> Response:
    """Gives an answer that waits for approval back to its author, with words."""

    def work() -> None:
        by = _person(desk, once)
        approving.send_back(desk.store, outbox_id=id, by=by, words=body.words, now=desk.now())

    return once.answer(body, lambda: _decided(desk, id, work))


def _decided(desk: Desk, id: int, work: Callable[[], None]) -> Reply:
    try:
        work()
    except NoResultFound:
        raise not_found("answer") from None
    except CannotDecide as e:
        raise Problem(STATUS[e.code], e.code, "Not decided", str(e)) from None
    with desk.store.read() as session:
        row = outbox.with_agent(session, id)
    assert row is not None
    return reply_told(*row)


def _person(desk: Desk, once: Once) -> User:
    with desk.store.read() as session:
        return session.get_one(User, once.person.id)
