"""Macros, jobs over many conversations, and what was done; what follows once an answer is sent."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0024"
down_revision = "0023"

UTC = Utc()
RUNS = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "macros",
        sa.Column("id", Id, primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("actions", Document, nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTC, nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("removed_at", UTC),
    )
    op.create_table(
        "bulk_jobs",
        sa.Column("id", Id, primary_key=True),
        sa.Column("key", sa.String(), nullable=False, unique=True),
        sa.Column("agent_id", Id, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("actions", Document, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("made_at", UTC, nullable=False),
        sa.Column("finished_at", UTC),
        sa.Column("undo_at", UTC),
        sa.Column("undo_by", Id, sa.ForeignKey("users.id")),
    )
    op.create_index(
        "ix_bulk_jobs_unfinished", "bulk_jobs", ["id"], sqlite_where=RUNS, postgresql_where=RUNS
    )
    _runs()
    op.add_column("outbox", sa.Column("then", Document))


def _runs() -> None:
    conversation = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    op.create_table(
        "action_runs",
        sa.Column("id", Id, primary_key=True),
        sa.Column("key", sa.String(), nullable=False, unique=True),
        sa.Column("job_id", Id, sa.ForeignKey("bulk_jobs.id", ondelete="CASCADE")),
        sa.Column("macro_id", Id),
        sa.Column("conversation_id", Id, conversation, nullable=False, index=True),
        sa.Column("agent_id", Id, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("shown", Id, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("did", Document, nullable=False),
        sa.Column("why", sa.String()),
        sa.Column("undone", Document, nullable=False),
        sa.Column("undone_at", UTC),
    )
    op.create_index("ix_action_runs_job", "action_runs", ["job_id", "state", "id"])


def downgrade() -> None:
    op.drop_column("outbox", "then")
    for table in ("action_runs", "bulk_jobs", "macros"):
        op.drop_table(table)
