"""Jobs over many conversations for programs."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import NoResultFound

from inbox.domain.actions import BadActions
from inbox.flows import bulk as flow
from inbox.flows.answers import By
from inbox.store import acting as stored
from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.macros import run_told
from inbox.web.api.models import Nothing, RowId, Taken
from inbox.web.api.models_acting import ActionsOf, RunOf
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk

router = APIRouter(prefix="/api/v1/bulk", tags=["Macros"])


class NewJob(Taken):
    """The same actions for each of these conversations."""

    conversations: Annotated[list[RowId], Field(max_length=flow.MOST)]
    actions: ActionsOf


class JobOf(BaseModel):
    """How far a job is: `counts` by state (waiting, done, refused, undone), and each conversation's
    account, what was refused first."""

    id: int
    total: int
    finished: bool
    undoing: bool
    counts: dict[str, int]
    runs: list[RunOf]


@router.post("", status_code=202, response_model=JobOf)
def begin(once: TheOnce, desk: TheDesk, body: NewJob) -> Response:
    """Begins a job over many conversations. It needs an `Idempotency-Key`."""
    once.needs_key()

    def work() -> JobOf:
        try:
            made = flow.begin(
                desk.store,
                body.conversations,
                body.actions.actions,
                name="",
                by=By.of(once.person),
                key=f"api:{once.name(body)}",
                now=desk.now(),
            )
        except BadActions as e:
            raise Problem(422, "actions", "Not valid", str(e)) from None
        return _told(desk, made)

    return once.answer(body, work, 202)


@router.get("/{id}")
def job(desk: TheDesk, _: TheCall, id: Number) -> JobOf:
    """How far a job is, and what became of each conversation."""
    return _told(desk, id)


@router.post("/{id}/undo", response_model=JobOf)
def undo(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Takes the whole back, as far as that goes; it is done one conversation after the other."""

    def work() -> JobOf:
        try:
            flow.undo(desk.store, id, by=By.of(once.person), now=desk.now())
        except NoResultFound:
            raise not_found("job") from None
        return _told(desk, id)

    return once.answer(body or Nothing(), work)


def _told(desk: Desk, job_id: int) -> JobOf:
    with desk.store.read() as session:
        row = stored.job(session, job_id)
        if row is None:
            raise not_found("job")
        return JobOf(
            id=row.id,
            total=row.total,
            finished=row.finished_at is not None,
            undoing=row.undo_at is not None,
            counts=stored.counts(session, job_id),
            runs=[run_told(run) for run, *_ in stored.items(session, job_id, flow.MOST)],
        )
