"""What the API says of the roster."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from connectors.core.text import clean
from inbox.web.api.models import Day, Instant, Taken, Whole

Text = Annotated[str, Field(max_length=300), AfterValidator(clean)]


class ShiftOf(Taken):
    """A shift as it is written in a roster's file (docs/roster.md)."""

    id: str = Field(examples=["night"])
    name: str
    hours: str = Field(examples=["22:00-06:00"], description="Over midnight if the end is earlier.")
    groups: list[list[str]] = Field(description="E-mail addresses; several groups rotate weekly.")
    first_week: Day | None = Field(default=None, description="A date in the first group's week.")
    weekdays: list[str] = Field(description="monday … sunday: those it begins on.")
    zone: str | None = Field(default=None, description="The brand's if left out.")
    since: Day | None = None
    until: Day | None = Field(default=None, description="The last date on which it begins.")
    dates: list[str] | None = Field(
        default=None,
        description="Dates on which it begins, too, each with what a calendar file calls it.",
        examples=[["2026-12-24"]],
    )
    without: list[date] | None = Field(default=None, description="It does not begin on these.")


class SwapOf(BaseModel):
    """A swap; only an accepted one counts."""

    id: int
    shift: str
    day: date = Field(description="On which the shift begins, in its zone.")
    gives: str
    takes: str
    state: str = Field(description="offered, accepted, declined, withdrawn.")


class AbsenceOf(BaseModel):
    """Somebody who is not there."""

    id: int
    person: str
    starts_at: datetime
    ends_at: datetime
    reason: str


class AskedOf(Taken):
    """What is asked of the roster: so many people, at least, in the hours of each weekday."""

    people: Whole = Field(default=1, ge=1, le=50)
    zone: str | None = Field(default=None, description="The brand's if left out.")
    hours: dict[str, str] = Field(
        default_factory=dict,
        description="monday … sunday: `open` (all day, if left out), `closed`, or `08:00-22:00`.",
    )


class RosterWhole(BaseModel):
    """The roster; swaps and absences of the last five weeks and later."""

    version: int
    shifts: list[ShiftOf]
    cover: AskedOf
    swaps: list[SwapOf]
    absences: list[AbsenceOf]


class Somebody(BaseModel):
    """Who is on duty."""

    id: int
    email: str
    name: str
    role: str
    presence: str = Field(description="online, away, offline: as chosen, and lowered by silence.")


class Now(BaseModel):
    """Who is on duty now."""

    on_duty: list[Somebody]


class SpanOf(BaseModel):
    """A time during which the same people are on duty; with fewer than are `asked`: a hole."""

    starts_at: datetime
    ends_at: datetime
    people: list[str]
    asked: int


class Cover(BaseModel):
    """The whole time asked for, in order and without gaps."""

    spans: list[SpanOf]


class Shifts(Taken):
    """All shifts anew, and what is asked of them, which stays as it is where `cover` is left out.
    `after` is the version that they were read from."""

    shifts: list[ShiftOf]
    cover: AskedOf | None = None
    after: Whole | None = None


class NewAbsence(Taken):
    """`person` is who calls if left out."""

    person: Text | None = None
    starts_at: Instant
    ends_at: Instant
    reason: Text = ""


class NewSwap(Taken):
    """`gives` is who calls if left out."""

    shift: Text
    day: Day
    gives: Text | None = None
    takes: Text


class SwapEvent(Taken):
    """What becomes of a swap."""

    event: Literal["accept", "decline", "withdraw"]


class Made(BaseModel):
    """The number of what was made or changed; of shifts, their version."""

    id: int
