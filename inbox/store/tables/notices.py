"""Who of the team was told of what, in the app and by mail."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id

UNSETTLED = "settled_at IS NULL AND warning_id IS NULL"


class Notice(Base):
    """One person told by one channel.

    `kind`: `warning` of a wait (with `warning_id`; `why`: assignee, lead, wide), `webhook` that was
    switched off (`endpoint_id`), or what colleagues and customers did in a conversation: `mention`,
    `assigned`, `answered` (a colleague was first), `message` (where one follows), `stopped` (one's
    own answer that was to leave later; `why`: customer, answered). `by` is whose doing it was,
    `words` are the first of what was written.

    `approval` says that an answer waits for it, `approved` and `sent_back` what became of one's
    own. `surge` (with `surge_id`): many write about the same thing, `times` are how many people,
    `why` is the category. `rule`: a routing rule of the name `by` asked to tell of a message.

    `channel` app: `unread`, `read`. `channel` mail: `waiting`, `sent`, `quiet` (nothing was left to
    tell before the mail left), `refused`. Of one kind about one conversation, warnings apart, at
    most one is unread: what comes meanwhile is counted in `times`. Lines that leave in one mail
    have the same `batch`, fixed before the first try, so that its Message-ID is, too.
    """

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    channel: Mapped[str]
    kind: Mapped[str]
    conversation_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    warning_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("turn_warnings.id", ondelete="CASCADE")
    )
    endpoint_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("hook_endpoints.id", ondelete="CASCADE"), index=True
    )
    surge_id: Mapped[int | None] = mapped_column(Id)
    why: Mapped[str] = mapped_column(default="")
    by: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    times: Mapped[int] = mapped_column(default=1)
    state: Mapped[str]
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    batch: Mapped[int | None] = mapped_column(Id)
    failures: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("warning_id", "user_id", "channel"),
        Index("ix_notices_of", "user_id", "channel", "state", "id"),
        Index("ix_notices_state", "channel", "state"),
        Index(
            "uq_notices_unsettled",
            *("user_id", "conversation_id", "kind", "channel"),
            unique=True,
            sqlite_where=sql(UNSETTLED),
            postgresql_where=sql(UNSETTLED),
        ),
        {"sqlite_autoincrement": True},  # what is told later has a higher number
    )
