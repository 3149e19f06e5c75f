"""Replies on their way out (law 2)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class Reply(Base):
    """One reply. `key` names it on the platform; `form_key` makes a double click one reply.

    `shown` is the last stored message on the page where it was written: it answers what its author
    saw. `attempts` fences the sender: a worker that lost the row may no longer write to it. A row
    with `after_id` waits until that one is `sent` or `dropped`: an answer in several parts keeps
    its order. `private_thread` is the platform's private thread that a move to private began.
    `copies` are the [address, name] of others who get it, too.
    `canned_id` is the canned answer from which its words were made.
    `send_at` is a time that somebody chose. `then` is the move of the conversation that follows
    once it is sent. `automated`: a rule wrote it, for which `agent_id` answers; it ends no wait.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    form_key: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(Id, ForeignKey("accounts.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    agent_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id"))
    text: Mapped[str]
    visibility: Mapped[str]
    answers: Mapped[int] = mapped_column(Id, ForeignKey("messages.id"), index=True)
    shown: Mapped[int] = mapped_column(Id)
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    look_up_at: Mapped[datetime | None]
    look_ups: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
    external_id: Mapped[str | None]
    message_id: Mapped[str | None]
    findings: Mapped[list[Any]] = mapped_column(default=list)
    private_thread: Mapped[str | None]
    copies: Mapped[list[Any]] = mapped_column(default=list)
    after_id: Mapped[int | None] = mapped_column(Id)
    automated: Mapped[bool] = mapped_column(default=False)
    canned_id: Mapped[int | None] = mapped_column(Id)
    send_at: Mapped[datetime | None]
    then: Mapped[dict[str, Any] | None]

    __table_args__ = (
        Index("ix_outbox_state", "state", "id"),
        Index("ix_outbox_private_thread", "private_thread"),
        Index(
            "ix_outbox_send_at",
            "id",
            sqlite_where=sql("send_at IS NOT NULL"),
            postgresql_where=sql("send_at IS NOT NULL"),
        ),
    )
