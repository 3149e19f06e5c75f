"""The planner, by program."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from inbox.domain.planning_changes import more as read_more
from inbox.domain.written import Unclear
from inbox.flows import planning_told
from inbox.flows.planning import (
    LEAST_HANDLING_S,
    MOST_HANDLING_S,
    MOST_WITHIN_H,
    SEED,
    Wish,
)
from inbox.web.api.call import TheCall
from inbox.web.api.problems import Problem
from inbox.web.desk import TheDesk

router = APIRouter(prefix="/api/v1", tags=["Roster"])
MOST_CHANGES = 20


class IntervalOf(BaseModel):
    """Shares as parts of 1: nine of ten runs lie from `low` to `high`."""

    low: float
    middle: float
    high: float


class WithinOf(IntervalOf):
    """The share that is answered within so many hours."""

    hours: int


class KeptOf(IntervalOf):
    """The share that keeps a policy, and how many messages it judges on average."""

    id: str
    messages: float


class PlayedOf(BaseModel):
    """What becomes of the messages of a day, or of a week."""

    messages: float
    in_time: IntervalOf | None = Field(description="By the public promise.")
    quick_within: float | None = Field(description="Within the hours asked, by the hourly backlog.")
    within: list[WithinOf]
    policies: list[KeptOf]
    wait_median_s: float | None
    wait_p90_s: float | None = Field(description="null: so many are not answered at all.")


class SpanOf(BaseModel):
    """A stretch of time."""

    starts_at: datetime = Field(alias="from")
    ends_at: datetime = Field(alias="to")


class HourOf(BaseModel):
    """An hour to come."""

    starts_at: datetime = Field(alias="from")
    messages: float
    people: float = Field(description="On duty, on average.")
    can_answer: float
    backlog: float = Field(description="What waits at its end.")


class SideOf(BaseModel):
    """What one roster does."""

    tomorrow: PlayedOf
    week: PlayedOf
    waiting_in_time: IntervalOf | None = Field(description="Of what waits now and is not late.")
    weakest: list[SpanOf]
    hours: list[HourOf]


class HistoryOf(BaseModel):
    """The whole days that the forecast is made from."""

    first: date | None = Field(alias="from")
    last: date | None = Field(alias="to")
    days: int


class HandlingOf(BaseModel):
    """How long an answer takes, from so many times that were seen, or as given."""

    seconds: float | None
    seen: int
    given: bool


class ShiftOf(BaseModel):
    """A shift that can be left out."""

    id: str
    name: str


class DayOf(BaseModel):
    """How many messages a day to come brings."""

    day: date = Field(alias="date")
    messages: float


class WeekOf(BaseModel):
    """A week that is over: what would have been said, and what came."""

    first: date = Field(alias="from")
    messages_forecast: float
    messages: int
    days_missed_by: float
    in_time_forecast: IntervalOf | None
    in_time: float | None


class TestedOf(BaseModel):
    """How wrong it was: of a day's messages as a part of them, of the share in time in points."""

    load_error: float | None
    share_error: float | None
    weeks: list[WeekOf]


class PlanOf(BaseModel):
    """The forecast. `needs` says what is missing for one: history, handling, shifts."""

    as_of: datetime
    zone: str
    needs: list[str]
    history: HistoryOf
    handling: HandlingOf
    shifts: list[ShiftOf]
    without: list[str]
    more: list[str]
    seed: int
    runs: int
    within_hours: int
    waiting_now: int
    days: list[DayOf]
    roster: SideOf | None
    changed: SideOf | None
    tested: TestedOf


@router.get("/plan")
def plan(
    desk: TheDesk,
    _: TheCall,
    without: Annotated[
        tuple[str, ...], Query(max_length=MOST_CHANGES, description="Shifts to leave out, by id.")
    ] = (),
    more: Annotated[
        tuple[str, ...],
        Query(max_length=MOST_CHANGES, description="People to add, as `2 mon,tue 09:00-17:00`."),
    ] = (),
    handling_s: Annotated[
        float | None, Query(ge=LEAST_HANDLING_S, le=MOST_HANDLING_S, description="Of an answer.")
    ] = None,
    within: Annotated[int, Query(ge=1, le=MOST_WITHIN_H, description="Hours to count.")] = 24,
    seed: int = SEED,
) -> PlanOf:
    """What the roster answers in time tomorrow and in the next 7 days, and what another would."""
    try:
        added = tuple(read_more(text) for text in more)
        wish = Wish(without, added, handling_s, within, seed)
        whole = desk.store.seen_by(frozenset())  # the figures are the brand's
        return PlanOf.model_validate(planning_told.told(whole, desk.now(), wish))
    except Unclear as e:
        raise Problem(422, "plan", "Not valid", str(e)) from e
