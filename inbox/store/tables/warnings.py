"""Warnings of waits that go long, and who was told of them by what."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
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


class WarningNotice(Base):
    """One person told by one channel: of a warning, or that a webhook was switched off.

    `channel` app: `unread`, `read`. `channel` mail: `waiting`, `sent`, `quiet` (the wait ended
    before the mail left), `refused`. `why`: assignee, lead, wide. Lines that leave in one mail have
    the same `batch`, fixed before the first try, so that its Message-ID is, too.
    """

    __tablename__ = "warning_notices"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    warning_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("turn_warnings.id", ondelete="CASCADE")
    )
    endpoint_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("hook_endpoints.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    channel: Mapped[str]
    why: Mapped[str]
    state: Mapped[str]
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    batch: Mapped[int | None] = mapped_column(Id)
    failures: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("warning_id", "user_id", "channel"),
        Index("ix_warning_notices_of", "user_id", "channel", "state", "id"),
        Index("ix_warning_notices_state", "channel", "state"),
    )
