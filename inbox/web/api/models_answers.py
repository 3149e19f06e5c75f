"""What the API says of canned answers, and what it takes."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StrictBool

from inbox.web.api.models import RowId, Taken, Whole, Words

Short = Annotated[Words, Field(max_length=200)]


class Canned(BaseModel):
    """A canned answer. `owner` is null for the team's, else the number of whose it is."""

    id: int
    owner: int | None
    name: str = Field(examples=["Where a refund is"])
    shortcut: str = Field(examples=["refund"])
    texts: dict[str, str] = Field(description="By language.", examples=[{"en": "Hello {customer}"}])
    category: str = Field(description="Empty for any.")
    topic: str = Field(description="Of the category; empty for any.")
    uses: int = Field(description="How often it was sent.")
    version: int
    removed: bool


class CannedList(BaseModel):
    """The team's answers and one's own, by name; for leads everybody's."""

    answers: list[Canned]


class CannedVersionOf(BaseModel):
    """What it was; nothing is written when it was removed."""

    version: int
    by: str
    at: datetime
    name: str | None
    texts: dict[str, str] | None


class CannedWhole(Canned):
    """With its versions, the newest first."""

    versions: list[CannedVersionOf]


class WrittenAnswer(Taken):
    """What an answer is to say. Only known variables may stand in braces."""

    name: Short
    shortcut: Short
    texts: dict[Short, Annotated[Words, Field(max_length=20_000)]] = Field(max_length=30)
    category: Short = ""
    topic: Short = ""


class NewAnswer(WrittenAnswer):
    """A new one; `own` keeps it to oneself, as it always is with agents."""

    own: StrictBool = False


class ChangedAnswer(WrittenAnswer):
    """The next version. `after` is the version that it was read from."""

    after: Whole | None = None


class VersionWanted(Taken):
    """Which version comes back."""

    version: RowId


class PickOf(BaseModel):
    """An answer filled in for a conversation; `missing` are variables that have no value there and
    still stand in braces."""

    id: int
    name: str
    shortcut: str
    lang: str
    text: str
    missing: list[str]


class PicksOf(BaseModel):
    """Those that fit the customer's last message best come first."""

    answers: list[PickOf]
