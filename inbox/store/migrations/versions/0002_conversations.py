"""Conversations."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0002"
down_revision = "0001"

UTC = Utc()


def upgrade() -> None:
    _contacts()
    _thread_aliases()
    _conversations()
    _messages()
    _steps()
    _taggings()
    _turns()
    _message_versions()
    _outbox()


def downgrade() -> None:
    op.drop_table("outbox")
    op.drop_table("message_versions")
    op.drop_table("turns")
    op.drop_table("taggings")
    op.drop_table("steps")
    op.drop_table("messages")
    op.drop_table("conversations")
    op.drop_table("thread_aliases")
    op.drop_table("contacts")


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", Id, nullable=False),
        sa.Column(
            "account_id",
            Id,
            sa.ForeignKey("accounts.id", name="fk_contacts_account_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("handle", sa.String()),
        sa.Column("name", sa.String()),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.UniqueConstraint("account_id", "external_id", name="uq_contacts_account_id_external_id"),
    )


def _thread_aliases() -> None:
    op.create_table(
        "thread_aliases",
        sa.Column(
            "account_id",
            Id,
            sa.ForeignKey("accounts.id", name="fk_thread_aliases_account_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "alias", name="pk_thread_aliases"),
    )


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", Id, nullable=False),
        sa.Column(
            "account_id",
            Id,
            sa.ForeignKey("accounts.id", name="fk_conversations_account_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column(
            "contact_id",
            Id,
            sa.ForeignKey("contacts.id", name="fk_conversations_contact_id"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("subject", sa.String()),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column(
            "assignee_id", Id, sa.ForeignKey("users.id", name="fk_conversations_assignee_id")
        ),
        sa.Column("category", sa.String()),
        sa.Column("category_confidence", sa.Double()),
        sa.Column("urgency", sa.String()),
        sa.Column("urgency_confidence", sa.Double()),
        sa.Column("alternatives", Document, nullable=False),
        sa.Column("lang", sa.String()),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("tagged_by", Id, sa.ForeignKey("users.id", name="fk_conversations_tagged_by")),
        sa.Column("findings", Document, nullable=False),
        sa.Column("opened_at", UTC),
        sa.Column("opened_by", Id),
        sa.Column("due_at", UTC),
        sa.Column("internal_due_at", UTC),
        sa.Column("last_message_at", UTC, nullable=False),
        sa.Column("last_message_id", Id),
        sa.Column("last_is_ours", sa.Boolean(), nullable=False),
        sa.Column("preview", sa.String(), nullable=False),
        sa.Column("read_up_to", Id, nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.UniqueConstraint(
            "account_id",
            "thread",
            "contact_id",
            name="uq_conversations_account_id_thread_contact_id",
        ),
        sa.UniqueConstraint("token", name="uq_conversations_token"),
    )
    _conversations_indexes()


def _conversations_indexes() -> None:
    op.create_index("ix_conversations_contact", "conversations", ["contact_id", "id"])
    op.create_index("ix_conversations_dirty", "conversations", ["dirty"])
    op.create_index("ix_conversations_due", "conversations", ["status", "due_at", "id"])
    op.create_index(
        "ix_conversations_mine", "conversations", ["assignee_id", "status", "due_at", "id"]
    )
    op.create_index("ix_conversations_recent", "conversations", ["status", "last_message_at", "id"])


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", Id, nullable=False),
        sa.Column(
            "account_id",
            Id,
            sa.ForeignKey("accounts.id", name="fk_messages_account_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column(
            "conversation_id",
            Id,
            sa.ForeignKey("conversations.id", name="fk_messages_conversation_id"),
        ),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("author_id", sa.String()),
        sa.Column("author_handle", sa.String()),
        sa.Column("author_name", sa.String()),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("subject", sa.String()),
        sa.Column("sent_at", UTC, nullable=False),
        sa.Column("sent_at_source", sa.String(), nullable=False),
        sa.Column("time_cut", sa.Boolean(), nullable=False),
        sa.Column("stored_at", UTC, nullable=False),
        sa.Column("edited_at", UTC),
        sa.Column("deleted_at", UTC),
        sa.Column("failed_at", UTC),
        sa.Column("in_reply_to", sa.String()),
        sa.Column("automated", sa.Boolean(), nullable=False),
        sa.Column("agent_id", Id, sa.ForeignKey("users.id", name="fk_messages_agent_id")),
        sa.Column("outbox_id", Id),
        sa.Column("opener_id", Id),
        sa.Column("message_id", sa.String()),
        sa.Column("digest", sa.String()),
        sa.Column("attachments", Document, nullable=False),
        sa.Column("can_reply_publicly", sa.Boolean(), nullable=False),
        sa.Column("reply_note", sa.String()),
        sa.Column("platform", Document, nullable=False),
        sa.Column("findings", Document, nullable=False),
        sa.Column("category", sa.String()),
        sa.Column("category_confidence", sa.Double()),
        sa.Column("urgency", sa.String()),
        sa.Column("urgency_confidence", sa.Double()),
        sa.Column("alternatives", Document, nullable=False),
        sa.Column("lang", sa.String()),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("account_id", "external_id", name="uq_messages_account_id_external_id"),
    )
    op.create_index("ix_messages_conversation", "messages", ["conversation_id", "id"])
    op.create_index("ix_messages_message_id", "messages", ["account_id", "message_id"])
    op.create_index("ix_messages_sent", "messages", ["sent_at", "role"])
    op.create_index("ix_messages_thread", "messages", ["account_id", "thread"])


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("id", Id, nullable=False),
        sa.Column(
            "conversation_id",
            Id,
            sa.ForeignKey("conversations.id", name="fk_steps_conversation_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("agent_id", Id, sa.ForeignKey("users.id", name="fk_steps_agent_id")),
        sa.Column("reason", sa.String()),
        sa.Column("seen", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_steps"),
    )
    op.create_index("ix_steps_conversation_id", "steps", ["conversation_id"])


def _taggings() -> None:
    op.create_table(
        "taggings",
        sa.Column("id", Id, nullable=False),
        sa.Column(
            "conversation_id",
            Id,
            sa.ForeignKey(
                "conversations.id", name="fk_taggings_conversation_id", ondelete="CASCADE"
            ),
            nullable=False,
        ),
        sa.Column("opener_id", Id, nullable=False),
        sa.Column("category", sa.String()),
        sa.Column("urgency", sa.String()),
        sa.Column("agent_id", Id, sa.ForeignKey("users.id", name="fk_taggings_agent_id")),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_taggings"),
    )
    op.create_index("ix_taggings_turn", "taggings", ["conversation_id", "opener_id", "id"])


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("id", Id, nullable=False),
        sa.Column(
            "conversation_id",
            Id,
            sa.ForeignKey("conversations.id", name="fk_turns_conversation_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("opened_by", Id, nullable=False),
        sa.Column("opened_at", UTC, nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("internal_due_at", UTC),
        sa.Column("end", sa.String()),
        sa.Column("ended_by", Id),
        sa.Column("ended_at", UTC),
        sa.Column("agent_id", Id, sa.ForeignKey("users.id", name="fk_turns_agent_id")),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("policy", Document, nullable=False),
        sa.Column("calendar", Document, nullable=False),
        sa.Column("evaluated_at", UTC, nullable=False),
        sa.Column("superseded_at", UTC),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
    )
    op.create_index("ix_turns_conversation", "turns", ["conversation_id", "superseded_at", "seq"])
    op.create_index("ix_turns_due", "turns", ["due_at"])
    op.create_index("ix_turns_ended", "turns", ["ended_at"])
    op.create_index("ix_turns_opened", "turns", ["opened_at"])


def _message_versions() -> None:
    op.create_table(
        "message_versions",
        sa.Column("id", Id, nullable=False),
        sa.Column(
            "message_id",
            Id,
            sa.ForeignKey("messages.id", name="fk_message_versions_message_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("until", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_message_versions"),
    )
    op.create_index("ix_message_versions_message_id", "message_versions", ["message_id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("form_key", sa.String(), nullable=False),
        sa.Column(
            "account_id",
            Id,
            sa.ForeignKey("accounts.id", name="fk_outbox_account_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "conversation_id",
            Id,
            sa.ForeignKey("conversations.id", name="fk_outbox_conversation_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "agent_id", Id, sa.ForeignKey("users.id", name="fk_outbox_agent_id"), nullable=False
        ),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column(
            "answers", Id, sa.ForeignKey("messages.id", name="fk_outbox_answers"), nullable=False
        ),
        sa.Column("shown", Id, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", UTC),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("started_at", UTC),
        sa.Column("finished_at", UTC),
        sa.Column("look_up_at", UTC),
        sa.Column("look_ups", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("external_id", sa.String()),
        sa.Column("message_id", sa.String()),
        sa.Column("findings", Document, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("form_key", name="uq_outbox_form_key"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    op.create_index("ix_outbox_conversation_id", "outbox", ["conversation_id"])
    op.create_index("ix_outbox_state", "outbox", ["state", "id"])
