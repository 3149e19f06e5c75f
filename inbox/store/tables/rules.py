"""Routing rules as versioned data, and what they did."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id, WholeVersion


class RuleVersion(WholeVersion, Base):
    """All rules, as a document of `domain.rules_written`."""

    __tablename__ = "rule_versions"


class RuleRun(Base):
    """One action of one rule on one message: at most once, whatever comes again.

    `state`: `done`, `failed` (`reason` says why), or, where the platform is asked, `waiting` and
    then `asked`, which a process that died in between leaves. `value` is the action's.
    """

    __tablename__ = "rule_runs"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    rule: Mapped[str]
    version: Mapped[int]
    message_id: Mapped[int] = mapped_column(Id, ForeignKey("messages.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    action: Mapped[str]
    value: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("message_id", "rule", "action", "value"),
        Index("ix_rule_runs_rule", "rule", "at"),
        Index(
            "ix_rule_runs_waiting",
            "id",
            sqlite_where=sql("state = 'waiting'"),
            postgresql_where=sql("state = 'waiting'"),
        ),
    )
