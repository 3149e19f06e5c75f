"""Outgoing webhooks: where they go, what is on its way, and every try."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class HookEndpoint(Base):
    """An address that is told of events.

    `form`: standard (signed JSON), slack (`{"text": …}`). `secret` is encrypted. With `words` the
    customers' words go along. state: `active`, `paused` (by a person), `stopped` (switched off:
    see `reason`). `failing_since` is the first failure after the last success.
    """

    __tablename__ = "hook_endpoints"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    url: Mapped[str]
    form: Mapped[str]
    events: Mapped[list[Any]]
    secret: Mapped[str]
    words: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str]
    reason: Mapped[str | None]
    failing_since: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class HookDelivery(Base):
    """One event on its way to one endpoint, written in the transaction of what it tells.

    `key` is its `webhook-id`, the same in every try. `said` are its data without customers' words:
    these are read from `message_id` when it is sent. `tries` counts since it was last set going.
    """

    __tablename__ = "hook_deliveries"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(
        Id, ForeignKey("hook_endpoints.id", ondelete="CASCADE")
    )
    key: Mapped[str] = mapped_column(unique=True)
    event: Mapped[str]
    said: Mapped[dict[str, Any]]
    message_id: Mapped[int | None] = mapped_column(Id)
    made_at: Mapped[datetime]
    state: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_hook_deliveries_state", "state", "endpoint_id", "id"),
        Index("ix_hook_deliveries_endpoint", "endpoint_id", "id"),
        Index("ix_hook_deliveries_made_at", "made_at"),
    )


class HookTry(Base):
    """One request and what came of it. `answer` are the first characters of the answer's body."""

    __tablename__ = "hook_tries"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(
        Id, ForeignKey("hook_deliveries.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    took_ms: Mapped[int]
    status: Mapped[int | None]
    answer: Mapped[str]
    error: Mapped[str | None]
