"""What the API says of a period's figures."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field


class Spread(BaseModel):
    """Waits in clock seconds; null at count 0."""

    count: int
    median: float | None
    p90: float | None
    p95: float | None
    max: float | None


class OpenAnswers(BaseModel):
    """Waits in seconds of opening hours."""

    first_response_s: Spread
    next_response_s: Spread


class OpenHours(OpenAnswers):
    """With the time to resolution."""

    resolution_s: Spread | None


class Figures(BaseModel):
    """See docs/figures.md: what each figure counts. Null in a report of agents, but for waits."""

    received: int | None
    turns_opened: int | None
    reopened: int | None
    turns_due: int | None
    answered_in_time: int | None
    share_in_time: float | None
    overdue_open: int | None
    running: int | None
    excused: int | None
    withdrawn: int | None
    first_response_s: Spread
    next_response_s: Spread
    open_hours: OpenAnswers = Field(description="The same answers in the brand's opening hours.")


class Answers(BaseModel):
    """Turns that an answer ended in the period, by the time of the answer."""

    answered: int
    answered_in_time: int


class AgentFigures(BaseModel):
    """What one person sent in the period."""

    answered: int
    answered_in_time: int
    first_response_s: Spread
    next_response_s: Spread
    open_hours: OpenAnswers


class HourFigures(BaseModel):
    """One hour of one weekday: what came then, and how long its first answers took."""

    received: int | None
    first_response_s: Spread


class Classified(BaseModel):
    """What the classifier said of the period's messages, and what agents made of it."""

    messages: int = Field(description="Those that it tagged.")
    confidence: float | None = Field(description="The mean, 0 to 1.")
    asked: int = Field(description="It wanted a person's word.")
    turns: int = Field(description="Those that a tagged message opened.")
    corrected: int = Field(description="Of these, agents changed the tag.")


class Reason(BaseModel):
    """How many turns were excused for one reason."""

    excused: int


class Deadlines(BaseModel):
    """One deadline of one set of rules for complaints."""

    rules: str
    deadline: str
    met: int
    missed: int
    running: int


class Health(BaseModel):
    """How long an account did not deliver, and how many times."""

    silent_s: float
    silences: int


class Whole(Figures):
    """All figures of some days but those by groups of turns."""

    model_config = ConfigDict(populate_by_name=True)

    first: date = Field(alias="from")
    to: date
    answered_within: dict[str, float | None] = Field(
        description="Shares of all answers of the days, by seconds."
    )
    answers: Answers
    turns_closed: int | None = Field(description="Ended in the days, in whatever way.")
    resolution_s: Spread | None = Field(description="Of matters that were resolved in the days.")
    open_hours: OpenHours = Field(description="The same in the brand's opening hours.")
    windows_missed: int | None = Field(
        description="Waits during which the platform's window for an answer closed."
    )
    masked: int | None = Field(description="Messages of which a card number was masked.")
    classifier: Classified | None
    by_reason: dict[str, Reason] | None = Field(description="Why no reply was needed.")
    by_complaint: dict[str, Deadlines] | None = Field(description="As `psd2 reply`.")
    by_silence: dict[str, Health] | None = Field(description="Accounts that did not deliver.")


class Report(Whole):
    """The object of `replydesk report --json`."""

    zone: str
    filter: dict[str, list[str]] = Field(description="Of what the report is; empty: of all.")
    as_of: datetime
    backlog: dict[str, int] | None = Field(description="Open as of the instant, by age in seconds.")
    by_channel: dict[str, Figures]
    by_account: dict[str, Figures] = Field(description="By channel and handle.")
    by_language: dict[str, Figures] = Field(description="By the opening message's language.")
    by_category: dict[str, Figures]
    by_urgency: dict[str, Figures]
    by_agent: dict[str, AgentFigures] = Field(description="By e-mail address, or `outside`.")
    by_team: dict[str, Figures] = Field(description="By name, or `everyone`.")
    by_hour: dict[str, HourFigures] = Field(description="As `mon 09`, in the zone.")
    by_day: dict[date, Figures] = Field(
        description="Each day that has begun; of a single day the week up to it."
    )
    previous: Whole = Field(description="The days before, by the same instant.")
