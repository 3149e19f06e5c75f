"""Searches that are kept under a name."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id

TEAM = 0
"""`SavedView.whose` of what the whole team sees."""


class SavedView(Base):
    """A search under a name. `whose` is the person who alone sees it, or `TEAM`; `name_key` is what
    must be unique there (`domain.views.key_of`). `author_id` is null when an operator made it.

    It stays, for undoing, when it is removed.
    """

    __tablename__ = "saved_views"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    author_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    whose: Mapped[int] = mapped_column(Id)
    name: Mapped[str]
    name_key: Mapped[str]
    query: Mapped[str]
    position: Mapped[int]
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_saved_views_name",
            "whose",
            "name_key",
            unique=True,
            sqlite_where=sql("removed_at IS NULL"),
            postgresql_where=sql("removed_at IS NULL"),
        ),
    )
