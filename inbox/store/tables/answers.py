"""Answers that are written once and sent often."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id

_STANDS = sql("removed_at IS NULL")


class CannedAnswer(Base):
    """A canned answer as it is now; `texts` by language. `owner` 0 is the team's, else the id of
    the person who alone has it. A shortcut is free again once its answer is removed."""

    __tablename__ = "canned_answers"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    owner: Mapped[int] = mapped_column(Id, default=0)
    name: Mapped[str]
    shortcut: Mapped[str]
    texts: Mapped[dict[str, Any]]
    category: Mapped[str] = mapped_column(default="")
    topic: Mapped[str] = mapped_column(default="")
    uses: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
    version: Mapped[int]
    changed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_canned_answers_shortcut",
            "owner",
            "shortcut",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )


class CannedVersion(Base):
    """What a canned answer was from `at` on, by whom; `written` is its content, null when it was
    removed."""

    __tablename__ = "canned_versions"

    canned_id: Mapped[int] = mapped_column(
        Id, ForeignKey("canned_answers.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    written: Mapped[dict[str, Any] | None]
    by: Mapped[str]  # an e-mail address, or "cli"
    at: Mapped[datetime]
