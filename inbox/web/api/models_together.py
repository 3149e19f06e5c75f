"""What the API says of the team over a conversation."""

from datetime import datetime
from typing import Annotated

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


class Following(BaseModel):
    """Who follows the conversation, by e-mail address."""

    followers: list[str]
