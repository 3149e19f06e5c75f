"""What the API says of the team over a conversation."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from inbox.web.api.models import Taken, Words


class Note(BaseModel):
    """Words for the team alone."""

    id: int
    conversation_id: int
    agent: str = Field(description="E-mail address of its author.")
    text: str
    told: list[str] = Field(description="E-mail addresses of whom it mentions.")
    at: datetime


class Notes(BaseModel):
    """All notes of a conversation."""

    notes: list[Note]


class NewNote(Taken):
    """A note. `@ada` names who has the address ada@…, the whole address does where two share it."""

    text: Annotated[Words, Field(max_length=20_000, examples=["@bo please look at the receipt"])]


class Draft(BaseModel):
    """What the token's person is writing in a conversation."""

    conversation_id: int
    visibility: str = Field(description="public, private, all (who got the mail), note.")
    text: str
    at: datetime


class Drafts(BaseModel):
    """The newest 200."""

    drafts: list[Draft]


class NewDraft(Taken):
    """The words so far, as they will stand in the answer's form. None: there is no draft."""

    text: Words
    visibility: Literal["public", "private", "all", "note"] = "private"


class Following(BaseModel):
    """Who follows the conversation, by e-mail address."""

    followers: list[str]
