"""What the API says of notices."""

from datetime import datetime

from pydantic import BaseModel, Field

from inbox.web.api.models import RowId, Taken


class Notice(BaseModel):
    """Something that the token's person was told."""

    id: int
    at: datetime
    kind: str = Field(
        description="warning of a wait, webhook that was switched off, mention, assigned, answered "
        "(a colleague did first), message (in a conversation that is followed), stopped (an answer "
        "that was to leave later), approval (an answer waits for it), approved, sent_back, rule "
        "(a routing rule asked to tell), surge (many write "
        "about the same thing)."
    )
    why: str = Field(
        description="Of a warning: assignee, lead, wide; of what was stopped: customer, answered."
    )
    by: str = Field(description="Whose doing it was, by name; of a rule its name.")
    words: str = Field(description="The first of what was written.")
    times: int = Field(description="How often since it was read last.")
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
    surge_id: int | None = Field(description="Of a surge; `times` are its people then.")
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
