"""Reports made, their mails, and the event rows that keep open pages in step."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class Edition(Base):
    """One report as it stood at `as_of`; edition 1 is the one that the morning mails."""

    __tablename__ = "editions"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    local_date: Mapped[date]
    edition: Mapped[int]
    zone: Mapped[str]
    as_of: Mapped[datetime]
    figures: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("local_date", "edition"),)


class ReportMail(Base):
    """One report to one recipient. Its Message-ID is fixed before the first try."""

    __tablename__ = "report_mails"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    edition_id: Mapped[int] = mapped_column(Id, ForeignKey("editions.id", ondelete="CASCADE"))
    recipient: Mapped[str]
    message_id: Mapped[str]
    state: Mapped[str]  # queued, accepted, refused
    failures: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    reason: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("edition_id", "recipient"),
        Index("ix_report_mails_state", "state", "id"),
    )


class Event(Base):
    """Something changed: written in the change's own transaction, replayed by id, kept a day."""

    __tablename__ = "events"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    topic: Mapped[str]
    conversation_id: Mapped[int | None] = mapped_column(Id)
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
