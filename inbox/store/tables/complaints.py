"""Complaints, and the brand's own templates of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class Complaint(Base):
    """A person said that a customer's message is a complaint. Its clocks are `case_clocks`.

    It belongs to the conversation of its message; `conversation_id` is where it was marked.
    `template` is what it was marked with (`domain.complaints.snapshot`). `message_id` is the
    customer's message that it came with, `final_id` the answer that a person called the final
    response. One that was undone is no fact any more.
    """

    __tablename__ = "complaints"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    template: Mapped[dict[str, Any]]
    message_id: Mapped[int] = mapped_column(Id, index=True)
    reason: Mapped[str]
    marked_at: Mapped[datetime]
    marked_by: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    undone_why: Mapped[str | None]
    final_id: Mapped[int | None] = mapped_column(Id)
    final_at: Mapped[datetime | None]
    final_by: Mapped[str | None]


class ComplaintTemplate(Base):
    """A template of the brand's own; `said` as a complaint keeps it."""

    __tablename__ = "complaint_templates"

    id: Mapped[str] = mapped_column(primary_key=True)
    said: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
