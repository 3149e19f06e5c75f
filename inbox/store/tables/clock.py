"""What ends a wait besides an answer, and the evidence of every turn."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class Step(Base):
    """A person's step in a conversation that the clock knows: `excuse` or `resolve`."""

    __tablename__ = "steps"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id"))
    reason: Mapped[str | None]
    seen: Mapped[int] = mapped_column(Id)  # the last stored message on the page


class TurnRow(Base):
    """One evaluation of one turn. Appended, never changed but for `superseded_at` (law 4).

    Ids of messages, instants in UTC; `policy` and `calendar` with their versions as they were used.
    """

    __tablename__ = "turns"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE")
    )
    seq: Mapped[int]
    episode: Mapped[int]
    is_first: Mapped[bool]
    opened_by: Mapped[int] = mapped_column(Id)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    internal_due_at: Mapped[datetime | None]
    end: Mapped[str | None]  # answered, excused, withdrawn
    ended_by: Mapped[int | None] = mapped_column(Id)
    ended_at: Mapped[datetime | None]
    agent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id"))
    outside: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None]
    policy: Mapped[dict[str, Any]]
    calendar: Mapped[dict[str, Any]]
    evaluated_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_turns_conversation", "conversation_id", "superseded_at", "seq"),
        Index("ix_turns_due", "due_at"),
        Index("ix_turns_opened", "opened_at"),
        Index("ix_turns_ended", "ended_at"),
    )
