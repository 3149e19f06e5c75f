"""Trainings of the classifier from the team's corrections, and the versions that came of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class Training(Base):
    """One training: asked for, under way, and what came of it.

    `said` is its progress, each `{at, words}`. `up_to` is the newest tagging that it learned from.
    `against` is the version that served when it began (null: the shipped one).
    """

    __tablename__ = "trainings"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    state: Mapped[str]  # queued, running, activated, kept, refused, failed
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    corrections: Mapped[int] = mapped_column(default=0)
    up_to: Mapped[int] = mapped_column(Id, default=0)
    against: Mapped[str | None]
    said: Mapped[list[Any]] = mapped_column(default=list)
    version: Mapped[str | None]
    reason: Mapped[str | None]

    __table_args__ = (
        Index(
            "uq_trainings_under_way",
            "state",
            unique=True,
            sqlite_where=sql("state IN ('queued', 'running')"),
            postgresql_where=sql("state IN ('queued', 'running')"),
        ),
    )


class ModelVersion(Base):
    """A model trained later than the shipped one; its files lie in the data folder.

    No row is `serving`: the shipped model serves. `gate` and `scores` are what the training
    measured; a refused version has figures, but no files.
    """

    __tablename__ = "model_versions"

    version: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]  # candidate, serving, earlier, refused
    training_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("trainings.id", ondelete="SET NULL")
    )
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    corrections: Mapped[int]
    gate: Mapped[dict[str, Any]]
    scores: Mapped[dict[str, Any]]

    __table_args__ = (
        Index(
            "uq_model_versions_serving",
            "state",
            unique=True,
            sqlite_where=sql("state = 'serving'"),
            postgresql_where=sql("state = 'serving'"),
        ),
    )
