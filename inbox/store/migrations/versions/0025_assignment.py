"""Assignment: what people take, when a conversation was given, and whether a rule gives it."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Utc

revision = "0025"
down_revision = "0024"

QUEUE = "status = 'open' AND assignee_id IS NULL AND due_at IS NOT NULL"


def upgrade() -> None:
    for column in ("languages", "skills"):
        op.add_column("users", sa.Column(column, Document, nullable=False, server_default="[]"))
    op.add_column("users", sa.Column("capacity", sa.Integer(), nullable=False, server_default="10"))
    op.add_column(
        "brand", sa.Column("assigns", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("conversations", sa.Column("assigned_at", Utc()))
    op.create_index(
        "ix_conversations_queue",
        "conversations",
        ["due_at", "id"],
        sqlite_where=sa.text(QUEUE),
        postgresql_where=sa.text(QUEUE),
    )


def downgrade() -> None:
    op.drop_index("ix_conversations_queue", "conversations")
    op.drop_column("conversations", "assigned_at")
    op.drop_column("brand", "assigns")
    for column in ("capacity", "skills", "languages"):
        op.drop_column("users", column)
