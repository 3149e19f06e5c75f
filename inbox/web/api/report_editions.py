"""The editions of a report by program: which there are, and a new one."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.desk_routes import check_period
from inbox.web.api.models import Day, OfDays, RowId
from inbox.web.api.problems import not_found
from inbox.web.desk import Desk, TheDesk
from reports import editions
from templates.periods import Days

router = APIRouter(prefix="/api/v1/reports", tags=["Reports"])


class EditionOf(BaseModel):
    """A report as it was kept, with the figures that it opens with; all of them:
    `GET /reports?edition=`."""

    number: int
    as_of: datetime
    made_by: str | None = Field(description="Null: by itself, at the report's time.")
    mailed: int = Field(description="To so many people.")
    received: int | None
    turns_due: int | None
    answered_in_time: int | None
    overdue_open: int | None
    share_in_time: float | None


class EditionsOf(BaseModel):
    """Every edition, the newest first."""

    editions: list[EditionOf]


class NewEdition(OfDays):
    """Of which days, and after which edition."""

    after: RowId | None = Field(
        default=None,
        description="The newest edition that you know; if there is a newer one none is made. "
        "Whatever is the newest if left out.",
    )


class MadeEdition(BaseModel):
    """The newest edition."""

    made: bool = Field(description="Whether this call made it.")
    edition: EditionOf


@router.get("/editions")
def listed(
    desk: TheDesk,
    _: TheCall,
    first: Annotated[Day, Query(alias="from", description="First day.")],
    to: Annotated[Day, Query(description="Last day, included.")],
) -> EditionsOf:
    """The editions of a day, week (from Monday) or calendar month; of other days there are none."""
    return EditionsOf(editions=_known(desk, Days(first, to)))


@router.post("/editions", response_model=MadeEdition)
def make(once: TheOnce, desk: TheDesk, body: NewEdition) -> Response:
    """Counts a kept report anew, as of now, and keeps that as its next edition. Nothing is mailed,
    and those before stay as they are."""

    def work() -> MadeEdition:
        days, whole = Days(body.first, body.to), desk.store.seen_by(frozenset())
        actor, now = once.person.email, desk.now()
        fresh = editions.refresh(whole, days, now, actor=actor, after=body.after)
        if fresh is None:
            raise not_found("edition")
        told = next(one for one in _known(desk, days) if one.number == fresh.number)
        return MadeEdition(made=fresh.made, edition=told)

    check_period(body.first, body.to, None, desk.now())
    return once.answer(body, work)


def _known(desk: Desk, days: Days) -> list[EditionOf]:
    found = editions.kept(desk.store, days)
    return [EditionOf.model_validate(one, from_attributes=True) for one in found]
