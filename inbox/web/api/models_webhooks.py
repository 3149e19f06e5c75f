"""What the API says of outgoing webhooks, and what it takes."""

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, Field, StrictBool

from connectors.core.text import clean
from inbox.domain.hooks import EVENTS
from inbox.web.api.models import Taken

HookEvent = Literal[
    "message.received",
    "conversation.assigned",
    "conversation.resolved",
    "conversation.reopened",
    "reply.sent",
    "reply.failed",
    "turn.warning",
    "turn.breached",
    "account.down",
    "account.up",
]
assert get_args(HookEvent) == EVENTS


class NewWebhook(Taken):
    """A webhook to add."""

    name: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(clean)]
    url: Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(clean)]
    events: Annotated[list[HookEvent], Field(min_length=1, max_length=20)]
    form: Literal["standard", "slack"] = "standard"
    words: StrictBool = Field(False, description="Customers' words go along.")


class MadeWebhook(BaseModel):
    """A fresh webhook: the only time that its secret is told."""

    id: int
    secret: str


class Webhook(BaseModel):
    """A webhook. `url` without what is secret in it."""

    id: int
    name: str
    url: str
    form: str
    events: list[str]
    words: bool
    state: str = Field(description="active, paused, stopped (switched off: see `reason`).")
    reason: str | None
    failing_since: datetime | None
    last_success_at: datetime | None
    created_at: datetime


class Webhooks(BaseModel):
    """All webhooks."""

    webhooks: list[Webhook]


class Try(BaseModel):
    """One request. `answer`: the first characters of the answer's body."""

    at: datetime
    took_ms: int
    status: int | None
    answer: str
    error: str | None


class Delivery(BaseModel):
    """One event on its way to a webhook. `key` is its `webhook-id`."""

    id: int
    key: str
    event: str
    made_at: datetime
    state: str = Field(description="waiting, sending, delivered, failed.")
    tries: int
    not_before: datetime | None
    finished_at: datetime | None
    data: dict[str, Any]
    log: list[Try]


class Deliveries(BaseModel):
    """A page of deliveries, newest first. `before` of the next page; null at the end."""

    deliveries: list[Delivery]
    before: int | None


class Asked(BaseModel):
    """It is done within seconds."""

    webhook_id: int


class Removed(BaseModel):
    """The webhook that was removed."""

    removed: int
