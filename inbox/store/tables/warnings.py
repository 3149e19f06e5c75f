"""Warnings of waits that go long; `notices` has who was told of them."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class TurnWarning(Base):
    """One step of one target of one turn, told once.

    `opened_by` is the message that opened the turn when it was told; the turn of that message
    (`messages.opener_id`) is the turn warned of, whatever opens it by now. `part` is in percent,
    100 is the breach; `passed_at` is when the step passed, `at` when it was noticed.
    """

    __tablename__ = "turn_warnings"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    opened_by: Mapped[int] = mapped_column(Id)
    target: Mapped[str]  # public, internal, or that of a case clock
    part: Mapped[int]
    policy: Mapped[str]  # its id
    due_at: Mapped[datetime]
    passed_at: Mapped[datetime]
    at: Mapped[datetime]
    clock: Mapped[str | None]  # what a case clock is called

    __table_args__ = (UniqueConstraint("opened_by", "target", "part"),)
