"""Many people who write about the same thing."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id

_OPEN = sql("closed_at IS NULL")


class Surge(Base):
    """One matter that many ask about at once (`domain.surges`).

    `since` and `last_at` are when the first and the last of its people came, `people` how many they
    are, `growing` whether they come much faster than before: kept by `flows.surging`. `sample` is
    the most typical message, `centre` and `topic` are what later messages are compared with
    (`classifier.alike`). `texts` are the answer's words by language as they were written last.
    `closed_by` is an e-mail address, or "system" when nobody waits there any more. `told_at` is
    when leads were told that it grows.
    """

    __tablename__ = "surges"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    found_at: Mapped[datetime]
    since: Mapped[datetime]
    last_at: Mapped[datetime]
    people: Mapped[int]
    growing: Mapped[bool] = mapped_column(default=False)
    sample: Mapped[int] = mapped_column(Id)
    topic: Mapped[str]
    centre: Mapped[list[Any]] = mapped_column(deferred=True)
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    texts_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    told_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_surges_open", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_surges_last", "last_at"),
    )


class SurgeMember(Base):
    """A conversation in a surge, with the wait that `opener` (a message) began at `at`.

    `person` is whom the conversation is with (`contacts.person_id`, else the contact). `job_id` is
    the job that answers it; without one it is offered, unless it was left `out`.
    """

    __tablename__ = "surge_members"

    surge_id: Mapped[int] = mapped_column(
        Id, ForeignKey("surges.id", ondelete="CASCADE"), primary_key=True
    )
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    opener: Mapped[int] = mapped_column(Id)
    person: Mapped[int] = mapped_column(Id)
    at: Mapped[datetime]
    joined_at: Mapped[datetime]
    out: Mapped[bool] = mapped_column(default=False)
    job_id: Mapped[int | None] = mapped_column(Id)
