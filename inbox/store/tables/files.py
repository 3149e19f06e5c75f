"""Files that messages carry, in and out, and their bytes."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class File(Base):
    """One file of a message (`message_id`), of a reply on its way out (`outbox_id`), or both.

    state: `waiting` (to be fetched from the platform), `stored`, `refused` (never to be had: see
    `reason`), `draft` (uploaded by `agent_id` for an answer in `conversation_id` that is not queued
    yet). `claimed` is the type that the sender named; `mime` was read from the bytes and alone
    counts. `source` is the `Attachment` as the platform named it. `previewed`: there is a picture.
    """

    __tablename__ = "files"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(Id, ForeignKey("accounts.id", ondelete="CASCADE"))
    conversation_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    message_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    outbox_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("outbox.id", ondelete="CASCADE"), index=True
    )
    agent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id"))
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    claimed: Mapped[str | None]
    mime: Mapped[str | None]
    size: Mapped[int | None] = mapped_column(Id)
    sha256: Mapped[str | None]
    state: Mapped[str]
    reason: Mapped[str | None]
    previewed: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    source: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_files_state", "state", "account_id", "id"),)


class FileContent(Base):
    """The bytes, in a table of their own, so that no list ever loads them."""

    __tablename__ = "file_contents"

    file_id: Mapped[int] = mapped_column(
        Id, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)
    preview: Mapped[bytes | None] = mapped_column(LargeBinary)
