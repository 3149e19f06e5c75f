"""What ends a wait besides an answer, the evidence of every turn, and what turns are judged by."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class Step(Base):
    """A person's step in a conversation: `excuse`, or a kind of `domain.conversation.EVENT_OF`.

    `wake` ends a snooze and has no agent. Steps of one instant by one agent were one press. One
    that was undone is no fact any more.
    """

    __tablename__ = "steps"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id"))
    reason: Mapped[str | None]
    seen: Mapped[int] = mapped_column(Id)  # the last stored message on the page
    until: Mapped[datetime | None]  # when a snooze is to end
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]

    __table_args__ = (Index("ix_steps_kind", "kind", "at", "conversation_id"),)


class TurnRow(Base):
    """One evaluation of one turn. Appended, never changed but for `superseded_at` (law 4).

    Ids of messages, instants in UTC; `policy` and `calendar` with their versions as they were used.
    """

    __tablename__ = "turns"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE")
    )
    seq: Mapped[int]
    episode: Mapped[int]
    is_first: Mapped[bool]
    opened_by: Mapped[int] = mapped_column(Id)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    internal_due_at: Mapped[datetime | None]
    end: Mapped[str | None]  # answered, excused, withdrawn
    ended_by: Mapped[int | None] = mapped_column(Id)
    ended_at: Mapped[datetime | None]
    agent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id"))
    outside: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None]
    policy: Mapped[dict[str, Any]]
    calendar: Mapped[dict[str, Any]]
    evaluated_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_turns_conversation", "conversation_id", "superseded_at", "seq"),
        Index("ix_turns_due", "due_at"),
        Index("ix_turns_opened", "opened_at"),
        Index("ix_turns_ended", "ended_at", "opened_at"),
    )


class PolicyVersion(Base):
    """The whole set of policies as of one change; never changed but for `applied_at`.

    `said` is a document of `domain.written`, whose policies name the version that changed them
    last. `since` is when it came into force (see `domain.promises`), `restores` the version that it
    says again. `applied_at` is null until the turns that it judges are evaluated.
    """

    __tablename__ = "policy_versions"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    said: Mapped[dict[str, Any]]
    since: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    restores: Mapped[int | None]
    applied_at: Mapped[datetime | None]


class CalendarVersion(Base):
    """One version of a named calendar, as `PolicyVersion`.

    `published` are its countries' days as they were known then: (ISO date, kind, name); `not_final`
    the years of which some are not published yet. `zone` is the one it counts in, the brand's of
    then where `said` names none; null before there is a brand. One that follows another has its
    name in `base` and its own days in `exceptions`; `said` is what both together say.
    """

    __tablename__ = "calendar_versions"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    number: Mapped[int]
    said: Mapped[dict[str, Any]]
    published: Mapped[list[Any]]
    not_final: Mapped[list[Any]]
    zone: Mapped[str | None]
    since: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    restores: Mapped[int | None]
    applied_at: Mapped[datetime | None]
    base: Mapped[str | None]
    exceptions: Mapped[dict[str, Any] | None]

    __table_args__ = (UniqueConstraint("name", "number"),)


class TeamCalendarVersion(Base):
    """Which accounts count by a team's calendar as of one change; as `PolicyVersion`.

    `said` has one {account, team, calendar} for each; the team by its name of then.
    """

    __tablename__ = "team_calendar_versions"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    said: Mapped[list[Any]]
    since: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    applied_at: Mapped[datetime | None]
