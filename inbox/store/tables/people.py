"""Who signs in, and what they did."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class User(Base):
    """A person of the team. Without `password_hash` a name only (from an import): no sign-in.

    `totp_secret` is encrypted. The second step is asked for once `totp_since` is set; `totp_step`
    is the newest 30-second step whose code was used, so that none is taken twice. Warnings from the
    part `warn_by_mail` on, in percent, are mailed, too; 0: none is. `presence` is what the person
    chose at `presence_at` (see `domain.presence`). `languages` (two letters) and `skills`
    (categories) are what rules give to them, none means any, and `capacity` how many at once.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str]
    role: Mapped[str]  # agent, lead, admin, auditor
    password_hash: Mapped[str | None]
    locale: Mapped[str | None]
    theme: Mapped[str | None]  # light, dark; None follows the system
    density: Mapped[str | None]  # compact; None is comfortable
    zone: Mapped[str | None]  # IANA name, for the roster; None is the brand's
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    totp_secret: Mapped[str | None]
    totp_since: Mapped[datetime | None]
    totp_step: Mapped[int | None]
    warn_by_mail: Mapped[int] = mapped_column(default=90, server_default="90")
    desktop: Mapped[str | None]  # notices there: None not, else the quiet hours ("22:00-07:00")
    presence: Mapped[str] = mapped_column(default="online", server_default="online")
    presence_at: Mapped[datetime | None]
    languages: Mapped[list[Any]] = mapped_column(default=list)
    skills: Mapped[list[Any]] = mapped_column(default=list)
    capacity: Mapped[int] = mapped_column(default=10, server_default="10")


class RecoveryCode(Base):
    """A code that stands in once for the second step. Only its hash is kept."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    used_at: Mapped[datetime | None]


class Invitation(Base):
    """Someone who may join. It is deleted when accepted or withdrawn; the audit log remembers."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    role: Mapped[str]
    token_hash: Mapped[str | None] = mapped_column(unique=True)  # None until its mail is made
    invited_by: Mapped[str]  # an e-mail address, or "cli"
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Letter(Base):
    """A mail with a link that is still to leave. The link is made when the mail is, never stored.

    One for each person (a forgotten password) or invitation; deleted when the server took it.
    `error` is what the server said when it refused the mail for good.
    """

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("users.id", ondelete="CASCADE"), unique=True
    )
    invitation_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("invitations.id", ondelete="CASCADE"), unique=True
    )
    asked_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    error: Mapped[str | None]


class UserSession(Base):
    """A signed-in browser. Only a hash of its cookie is kept.

    `browser` is what it calls itself ("Firefox, Linux"). With `half` the password was right and
    the second step is still to come: it opens nothing but that page.
    """

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    browser: Mapped[str] = mapped_column(default="")
    half: Mapped[bool] = mapped_column(default=False)


class OneTimeLink(Base):
    """A link that works once: `setup` creates the first admin, `reset:12` sets a new password."""

    __tablename__ = "one_time_links"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Throttle(Base):
    """Failed sign-ins per key (address or account name), for the wait before the next try."""

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class Audit(Base):
    """What was done by whom, written in the transaction that did it."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]  # an e-mail address, or "system", "cli"
    action: Mapped[str]
    subject: Mapped[str]  # "conversation:12", "account:3"
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (
        Index("ix_audit_subject", "subject", "id"),
        Index("ix_audit_time", "at", "id"),
        Index("ix_audit_actor_time", "actor", "at", "id"),
        Index("ix_audit_action_time", "action", "at", "id"),
    )
