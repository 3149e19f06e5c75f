"""Conversations, their messages, and what is said about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class Contact(Base):
    """A customer as one account knows them: one identity of a person.

    `joined_to` is the identity that somebody joined this one to, `person_id` the one that the whole
    person is named after; null while the identity is alone. The marks are the identity's own: a
    person has those of all identities (`store.persons`).
    """

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(Id, ForeignKey("accounts.id", ondelete="CASCADE"))
    external_id: Mapped[str]
    handle: Mapped[str | None]
    name: Mapped[str | None]
    created_at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(Id)
    joined_to: Mapped[int | None] = mapped_column(Id)
    joined_at: Mapped[datetime | None]
    joined_by: Mapped[str | None]
    vip: Mapped[bool] = mapped_column(default=False)
    muted: Mapped[bool] = mapped_column(default=False)
    blocked: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        Index("ix_contacts_person", "person_id"),
        *(
            Index(f"ix_contacts_{mark}", "id", sqlite_where=sql(mark), postgresql_where=sql(mark))
            for mark in ("vip", "muted", "blocked")
        ),
    )


class ContactAlias(Base):
    """Another id of the same person on the same account; the contact keeps its first one."""

    __tablename__ = "contact_aliases"

    account_id: Mapped[int] = mapped_column(
        Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    alias: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str]


QUEUE = "status = 'open' AND assignee_id IS NULL AND due_at IS NOT NULL"
"""What waits for somebody to take it."""


class Conversation(Base):
    """One customer's matter on one account: (account, platform's thread, customer).

    `due_at`, `opened_at`, `opened_by` describe the open turn, null when nobody waits. They,
    `status`, the tag and the counts are kept by `flows.refold` alone; `dirty` marks a row whose
    newest messages it has not seen yet (an import folds once, after all lines are in).
    `back_at` is when a snooze ends, `assigned_at` when it was last given to somebody, or taken.
    `window_closes_at` ends the platform's own time for a private answer. Conversations of one
    `case_id` (the id of one of them) are one matter that a person has in several places.
    `look_wanted_at`: someone opened it, and the platform is to be asked for edits and deletions;
    `looked_at` is when that was done last. `warn_at` is when `flows.warnings` is to look next; no
    wait that a message up to `quiet_up_to` opened is warned of (imported history). `complaint_id`
    is the newest complaint that stands, `complaint_due_at` its next deadline while it is open.
    `team_id`: it was left to this team, of whom somebody gets it by rule; it hides nothing.
    """

    __tablename__ = "conversations"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(Id, ForeignKey("accounts.id", ondelete="CASCADE"))
    thread: Mapped[str]
    contact_id: Mapped[int] = mapped_column(Id, ForeignKey("contacts.id"))
    kind: Mapped[str]
    visibility: Mapped[str]
    subject: Mapped[str | None]
    token: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]  # of domain.conversation.STATES
    assignee_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id"))
    category: Mapped[str | None]
    category_confidence: Mapped[float | None]
    urgency: Mapped[str | None]
    urgency_confidence: Mapped[float | None]
    alternatives: Mapped[list[Any]] = mapped_column(default=list)
    lang: Mapped[str | None]
    needs_review: Mapped[bool] = mapped_column(default=False)
    labels: Mapped[list[Any]] = mapped_column(default=list)
    outside: Mapped[bool] = mapped_column(default=False)
    topic: Mapped[str | None]
    tone: Mapped[str | None]
    tagged_by: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id"))
    findings: Mapped[list[Any]] = mapped_column(default=list)
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[int | None] = mapped_column(Id)
    due_at: Mapped[datetime | None]
    internal_due_at: Mapped[datetime | None]
    last_message_at: Mapped[datetime]
    last_message_id: Mapped[int | None] = mapped_column(Id)
    last_is_ours: Mapped[bool] = mapped_column(default=False)
    preview: Mapped[str] = mapped_column(default="")
    read_up_to: Mapped[int] = mapped_column(Id, default=0)
    unread: Mapped[int] = mapped_column(default=0)
    dirty: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    window_closes_at: Mapped[datetime | None]
    case_id: Mapped[int | None] = mapped_column(Id)
    back_at: Mapped[datetime | None]
    look_wanted_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]
    quiet_up_to: Mapped[int] = mapped_column(Id, default=0, server_default="0")
    assigned_at: Mapped[datetime | None]
    complaint_id: Mapped[int | None] = mapped_column(Id)
    complaint_due_at: Mapped[datetime | None]
    team_id: Mapped[int | None] = mapped_column(Id)

    __table_args__ = (
        UniqueConstraint("account_id", "thread", "contact_id"),
        Index("ix_conversations_case", "case_id"),
        Index("ix_conversations_look", "look_wanted_at"),
        Index(
            "ix_conversations_back",
            "back_at",
            sqlite_where=sql("back_at IS NOT NULL"),
            postgresql_where=sql("back_at IS NOT NULL"),
        ),
        Index("ix_conversations_dirty", "dirty"),
        Index("ix_conversations_due", "status", "due_at", "id", "contact_id", "account_id"),
        Index("ix_conversations_recent", "status", "last_message_at", "id"),
        Index("ix_conversations_contact", "contact_id", "id"),
        Index("ix_conversations_newest", "last_message_at", "id"),
        Index("ix_conversations_tag", "category", "urgency", "last_message_at"),
        Index(
            "ix_conversations_unread",
            "last_message_at",
            "id",
            sqlite_where=sql("unread > 0"),
            postgresql_where=sql("unread > 0"),
        ),
        Index(
            "ix_conversations_warn",
            "warn_at",
            "id",
            sqlite_where=sql("warn_at IS NOT NULL"),
            postgresql_where=sql("warn_at IS NOT NULL"),
        ),
        Index("ix_conversations_account", "account_id", "status", "last_message_at", "id"),
        Index("ix_conversations_lang", "lang", "last_message_at", "id"),
        Index(
            "ix_conversations_queue",
            "due_at",
            "id",
            sqlite_where=sql(QUEUE),
            postgresql_where=sql(QUEUE),
        ),
        Index(
            "ix_conversations_complaint",
            "last_message_at",
            "id",
            sqlite_where=sql("complaint_id IS NOT NULL"),
            postgresql_where=sql("complaint_id IS NOT NULL"),
        ),
        Index(
            "ix_conversations_team",
            "team_id",
            sqlite_where=sql("team_id IS NOT NULL"),
            postgresql_where=sql("team_id IS NOT NULL"),
        ),
        Index(
            "ix_conversations_unread_counted",
            *("status", "unread", "contact_id", "account_id"),
            sqlite_where=sql("unread > 0"),
            postgresql_where=sql("unread > 0"),
        ),
        Index(
            "ix_conversations_mine",
            *("assignee_id", "status", "due_at", "id", "contact_id", "account_id"),
        ),
        Index(
            "ix_conversations_critical",
            *("status", "urgency", "internal_due_at", "id", "contact_id", "account_id"),
            sqlite_where=sql("internal_due_at IS NOT NULL"),
            postgresql_where=sql("internal_due_at IS NOT NULL"),
        ),
        Index("ix_conversations_mine_recent", "assignee_id", "status", "last_message_at", "id"),
    )


class Message(Base):
    """One stored message. `id` grows in the order of storing within an account.

    role: `customer`, `ours`, `third` (context only). `agent_id` is set when a person of the team
    wrote it here; ours without it and not automated came from a person outside.
    `conversation_id` is null for context, and for an answer whose customer has not been seen yet.
    `opener_id` is the message that opened the turn to which a customer's message belongs.
    `time_cut` marks a platform time later than storing, cut to it. `marks` are what moderation did
    (hidden, liked …). `wants_parents`: the posts above it are not stored yet and are asked for.
    """

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(Id, ForeignKey("accounts.id", ondelete="CASCADE"))
    external_id: Mapped[str]
    thread: Mapped[str]
    conversation_id: Mapped[int | None] = mapped_column(Id, ForeignKey("conversations.id"))
    direction: Mapped[str]
    role: Mapped[str]
    kind: Mapped[str]
    visibility: Mapped[str]
    author_id: Mapped[str | None]
    author_handle: Mapped[str | None]
    author_name: Mapped[str | None]
    text: Mapped[str]
    subject: Mapped[str | None]
    sent_at: Mapped[datetime]
    sent_at_source: Mapped[str]  # platform, ours (no platform time was given)
    time_cut: Mapped[bool] = mapped_column(default=False)
    stored_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failed_why: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    wants_parents: Mapped[bool] = mapped_column(default=False)
    marks: Mapped[list[Any]] = mapped_column(default=list)
    in_reply_to: Mapped[str | None]
    automated: Mapped[bool] = mapped_column(default=False)
    agent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id"))
    outbox_id: Mapped[int | None] = mapped_column(Id)
    opener_id: Mapped[int | None] = mapped_column(Id)
    message_id: Mapped[str | None]
    digest: Mapped[str | None]
    attachments: Mapped[list[Any]] = mapped_column(default=list)
    can_reply_publicly: Mapped[bool] = mapped_column(default=True)
    reply_note: Mapped[str | None]
    platform: Mapped[dict[str, Any]] = mapped_column(default=dict)
    findings: Mapped[list[Any]] = mapped_column(default=list)
    category: Mapped[str | None]
    category_confidence: Mapped[float | None]
    urgency: Mapped[str | None]
    urgency_confidence: Mapped[float | None]
    alternatives: Mapped[list[Any]] = mapped_column(default=list)
    lang: Mapped[str | None]
    needs_review: Mapped[bool] = mapped_column(default=False)
    labels: Mapped[list[Any]] = mapped_column(default=list)
    outside: Mapped[bool] = mapped_column(default=False)
    topic: Mapped[str | None]
    tone: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        Index("ix_messages_conversation", "conversation_id", "id"),
        Index("ix_messages_conversation_time", "conversation_id", "sent_at", "id"),
        Index("ix_messages_thread", "account_id", "thread"),
        Index("ix_messages_message_id", "account_id", "message_id"),
        Index("ix_messages_sent", "sent_at", "role"),
        Index(
            "ix_messages_wants_parents",
            "account_id",
            sqlite_where=sql("wants_parents"),
            postgresql_where=sql("wants_parents"),
        ),
    )


class MessageVersion(Base):
    """What a message said before an edit."""

    __tablename__ = "message_versions"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    message_id: Mapped[int] = mapped_column(
        Id, ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    text: Mapped[str]
    until: Mapped[datetime]


class ThreadAlias(Base):
    """Which thread an e-mail Message-ID belongs to, so that replies join whatever arrives first."""

    __tablename__ = "thread_aliases"

    account_id: Mapped[int] = mapped_column(
        Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    alias: Mapped[str] = mapped_column(primary_key=True)
    thread: Mapped[str]


class Happening(Base):
    """What a platform told of a message by its name alone: `deleted`, `sent`, `delivered`, `read`,
    `failed`. Kept, because it may be told before the message is stored.

    `subject` is `id:<external id>` or `key:<outbox key>`.
    """

    __tablename__ = "happenings"

    account_id: Mapped[int] = mapped_column(
        Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    subject: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    reason: Mapped[str | None]
    stored_at: Mapped[datetime]


class Tagging(Base):
    """One tag given to one turn (named by its opening message); the newest by `at` holds.

    With `agent_id` it is a correction, and `before_*` is the tag that the agent saw. `repeats` is
    the tagging of which this is a copy, because an older message opens the turn now: no second
    correction. `topic` is the sub-topic within the category.
    """

    __tablename__ = "taggings"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE")
    )
    opener_id: Mapped[int] = mapped_column(Id)
    category: Mapped[str | None]
    urgency: Mapped[str | None]
    topic: Mapped[str | None]
    before_category: Mapped[str | None]
    before_urgency: Mapped[str | None]
    before_topic: Mapped[str | None]
    agent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id"))
    repeats: Mapped[int | None] = mapped_column(Id)
    at: Mapped[datetime]

    __table_args__ = (
        Index("ix_taggings_turn", "conversation_id", "opener_id", "id"),
        Index(
            "ix_taggings_corrections",
            "id",
            sqlite_where=sql("agent_id IS NOT NULL"),
            postgresql_where=sql("agent_id IS NOT NULL"),
        ),
    )
