"""What the API says of accounts, the classifier and people."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from connectors.core.text import clean
from inbox.web.api.models import Taken


class Account(BaseModel):
    """A connected account."""

    id: int
    channel: str = Field(examples=["x"])
    handle: str = Field(examples=["@lumenpay"])
    state: str = Field(description="active, paused, revoked, imported.")
    base_url: str | None
    last_success_at: datetime | None
    not_before: datetime | None = Field(description="It rests until then.")
    failures: int = Field(description="In a row.")
    last_error: str | None


class Accounts(BaseModel):
    """All accounts."""

    accounts: list[Account]


class Complete(BaseModel):
    """From when to when a list of the platform is surely here."""

    complete_from: datetime | None
    complete_to: datetime | None


class AccountWhole(Account):
    """An account's health. `level`: ok, stale, alarm, critical."""

    level: str
    missing: list[str] = Field(description="What must still be set on the platform.")
    budgets: list[dict[str, Any]] = Field(description="Quotas as the platform told them.")
    expires_at: datetime | None
    usd_a_day: float | None = Field(description="What reading and answering cost, by the last days")
    streams: dict[str, Complete]


class Text(Taken):
    """A text to tag."""

    text: Annotated[str, Field(max_length=20_000), AfterValidator(clean)] = Field(
        examples=["I was charged twice and nobody answers"]
    )


class WeighedWord(BaseModel):
    """A word, the category that it speaks for, and by how much."""

    text: str
    category: str
    weight: float


class Neighbour(BaseModel):
    """A known message that is like the text (cosine)."""

    text: str
    category: str
    urgency: str
    likeness: float


class Why(BaseModel):
    """Why this tag: words for it, words for others, urgency cues, known messages like it."""

    category: str
    confidence: float
    supports: list[WeighedWord]
    opposes: list[WeighedWord]
    cues: list[str]
    neighbours: list[Neighbour]


class WhyTagged(Why):
    """The same of the message that named a conversation's wait, by the version that serves."""

    message_id: int
    version: str


class Tagged(BaseModel):
    """What the classifier says, as `replydesk classify --explain` prints it."""

    text: str
    category: str
    category_confidence: float
    urgency: str
    urgency_confidence: float
    lang: str
    needs_review: bool
    topic: str | None
    tone: str
    labels: list[str]
    outside: bool = Field(description="Unlike anything that the model was trained on.")
    why: Why


class Version(BaseModel):
    """A version of the model, and what its training measured."""

    version: str
    state: str
    serves: bool
    whole: bool
    made_at: datetime | None
    made_by: str
    corrections: int
    gate: dict[str, Any]
    scores: dict[str, Any]


class Versions(BaseModel):
    """All versions, newest first, then the shipped one."""

    versions: list[Version]


class Person(BaseModel):
    """Someone of the team. Without `signs_in` a name from an import, or somebody shut out."""

    id: int
    email: str
    name: str
    role: str
    signs_in: bool


class People(BaseModel):
    """The team, by e-mail address."""

    users: list[Person]


class Look(BaseModel):
    """How a person's own pages look; no language is the brand's."""

    locale: str | None
    theme: str
    density: str


class NewLook(Taken):
    """What changes of it; what is absent stays."""

    locale: Literal["en", "zh_Hans_CN"] | None = None
    theme: Literal["system", "light", "dark"] | None = None
    density: Literal["comfortable", "compact"] | None = None


class Me(BaseModel):
    """Who calls, how their pages look, and what the token may do now."""

    id: int
    email: str
    name: str
    role: str
    look: Look
    token_id: int
    scopes: list[str]
