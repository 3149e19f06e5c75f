"""Warnings of long waits, and webhooks that tell other programs."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0011"
down_revision = "0010"

UTC = Utc()
WATCHED = "warn_at IS NOT NULL"


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("warn_by_mail", sa.Integer(), nullable=False, server_default="90")
    )
    op.add_column("conversations", sa.Column("warn_at", UTC))
    op.add_column("conversations", sa.Column("quiet_up_to", Id, nullable=False, server_default="0"))
    op.create_index(
        "ix_conversations_warn",
        "conversations",
        ["warn_at", "id"],
        sqlite_where=sa.text(WATCHED),
        postgresql_where=sa.text(WATCHED),
    )
    # Waits that were overdue before there were warnings are old news.
    op.execute(
        "UPDATE conversations SET warn_at = opened_at"
        " WHERE opened_at IS NOT NULL AND due_at > CURRENT_TIMESTAMP"
    )
    _hooks()
    _warnings()


def downgrade() -> None:
    for table in (
        "warning_notices",
        "turn_warnings",
        "hook_tries",
        "hook_deliveries",
        "hook_endpoints",
    ):
        op.drop_table(table)
    op.drop_index("ix_conversations_warn", "conversations")
    op.drop_column("conversations", "quiet_up_to")
    op.drop_column("conversations", "warn_at")
    op.drop_column("users", "warn_by_mail")


def _warnings() -> None:
    op.create_table(
        "turn_warnings",
        sa.Column("id", Id, primary_key=True),
        _of("conversation_id", "conversations", index=True),
        sa.Column("opened_by", Id, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("passed_at", UTC, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.UniqueConstraint("opened_by", "target", "part"),
    )
    op.create_table(
        "warning_notices",
        sa.Column("id", Id, primary_key=True),
        _of("warning_id", "turn_warnings", nullable=True),
        _of("endpoint_id", "hook_endpoints", nullable=True, index=True),
        _of("user_id", "users"),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("settled_at", UTC),
        sa.Column("batch", Id),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", UTC),
        sa.UniqueConstraint("warning_id", "user_id", "channel"),
    )
    of = ["user_id", "channel", "state", "id"]
    op.create_index("ix_warning_notices_of", "warning_notices", of)
    op.create_index("ix_warning_notices_state", "warning_notices", ["channel", "state"])


def _hooks() -> None:
    op.create_table(
        "hook_endpoints",
        sa.Column("id", Id, primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("events", Document, nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("words", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("failing_since", UTC),
        sa.Column("last_success_at", UTC),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
    )
    op.create_table(
        "hook_deliveries",
        sa.Column("id", Id, primary_key=True),
        _of("endpoint_id", "hook_endpoints"),
        sa.Column("key", sa.String(), nullable=False, unique=True),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("said", Document, nullable=False),
        sa.Column("message_id", Id),
        sa.Column("made_at", UTC, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("started_at", UTC),
        sa.Column("not_before", UTC),
        sa.Column("finished_at", UTC),
    )
    name = "ix_hook_deliveries"
    op.create_index(f"{name}_state", "hook_deliveries", ["state", "endpoint_id", "id"])
    op.create_index(f"{name}_endpoint", "hook_deliveries", ["endpoint_id", "id"])
    op.create_index(f"{name}_made_at", "hook_deliveries", ["made_at"])
    op.create_table(
        "hook_tries",
        sa.Column("id", Id, primary_key=True),
        _of("delivery_id", "hook_deliveries", index=True),
        sa.Column("at", UTC, nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("error", sa.String()),
    )


def _of(name: str, table: str, *, nullable: bool = False, index: bool = False) -> sa.Column[object]:
    key = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(name, Id, key, nullable=nullable, index=index)
