"""Shifts as versioned data, swaps of them, and who is away."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id, WholeVersion


class RosterVersion(WholeVersion, Base):
    """All shifts, as a document of `domain.roster_written`."""

    __tablename__ = "roster_versions"


class SwapRow(Base):
    """One person instead of another on one date of a shift. `state`: see `domain.swaps`.

    `day` is the local date on which the shift begins, in the shift's zone.
    """

    __tablename__ = "swaps"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shift: Mapped[str]
    day: Mapped[date] = mapped_column(Date)
    gives_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    takes_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    state: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_swaps_day", "day"),)


class AbsenceRow(Base):
    """A person who is not there from an instant to another; no longer once `withdrawn_at`.

    From a calendar file: `uid` is what names it there, `import_id` brought it, `ended_by` is the
    import that withdrew it.
    """

    __tablename__ = "absences"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    uid: Mapped[str | None]
    import_id: Mapped[int | None] = mapped_column(Id)
    ended_by: Mapped[int | None] = mapped_column(Id)

    __table_args__ = (Index("ix_absences_ends_at", "ends_at"),)


class RosterImport(Base):
    """A calendar file that was taken in, and how many absences it added, changed and ended; of
    shifts, the `version` of the roster that it made."""

    __tablename__ = "roster_imports"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    file: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    added: Mapped[int]
    changed: Mapped[int]
    ended: Mapped[int]
    undone_at: Mapped[datetime | None]
    version: Mapped[int | None]


class RosterLink(Base):
    """A secret address at which a person's calendar program reads: their own shifts, or with
    `whole` everybody's. Only its hash is kept; ended or renewed, the row goes."""

    __tablename__ = "roster_links"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    whole: Mapped[bool]
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("user_id", "whole"),)
