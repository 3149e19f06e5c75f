"""What a team does over a conversation: notes, who follows it, and drafts."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class Note(Base):
    """Words for the team alone: never sent, and no clock knows of them.

    `form_key` makes a double click one note. `told` are the people it mentions:
    [user id, e-mail].
    """

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    form_key: Mapped[str] = mapped_column(unique=True)
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE")
    )
    agent_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id"))
    text: Mapped[str]
    told: Mapped[list[Any]] = mapped_column(default=list)
    findings: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[datetime]

    __table_args__ = (Index("ix_notes_conversation", "conversation_id", "id"),)


class Follower(Base):
    """Who is told of a conversation's new messages. why: `self`, `mention`, `assigned`."""

    __tablename__ = "followers"

    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    why: Mapped[str]
    since: Mapped[datetime]


class Draft(Base):
    """What somebody is writing in a conversation: an answer (`mode` public, private) or a note.

    `key` is that of the form in which it stands, on whatever device: once that form was sent, the
    draft is gone, and no late save brings it back. `files` came back with words that were sent.
    """

    __tablename__ = "drafts"

    user_id: Mapped[int] = mapped_column(
        Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    key: Mapped[str]
    mode: Mapped[str]
    words: Mapped[str]
    files: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[datetime]
