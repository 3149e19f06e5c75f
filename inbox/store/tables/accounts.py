"""The brand and its accounts on the platforms."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Document, Id


class Brand(Base):
    """The one brand of this installation (id 1)."""

    __tablename__ = "brand"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    zone: Mapped[str]  # IANA name
    locale: Mapped[str]  # language of pages and reports: en, zh
    report_at: Mapped[str]  # local "HH:MM"
    report_recipients: Mapped[list[Any]] = mapped_column(default=list)
    target_share: Mapped[float]  # the promise is kept at or above this share, 0..1
    created_at: Mapped[datetime]


class Account(Base):
    """One account of the brand on one platform.

    state: `active`, `paused` (by a person), `revoked` (credentials refused), `imported` (no polls).
    """

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel: Mapped[str]
    handle: Mapped[str]
    external_id: Mapped[str | None]
    base_url: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secrets: Mapped[str | None]  # encrypted JSON
    state: Mapped[str]
    hook_key: Mapped[str] = mapped_column(unique=True)
    outside_counts: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    polled_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]

    __table_args__ = (UniqueConstraint("channel", "handle"),)


class Cursor(Base):
    """How far one stream of an account is read; `version` refuses a stale worker's write.

    `not_before` rests this stream alone (a quota, a missing permission): the others go on.
    """

    __tablename__ = "cursors"

    account_id: Mapped[int] = mapped_column(
        Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    stream: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    not_before: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class Quarantine(Base):
    """An item that could not be read, kept as it came (secrets of customers masked)."""

    __tablename__ = "quarantine"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(
        Id, ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    stream: Mapped[str]
    reason: Mapped[str]
    raw: Mapped[Any] = mapped_column(Document)
    raw_hash: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("account_id", "raw_hash"),)


class HookEvent(Base):
    """A webhook event id seen, with its body's hash: one id with two bodies is refused."""

    __tablename__ = "hook_events"

    account_id: Mapped[int] = mapped_column(
        Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    event_id: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    at: Mapped[datetime]
