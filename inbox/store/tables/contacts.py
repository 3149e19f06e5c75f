"""What the team knows of a person: tags and notes. The identities are `Contact`."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class ContactTag(Base):
    """A tag of one identity; its person has those of all identities."""

    __tablename__ = "contact_tags"

    contact_id: Mapped[int] = mapped_column(
        Id, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (Index("ix_contact_tags_tag", "tag", "contact_id"),)


class ContactNote(Base):
    """What somebody of the team wrote down about a person. `search_text` is what searches read
    (`domain.search`); on SQLite the full-text table `note_words` indexes it."""

    __tablename__ = "contact_notes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(
        Id, ForeignKey("contacts.id", ondelete="CASCADE"), index=True
    )
    author_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id"))
    text: Mapped[str]
    search_text: Mapped[str]
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
