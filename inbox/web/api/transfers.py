"""Imports and exports for programs."""

import json
from datetime import datetime
from io import BytesIO
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import NoResultFound

from inbox.flows import transfers as flow
from inbox.store import transfers as stored
from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.models import Nothing, Taken
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk
from inbox.web.routes.transfers import file_of
from inbox.web.transfers_view import LISTED, row

router = APIRouter(prefix="/api/v1/transfers", tags=["Import and export"])


class RefusedLine(BaseModel):
    """A bad line."""

    line: int
    why: str


class TransferOf(BaseModel):
    """An import or an export. `done` of `total` are bytes of an import, messages of an export."""

    id: int
    kind: str = Field(description="import, export.")
    state: str = Field(description="waiting, running, done, failed, stopped.")
    name: str
    by: str
    at: datetime
    done: int
    total: int
    read: int
    new: int
    known: int
    refused: int
    lines: list[RefusedLine] = Field(description="The first bad ones.")
    why: str
    until: datetime | None = Field(description="So long the file of an export can be fetched.")


class TransfersOf(BaseModel):
    """The newest first."""

    transfers: list[TransferOf]


class Messages(Taken):
    """Messages in the neutral form (docs/import.md), one object each."""

    messages: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=1_000)]


LINES: dict[str, Any] = {
    "description": "Every message, one a line.",
    "content": {"application/jsonl": {"schema": {"type": "string"}}},
}


@router.get("")
def transfers(desk: TheDesk, _: TheCall) -> TransfersOf:
    """Imports and exports of the last weeks, the newest first."""
    with desk.store.read() as session:
        rows = stored.listed(session, LISTED)
    return TransfersOf(transfers=[_told(one) for one in rows])


@router.post("/import", status_code=202, response_model=TransferOf)
def begin_import(once: TheOnce, desk: TheDesk, body: Messages) -> Response:
    """Begins an import of these messages; importing twice changes nothing."""

    def work() -> TransferOf:
        lines = "".join(f"{json.dumps(one)}\n" for one in body.messages)
        made = flow.receive(
            desk.store,
            desk.settings.folder,
            BytesIO(lines.encode()),
            name="API",
            actor=once.person.email,
            now=desk.now(),
        )
        return _one(desk, made)

    return once.answer(body, work, 202)


@router.post("/export", status_code=202, response_model=TransferOf)
def begin_export(once: TheOnce, desk: TheDesk, body: Nothing | None = None) -> Response:
    """Begins an export of every message."""

    def work() -> TransferOf:
        made = flow.begin_export(desk.store, actor=once.person.email, now=desk.now())
        return _one(desk, made)

    return once.answer(body or Nothing(), work, 202)


@router.get("/{id}")
def transfer(desk: TheDesk, _: TheCall, id: Number) -> TransferOf:
    """How far one is."""
    return _one(desk, id)


@router.get("/{id}/file", responses={200: LINES}, response_class=Response)
def fetch(desk: TheDesk, call: TheCall, id: Number) -> Response:
    """The file of an export, for a day."""
    try:
        return file_of(desk, id, call.person.email)
    except NoResultFound:
        raise not_found("file") from None


@router.post("/{id}/stop", response_model=TransferOf)
def stop(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Ends one; what was imported stays."""

    def work() -> TransferOf:
        try:
            stopped = flow.stop(desk.store, id, actor=once.person.email, now=desk.now())
        except NoResultFound:
            raise not_found("transfer") from None
        if not stopped:
            raise Problem(409, "finished", "Finished", "It is finished already.")
        return _one(desk, id)

    return once.answer(body or Nothing(), work)


def _one(desk: Desk, id: int) -> TransferOf:
    with desk.store.read() as session:
        found = stored.one(session, id)
        if found is None:
            raise not_found("transfer")
        return _told(found)


def _told(found: Any) -> TransferOf:
    one = row(found)
    names = ("id", "kind", "state", "name", "by", "at", "done", "total", "why", "until")
    counts: dict[str, Any] = dict(zip(("read", "new", "known", "refused"), one.counts, strict=True))
    lines = [RefusedLine(line=number, why=why) for number, why in one.refused]
    return TransferOf(**{name: getattr(one, name) for name in names}, **counts, lines=lines)
