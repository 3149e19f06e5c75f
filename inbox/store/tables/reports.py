"""Reports made, their mails, and the event rows that keep open pages in step."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class Edition(Base):
    """One report as it stood at `as_of`; edition 1 is the one that is mailed. `kind` is day, week
    or month, `local_date` its first day."""

    __tablename__ = "editions"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(default="day")
    local_date: Mapped[date]
    edition: Mapped[int]
    zone: Mapped[str]
    as_of: Mapped[datetime]
    figures: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("kind", "local_date", "edition"),)


class ReportDay(Base):
    """What a finished local day of a zone counts, for reports of weeks and months (adr/0052).

    `basis` is what it was counted by besides the rows; `latest` the last moment of any of them: as
    of a later instant the day counts the same. `conversations` are the sorted ids of those that
    brought anything; `tally` is one of `reports.tallies`, packed.
    """

    __tablename__ = "report_days"

    zone: Mapped[str] = mapped_column(primary_key=True)
    local_date: Mapped[date] = mapped_column(primary_key=True)
    basis: Mapped[str]
    latest: Mapped[datetime]
    conversations: Mapped[bytes] = mapped_column(LargeBinary)
    tally: Mapped[bytes] = mapped_column(LargeBinary)


class ReportMark(Base):
    """A conversation of which something changed that figures count: in stored days it is not
    believed until they have it anew. Written by triggers, in the change's own transaction; -1 is
    everything, 0 the messages that belong to none."""

    __tablename__ = "report_marks"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(Id, index=True)


class ReportRecipient(Base):
    """Who gets which reports: `kinds` are some of day, week and month. `at` None: at the brand's
    time."""

    __tablename__ = "report_recipients"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    address: Mapped[str]
    locale: Mapped[str]
    kinds: Mapped[list[Any]]
    at: Mapped[str | None]  # local "HH:MM"
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_report_recipients_address",
            "address",
            unique=True,
            sqlite_where=sql("removed_at IS NULL"),
            postgresql_where=sql("removed_at IS NULL"),
        ),
    )


class ReportMail(Base):
    """One report to one recipient, in the language that they had when it was made. Its Message-ID
    is fixed before the first try. `failures` in a row; `tries` are all, the last at `tried_at`."""

    __tablename__ = "report_mails"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    edition_id: Mapped[int] = mapped_column(Id, ForeignKey("editions.id", ondelete="CASCADE"))
    recipient: Mapped[str]
    message_id: Mapped[str]
    locale: Mapped[str] = mapped_column(default="en")
    state: Mapped[str]  # queued, accepted, refused
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    reason: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("edition_id", "recipient"),
        Index("ix_report_mails_state", "state", "id"),
    )


class ReportLink(Base):
    """An address at which one report is shown to whoever has it, until it ends or is revoked. It is
    random, and only its SHA-256 is kept. `document` is all that is shown, as it was when the link
    was made (`reports.document`), without anybody's name. `made_by` is an actor of the audit
    log."""

    __tablename__ = "report_links"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    zone: Mapped[str]
    as_of: Mapped[datetime]
    edition: Mapped[int | None]
    document: Mapped[dict[str, Any]]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    opened: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]


class Event(Base):
    """Something changed: written in the change's own transaction, replayed by id, kept a day."""

    __tablename__ = "events"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    topic: Mapped[str]
    conversation_id: Mapped[int | None] = mapped_column(Id)
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
