"""Complaints, and the brand's own templates of them."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0020"
down_revision = "0019"

UTC = Utc()
MARKED = "complaint_id IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "complaints",
        sa.Column("id", Id, primary_key=True),
        sa.Column(
            "conversation_id",
            Id,
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("template", Document, nullable=False),
        sa.Column("message_id", Id, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("marked_at", UTC, nullable=False),
        sa.Column("marked_by", sa.String(), nullable=False),
        sa.Column("undone_at", UTC),
        sa.Column("undone_by", sa.String()),
        sa.Column("undone_why", sa.String()),
        sa.Column("final_id", Id),
        sa.Column("final_at", UTC),
        sa.Column("final_by", sa.String()),
    )
    op.create_table(
        "complaint_templates",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("said", Document, nullable=False),
        sa.Column("made_at", UTC, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
    )
    op.add_column("conversations", sa.Column("complaint_id", Id))
    op.add_column("conversations", sa.Column("complaint_due_at", UTC))
    some = sa.text(MARKED)
    op.create_index(
        "ix_conversations_complaint",
        "conversations",
        ["last_message_at", "id"],
        sqlite_where=some,
        postgresql_where=some,
    )


def downgrade() -> None:
    op.drop_index("ix_conversations_complaint", "conversations")
    op.drop_column("conversations", "complaint_due_at")
    op.drop_column("conversations", "complaint_id")
    op.drop_table("complaint_templates")
    op.drop_table("complaints")
