"""Conversations of one person that are one matter, by program."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from inbox.flows import cases as flow
from inbox.store import cases
from inbox.web.api import conversations as reading
from inbox.web.api.call import Once, TheCall, TheOnce
from inbox.web.api.models import Nothing, RowId, Taken
from inbox.web.api.problems import Problem
from inbox.web.desk import Desk, Number, TheDesk

router = APIRouter(prefix="/api/v1/conversations/{id}/matter", tags=["Work"])


class Linked(BaseModel):
    """Another conversation of the matter; `due_at` while somebody waits there."""

    id: int
    channel: str
    status: str
    due_at: datetime | None


class Matter(BaseModel):
    """The other conversations of the matter. Each keeps its own clock."""

    others: list[Linked]
    can_undo: bool = Field(description="The newest joining or leaving can be taken back.")


class Joined(Taken):
    """The conversation that is the same matter."""

    other: RowId


@router.get("")
def matter(desk: TheDesk, _: TheCall, id: Number) -> Matter:
    """The other conversations of the same matter."""
    return _matter(desk, id)


@router.post("", response_model=Matter)
def join(once: TheOnce, desk: TheDesk, id: Number, body: Joined) -> Response:
    """Makes two conversations, and the matters they are in, one."""
    how: dict[str, Any] = {"actor": once.person.email, "now": desk.now()}
    return _done(
        *(once, desk, id, body),
        lambda: flow.join(desk.store, conversation_id=id, other_id=body.other, **how),
    )


@router.post("/leave", response_model=Matter)
def leave(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Takes this conversation out of its matter."""
    how: dict[str, Any] = {"actor": once.person.email, "now": desk.now()}
    return _done(*(once, desk, id, body), lambda: flow.leave(desk.store, conversation_id=id, **how))


@router.post("/undo", response_model=Matter)
def undo(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Takes the newest joining or leaving back."""
    how: dict[str, Any] = {"actor": once.person.email, "now": desk.now()}
    return _done(*(once, desk, id, body), lambda: flow.undo(desk.store, conversation_id=id, **how))


def _done(
    once: Once, desk: Desk, id: int, body: BaseModel | None, act: Callable[[], None]
) -> Response:
    def work() -> Matter:
        with desk.store.read() as session:
            reading.found(session, id)
        try:
            act()
        except flow.CannotJoin as e:
            raise Problem(409, "matter", "Not possible", str(e)) from None
        return _matter(desk, id)

    return once.answer(body or Nothing(), work)


def _matter(desk: Desk, id: int) -> Matter:
    with desk.store.read() as session:
        reading.found(session, id)
        rows = cases.others(session, id)
        undoable = cases.change_to_undo(session, id) is not None
    linked = [
        Linked(id=row.id, channel=row.channel, status=row.status, due_at=row.due_at) for row in rows
    ]
    return Matter(others=linked, can_undo=undoable)
