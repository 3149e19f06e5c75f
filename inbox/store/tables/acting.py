"""Several actions at once: macros, what was done by them, and jobs over many conversations."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id

_RUNS = sql("finished_at IS NULL")


class Macro(Base):
    """Actions under a name; see `domain.actions`."""

    __tablename__ = "macros"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    actions: Mapped[dict[str, Any]]
    uses: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]  # an e-mail address, or "cli"
    removed_at: Mapped[datetime | None]


class BulkJob(Base):
    """The same actions on many conversations, one after the other, each by itself.

    With `undo_at` what was done is being taken back, by `undo_by`.
    """

    __tablename__ = "bulk_jobs"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    agent_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id"))
    name: Mapped[str]
    actions: Mapped[dict[str, Any]]
    total: Mapped[int]
    made_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    undo_at: Mapped[datetime | None]
    undo_by: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id"))

    __table_args__ = (
        Index("ix_bulk_jobs_unfinished", "id", sqlite_where=_RUNS, postgresql_where=_RUNS),
    )


class ActionRun(Base):
    """Actions on one conversation: `waiting`, `done`, `refused` (`why` in plain words) or `undone`.

    `key` makes a double click one run; `shown` is the last message that was seen when it was asked
    for. `did` is the account of what was done, each with what taking it back needs; `undone` is
    that of taking it back.
    """

    __tablename__ = "action_runs"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    job_id: Mapped[int | None] = mapped_column(Id, ForeignKey("bulk_jobs.id", ondelete="CASCADE"))
    macro_id: Mapped[int | None] = mapped_column(Id)
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    agent_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id"))
    name: Mapped[str]
    shown: Mapped[int] = mapped_column(Id)
    state: Mapped[str]
    at: Mapped[datetime]
    did: Mapped[list[Any]] = mapped_column(default=list)
    why: Mapped[str | None]
    undone: Mapped[list[Any]] = mapped_column(default=list)
    undone_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_action_runs_job", "job_id", "state", "id"),)
