"""Clocks of whole matters, with their evidence."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class CaseClockRow(Base):
    """One evaluation of one case clock. Appended, never changed but for `superseded_at` and
    `warn_at` (law 4).

    `target` names the clock within its conversation, as warnings do: `resolution:<policy>`,
    `complaint:<id>:<deadline>`; with `opened_by` (the message it began with) it is unique among
    what is not superseded. `due_at` is null while it is paused with time left. `budget_s` is what
    may run until then; `pauses` are `domain.pauses.Pause` as objects with ISO times. `warn_at` is
    when `flows.case_warnings` is to look next.
    """

    __tablename__ = "case_clocks"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE")
    )
    target: Mapped[str]
    episode: Mapped[int | None]
    opened_by: Mapped[int] = mapped_column(Id)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    budget_s: Mapped[float]
    end: Mapped[str | None]  # resolved, answered, excused, withdrawn
    ended_by: Mapped[int | None] = mapped_column(Id)  # the answer, where one ends it
    ended_at: Mapped[datetime | None]
    agent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id"))
    reason: Mapped[str | None]
    pauses: Mapped[list[Any]]
    policy: Mapped[dict[str, Any]]
    calendar: Mapped[dict[str, Any]]
    evaluated_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_case_clocks_conversation", "conversation_id", "superseded_at"),
        Index(
            "ix_case_clocks_warn",
            "warn_at",
            sqlite_where=sql("warn_at IS NOT NULL"),
            postgresql_where=sql("warn_at IS NOT NULL"),
        ),
    )
