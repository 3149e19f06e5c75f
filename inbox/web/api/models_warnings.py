"""What the API says of warnings."""

from datetime import datetime

from pydantic import BaseModel, Field

from inbox.web.api.models import RowId, Taken


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


class Notice(BaseModel):
    """One notice of the token's person: of a wait, or of a webhook that was switched off."""

    id: int
    at: datetime
    why: str = Field(description="assignee, lead, wide.")
    read: bool
    conversation_id: int | None
    target: str | None
    part: int | None = Field(description="Percent of the wait; 100 is past due.")
    due_at: datetime | None
    waits: bool = Field(description="Whether the wait still lasts.")
    channel: str | None
    account: str | None
    who: str | None
    category: str | None
    urgency: str | None
    webhook: str | None
    clock: str | None = Field(description="What a case clock is called; null for a wait.")


class Notices(BaseModel):
    """A page of notices, newest first. `before` of the next page; null at the end."""

    unread: int = Field(description="Up to 100.")
    notices: list[Notice]
    before: int | None


class ReadUpTo(Taken):
    """Up to which notice all are read."""

    up_to: RowId


class Marked(BaseModel):
    """How many were unread."""

    marked: int
