"""What the API says of warnings."""

from datetime import datetime

from pydantic import BaseModel, Field


class ToldPerson(BaseModel):
    """Somebody who was told. `why`: assignee, lead, wide."""

    person: str = Field(description="E-mail address.")
    why: str
    channels: list[str] = Field(description="app, mail.")


class Warned(BaseModel):
    """One step of one target of one wait, told once."""

    target: str = Field(description="public, internal: within the team, or a case clock's.")
    part: int = Field(description="Percent of the wait that had gone; 100 is past due.")
    policy: str
    due_at: datetime
    passed_at: datetime = Field(description="When the step passed.")
    at: datetime = Field(description="When it was told.")
    clock: str | None = Field(description="What a case clock is called; null for a wait.")
    told: list[ToldPerson]


class WarnedList(BaseModel):
    """The warnings of a conversation, newest first."""

    warnings: list[Warned]
