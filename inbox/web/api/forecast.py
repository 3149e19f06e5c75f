"""The forecast of breaches, by program."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from inbox.flows import forecasting
from inbox.web.api.call import TheCall
from inbox.web.desk import TheDesk

router = APIRouter(prefix="/api/v1", tags=["Roster"])


class AloneOf(BaseModel):
    """Something that falls due while nobody is on duty."""

    conversation_id: int
    channel: str
    who: str
    assignee: str | None
    target: str = Field(description="public, or that of a case clock.")
    due_at: datetime
    answer_by: datetime | None = Field(
        description="When the last people before it leave; null: nobody is there from now on."
    )
    cover_at: datetime | None = Field(description="When somebody is there again.")


class AheadOf(BaseModel):
    """A stretch of the time ahead, and how much falls due in it."""

    starts_at: datetime = Field(alias="from")
    ends_at: datetime = Field(alias="to")
    on_duty: list[str] = Field(description="E-mail addresses.")
    asked: int = Field(description="How many should be on duty; with fewer it is a hole.")
    due: int


class ForecastOf(BaseModel):
    """`late`: what will be late because nobody is there until it is due."""

    late: int
    alone_count: int
    alone: list[AloneOf] = Field(description="The first 200, by due time.")
    ahead: list[AheadOf]


@router.get("/forecast")
def forecast(
    desk: TheDesk,
    _: TheCall,
    days: Annotated[int, Query(ge=1, le=31, description="How far ahead.")] = forecasting.DAYS,
) -> ForecastOf:
    """What falls due while nobody is on duty, and how much in each coming shift."""
    with desk.store.read() as session:
        found = forecasting.ahead(session, desk.now(), days)
        return ForecastOf.model_validate(forecasting.told(session, found))
