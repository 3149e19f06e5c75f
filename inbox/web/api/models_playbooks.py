"""What the API says of playbooks, and what it takes."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StrictBool

from inbox.web.api.models import RowId, Taken, Whole, Words
from inbox.web.api.models_answers import PickOf, Short

Line = Annotated[Words, Field(max_length=1_000)]
Lines = dict[Short, Annotated[list[Line], Field(max_length=20)]]
PARTS = "Lines by language and part: check, ask, promise, never, escalate."


class PlaybookOf(BaseModel):
    """A playbook. `place` is a category, or `category.topic`."""

    place: str = Field(examples=["refund.status"])
    texts: dict[str, dict[str, list[str]]] = Field(description=PARTS)
    answers: list[str] = Field(description="Shortcuts of canned answers that fit.")
    version: int
    removed: bool


class PlaybooksOf(BaseModel):
    """Those that stand, in the order of the topics."""

    playbooks: list[PlaybookOf]


class WrittenPlaybook(Taken):
    """The next version of a place's playbook, or its first. `after` is the version that it was read
    from (0: there was none)."""

    place: Short
    texts: dict[Short, Lines] = Field(max_length=30, description=PARTS)
    answers: list[Short] = Field(default=[], max_length=20)
    after: Whole | None = None


class PlaceOf(Taken):
    """Which one."""

    place: Short


class PlaybookWanted(PlaceOf):
    """Which version of it comes back."""

    version: RowId


class StepOf(BaseModel):
    """A step by its key, the same in every language; when and by whom it was done, if it was."""

    step: str = Field(examples=["check.0"])
    texts: dict[str, str] = Field(description="By language.")
    done_by: str | None
    done_at: datetime | None


class PlaybookThere(BaseModel):
    """The playbook of a conversation's topic: the version in which its first step was ticked there.
    All is null or empty where there is none."""

    place: str | None
    version: int | None
    steps: list[StepOf]
    never: dict[str, list[str]]
    escalate: dict[str, list[str]]
    answers: list[PickOf]


class TickedStep(Taken):
    """A step of the playbook and version that `GET` told."""

    place: Short
    version: RowId
    step: Short
    done: StrictBool = True
