"""Many people who write about the same thing, for programs."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import NoResultFound

from inbox.domain.actions import BadActions
from inbox.domain.answers import MOST_LANGUAGES, MOST_TEXT, BadAnswer
from inbox.flows import bulk
from inbox.flows import surges as flow
from inbox.flows.answers import By
from inbox.store import surges as stored
from inbox.store.sql import AnyRow
from inbox.store.tables import Surge
from inbox.web.api.call import Once, TheCall, TheOnce
from inbox.web.api.models import Nothing, RowId, Taken, Words
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk

router = APIRouter(prefix="/api/v1/surges", tags=["Macros"])

LISTED = 100


class SurgeOf(BaseModel):
    """A matter that many ask about at once."""

    id: int
    people: int
    since: datetime
    last_at: datetime = Field(description="When the last one came.")
    growing: bool
    text: str = Field(description="The most typical message.")
    waiting: int = Field(description="Conversations that are offered still.")
    closed_at: datetime | None
    closed_by: str | None = Field(description="Who put it aside; `system`: nobody waits any more.")


class SurgesOf(BaseModel):
    """The open ones first, the largest first."""

    surges: list[SurgeOf]


class OfferedOf(BaseModel):
    """A conversation that may be answered."""

    conversation_id: int
    shown: int = Field(description="Its newest message: what `send` says was read.")
    language: str | None
    left_out: bool
    why: str | None = Field(description="Why the answer before could not be sent.")


class SurgeWhole(SurgeOf):
    """With those who wait, the longest first, and the words that were kept."""

    texts: dict[str, str]
    offered: list[OfferedOf]


class Chosen(Taken):
    """A conversation, and the newest message that was read there."""

    conversation: RowId
    shown: RowId


Text = Annotated[Words, Field(max_length=MOST_TEXT)]


class OneAnswer(Taken):
    """One answer, by language, for each of these conversations."""

    conversations: Annotated[list[Chosen], Field(max_length=bulk.MOST)]
    texts: Annotated[dict[str, Text], Field(max_length=MOST_LANGUAGES)]


class Began(BaseModel):
    """The job that answers: `GET /bulk/{id}` tells how far it is."""

    job: int


@router.get("")
def surges(desk: TheDesk, _: TheCall) -> SurgesOf:
    """Matters that many ask about at once, the open ones first."""
    with desk.store.read() as session:
        rows = stored.listed(session, LISTED)
    return SurgesOf(surges=[SurgeOf(**_told(*row)) for row in rows])


@router.get("/{id}")
def surge(desk: TheDesk, _: TheCall, id: Number) -> SurgeWhole:
    """One of them, with everyone who waits there."""
    return _whole(desk, id)


@router.post("/{id}/send", status_code=202, response_model=Began)
def send(once: TheOnce, desk: TheDesk, id: Number, body: OneAnswer) -> Response:
    """Sends one answer to each of these, as replies of their own. It needs an `Idempotency-Key`."""
    once.needs_key()

    def work() -> Began:
        try:
            job = flow.send(
                desk.store,
                id,
                {one.conversation: one.shown for one in body.conversations},
                body.texts,
                by=By.of(once.person),
                key=f"api:{once.name(body)}",
                now=desk.now(),
            )
        except NoResultFound:
            raise not_found("surge") from None
        except (BadAnswer, BadActions) as e:
            raise Problem(422, "answer", "Not valid", str(e)) from None
        return Began(job=job)

    return once.answer(body, work, 202)


@router.post("/{id}/close", response_model=SurgeWhole)
def close(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Puts it aside: who joins is counted, and the list tells nothing of it."""
    return _close(once, desk, id, body, closed=True)


@router.post("/{id}/open", response_model=SurgeWhole)
def reopen(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Brings back what was put aside."""
    return _close(once, desk, id, body, closed=False)


def _close(once: Once, desk: Desk, id: int, body: Nothing | None, *, closed: bool) -> Response:
    def work() -> SurgeWhole:
        try:
            flow.close(desk.store, id, closed=closed, by=By.of(once.person), now=desk.now())
        except NoResultFound:
            raise not_found("surge") from None
        return _whole(desk, id)

    return once.answer(body or Nothing(), work)


def _whole(desk: Desk, id: int) -> SurgeWhole:
    with desk.store.read() as session:
        row = stored.one(session, id)
        if row is None:
            raise not_found("surge")
        waiting = stored.count_offered(session, [id])[id]
        told = _told(row, stored.text_of(session, row), waiting)
        offered = stored.offered(session, id, bulk.MOST)
    return SurgeWhole(**told, texts=row.texts, offered=[_offered(one) for one in offered])


def _told(row: Surge, text: str, waiting: int) -> dict[str, Any]:
    names = ("id", "people", "since", "last_at", "growing", "closed_at", "closed_by")
    return {name: getattr(row, name) for name in names} | {"text": text, "waiting": waiting}


def _offered(row: AnyRow) -> OfferedOf:
    return OfferedOf(
        conversation_id=row.conversation_id,
        shown=row.last_message_id or 0,
        language=row.lang,
        left_out=row.out,
        why=row.why,
    )
