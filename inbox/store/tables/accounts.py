"""The brand and its accounts on the platforms."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Document, Id

SETTLED = ["accounts", "people"]
"""The steps of the first run after the brand."""


class Brand(Base):
    """The one brand of this installation (id 1). `settled` are the steps of the first run, of
    `SETTLED`, that were done or passed over (`flows.first_run`)."""

    __tablename__ = "brand"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    zone: Mapped[str]  # IANA name
    locale: Mapped[str]  # language of pages and reports: en, zh
    report_at: Mapped[str]  # local "HH:MM"
    target_share: Mapped[float]  # the promise is kept at or above this share, 0..1
    created_at: Mapped[datetime]
    two_step_roles: Mapped[list[Any]] = mapped_column(default=list)  # who must have a second step
    assigns: Mapped[bool] = mapped_column(default=False)  # conversations, by rule
    approval_roles: Mapped[list[Any]] = mapped_column(default=list)  # whose answers wait for it
    approval_people: Mapped[list[Any]] = mapped_column(default=list)  # and of single people
    approval_findings: Mapped[bool] = mapped_column(default=False)  # and what the guard finds
    approval_own: Mapped[bool] = mapped_column(default=False)  # admins may approve their own
    undo_s: Mapped[int] = mapped_column(default=10, server_default="10")  # to take an answer back
    settled: Mapped[list[Any]] = mapped_column(default=lambda: list(SETTLED))


class Account(Base):
    """One account of the brand on one platform.

    state: `active`, `paused` (by a person), `revoked` (credentials refused), `imported` (no polls).
    `fresh_until`: the access credentials are renewed before then; `expires_at`: a person must sign
    in again before then. `missing` (scopes, settings of the platform) in plain words and `budgets`
    are what the platform told last. `called_at` is its last genuine webhook call.
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
    next_poll_at: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    fresh_until: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    missing: Mapped[list[Any]] = mapped_column(default=list)
    budgets: Mapped[list[Any]] = mapped_column(default=list)

    __table_args__ = (UniqueConstraint("channel", "handle"),)


class Cursor(Base):
    """How far one stream of an account is read; `version` refuses a stale worker's write.

    `not_before` rests this stream alone (a quota, a missing permission): the others go on.
    Everything that the platform lists from `complete_from` to `complete_to` is stored here. A walk
    under way began at `walk_began_at` and has come down to `walk_oldest_at` (platform time).
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
    walk_began_at: Mapped[datetime | None]
    walk_oldest_at: Mapped[datetime | None]
    complete_from: Mapped[datetime | None]
    complete_to: Mapped[datetime | None]


class Reconciliation(Base):
    """A comparison of one stream's list on the platform with what is stored, page by page.

    state: `running`, `done`, `failed` (`error` says why). `cursor` is its own place in the list;
    `seen` items were listed, `found` of them were missing here and are stored now.
    """

    __tablename__ = "reconciliations"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(Id, ForeignKey("accounts.id", ondelete="CASCADE"))
    stream: Mapped[str]
    state: Mapped[str]
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    pages: Mapped[int] = mapped_column(default=0)
    seen: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    oldest_at: Mapped[datetime | None]
    error: Mapped[str | None]

    __table_args__ = (Index("ix_reconciliations_account", "account_id", "stream", "id"),)


class Reads(Base):
    """What was read of a stream on one UTC day: items and calls, for pace and money."""

    __tablename__ = "reads"

    account_id: Mapped[int] = mapped_column(
        Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    stream: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    items: Mapped[int] = mapped_column(default=0)
    calls: Mapped[int] = mapped_column(default=0)


class Outage(Base):
    """A time in which an account did not deliver, told once when it began and once when it ended.

    `level` grows: stale, alarm, critical. `arrived` messages came when it was over, `late` of them
    past their due time. A notice is mailed until a server has taken it.
    """

    __tablename__ = "outages"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(Id, ForeignKey("accounts.id", ondelete="CASCADE"))
    silent_since: Mapped[datetime]
    began_at: Mapped[datetime]
    level: Mapped[str]
    reason: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    arrived: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    began_mailed_at: Mapped[datetime | None]
    ended_mailed_at: Mapped[datetime | None]
    mail_not_before: Mapped[datetime | None]
    mail_failures: Mapped[int] = mapped_column(default=0)
    mailed: Mapped[list[Any]] = mapped_column(default=list)  # "began ada@…", "ended ada@…"

    __table_args__ = (Index("ix_outages_account", "account_id", "id"),)


class OAuthStart(Base):
    """A sign-in under way on a platform's page, bound to the browser session that began it.

    Only a hash of the `state` parameter is kept. `sealed` holds what the answer is finished with:
    the code verifier and the credentials entered.
    """

    __tablename__ = "oauth_starts"

    state_hash: Mapped[str] = mapped_column(primary_key=True)
    session_hash: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("accounts.id", ondelete="CASCADE")
    )
    channel: Mapped[str]
    handle: Mapped[str]
    base_url: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sealed: Mapped[str]
    created_at: Mapped[datetime]


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
    """A webhook call taken, by its event id or else its body: a replay is refused, and so is one id
    with two bodies."""

    __tablename__ = "hook_events"

    account_id: Mapped[int] = mapped_column(
        Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    event_id: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    at: Mapped[datetime]
