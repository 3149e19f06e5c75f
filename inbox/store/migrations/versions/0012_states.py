"""States of conversations: steps that end at a time, steps that were taken back."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Utc

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("steps", sa.Column("until", Utc()))
    op.add_column("steps", sa.Column("undone_at", Utc()))
    op.add_column("steps", sa.Column("undone_by", sa.String()))
    op.add_column("conversations", sa.Column("back_at", Utc()))
    op.create_index(
        "ix_conversations_back",
        "conversations",
        ["back_at"],
        sqlite_where=sa.text("back_at IS NOT NULL"),
        postgresql_where=sa.text("back_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_conversations_back", "conversations")
    op.drop_column("conversations", "back_at")
    for column in ("undone_by", "undone_at", "until"):
        op.drop_column("steps", column)
