"""Routing rules: versions, what they did, and answers that a rule wrote."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0026"
down_revision = "0025"

WAITING = "state = 'waiting'"


def upgrade() -> None:
    op.create_table(
        "rule_versions",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("said", Document, nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("restores", sa.Integer()),
    )
    op.create_table(
        "rule_runs",
        sa.Column("id", Id, primary_key=True),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _of("message_id", "messages"),
        _of("conversation_id", "conversations"),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("at", Utc(), nullable=False),
        sa.UniqueConstraint(
            "message_id",
            "rule",
            "action",
            "value",
            name="uq_rule_runs_message_id_rule_action_value",
        ),
    )
    op.create_index("ix_rule_runs_conversation_id", "rule_runs", ["conversation_id"])
    op.create_index("ix_rule_runs_rule", "rule_runs", ["rule", "at"])
    op.create_index(
        "ix_rule_runs_waiting",
        "rule_runs",
        ["id"],
        sqlite_where=sa.text(WAITING),
        postgresql_where=sa.text(WAITING),
    )
    op.add_column(
        "outbox", sa.Column("automated", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("outbox", "automated")
    for table in ("rule_runs", "rule_versions"):
        op.drop_table(table)


def _of(name: str, table: str) -> sa.Column[int]:
    return sa.Column(name, Id, sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False)
