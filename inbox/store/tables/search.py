"""What searches read: folded copies of messages and of customers' names.

On SQLite the full-text tables `message_words`, `contact_words` and `team_note_words` index them
(kept by triggers, migrations 0008 and 0034), on PostgreSQL the indexes below.
"""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id

LEXEMES = "array_to_tsvector(string_to_array(btrim(search_text), ' '))"
"""PostgreSQL: the words of a `search_text` as they are, without a parser."""
PAIRED_LEXEMES = "search_lexemes(search_text)"
"""The same, and each pair of characters that are words (migration 0039; `domain.search.paired`)."""


class MessageSearch(Base):
    """A message's `search_text` (`domain.search`). `key` grows with its platform time."""

    __tablename__ = "message_search"

    key: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(
        Id, ForeignKey("messages.id", ondelete="CASCADE"), unique=True
    )
    search_text: Mapped[str]


class NoteSearch(Base):
    """The `search_text` of a note that the team wrote in a conversation; `key` as a message's."""

    __tablename__ = "note_search"

    key: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    note_id: Mapped[int] = mapped_column(
        Id, ForeignKey("notes.id", ondelete="CASCADE"), unique=True
    )
    search_text: Mapped[str]


class ContactSearch(Base):
    """A customer's name, handle and id on the platform as a `search_text`."""

    __tablename__ = "contact_search"

    contact_id: Mapped[int] = mapped_column(
        Id, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    search_text: Mapped[str]
