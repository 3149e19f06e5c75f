"""Programs that come in by token, and the answers that their calls were given."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class ApiToken(Base):
    """A person's key for a program. Only a hash of it is kept; `starts` is its beginning, by which
    people tell one from another."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    starts: Mapped[str]
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiAnswer(Base):
    """A call with an idempotency key, and what it was answered.

    `asked` is a hash of method, path and body. Without `status` the call is under way, since
    `claimed_at`.
    """

    __tablename__ = "api_answers"

    token_id: Mapped[int] = mapped_column(
        Id, ForeignKey("api_tokens.id", ondelete="CASCADE"), primary_key=True
    )
    key_hash: Mapped[str] = mapped_column(primary_key=True)
    asked: Mapped[str]
    claimed_at: Mapped[datetime]
    status: Mapped[int | None]
    body: Mapped[str | None]

    __table_args__ = (Index("ix_api_answers_claimed_at", "claimed_at"),)
