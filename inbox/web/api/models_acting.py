"""What the API says of macros, what they did, and jobs over many conversations."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from inbox.domain.actions import MOST_NOTE, Actions
from inbox.web.api.models import RowId, Taken, Whole, Words

Short = Annotated[Words, Field(max_length=500)]


class ActionsOf(Taken):
    """What is done, in this order: tag, assign, note, answer, move. What is left out stays."""

    category: Short = ""
    urgency: Short = ""
    topic: Short = ""
    assign: Short = Field("", description="me, nobody, or an e-mail address.")
    answer: Annotated[Whole, Field(ge=0, le=2**53)] = Field(0, description="A canned answer.")
    move: Short = Field("", description="resolve, customer, third, snooze, spam.")
    reason: Short = ""
    until: Short = Field("", description="Of a snooze: later, tomorrow, monday.")
    note: Annotated[Words, Field(max_length=MOST_NOTE)] = Field(
        "", description="A note that only the team sees; @name tells a colleague."
    )

    @property
    def actions(self) -> Actions:
        return Actions(**self.model_dump())


class MacroOf(BaseModel):
    """A macro; `actions` holds only what is done."""

    id: int
    name: str
    actions: dict[str, Any]
    uses: int
    removed: bool


class MacrosOf(BaseModel):
    """Every macro, by name."""

    macros: list[MacroOf]


class NewMacro(Taken):
    """A macro as it is to be."""

    name: Short
    actions: ActionsOf


class RunMacro(Taken):
    """Which macro. `shown` is the newest message that was read."""

    macro: RowId
    shown: RowId


class PartOf(BaseModel):
    """One thing that was done; `taken_back` and `why` not, once that was asked for."""

    verb: str
    kind: str
    taken_back: bool | None
    why: str


class RunOf(BaseModel):
    """What was done to a conversation: waiting, done, refused (`why`), undone."""

    id: int
    conversation_id: int
    name: str
    state: str
    at: datetime
    did: list[PartOf]
    why: str | None
