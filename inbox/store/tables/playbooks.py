"""What to do about a topic, and which of its steps were done in which conversation."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class PlaybookRow(Base):
    """A playbook as it is now. `place` is a category or `category.topic`; `written` has its texts
    and the shortcuts of its answers."""

    __tablename__ = "playbooks"

    place: Mapped[str] = mapped_column(primary_key=True)
    written: Mapped[dict[str, Any]]
    version: Mapped[int]
    changed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class PlaybookVersion(Base):
    """What a playbook was from `at` on, by whom; `written` is null when it was removed."""

    __tablename__ = "playbook_versions"

    place: Mapped[str] = mapped_column(
        ForeignKey("playbooks.place", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    written: Mapped[dict[str, Any] | None]
    by: Mapped[str]  # an e-mail address, or "cli"
    at: Mapped[datetime]


class PlaybookTick(Base):
    """A step of `version` that was done in a conversation. All ticks of a conversation and place
    are of one version: the one that stood when the first of them was made."""

    __tablename__ = "playbook_ticks"

    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[str] = mapped_column(
        ForeignKey("playbooks.place", ondelete="CASCADE"), primary_key=True
    )
    step: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    by: Mapped[str]  # an e-mail address
    at: Mapped[datetime]
