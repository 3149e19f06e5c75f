"""Drafts, kept per person and conversation."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Id, Utc

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "drafts",
        _of("user_id", "users"),
        _of("conversation_id", "conversations"),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
    )
    op.create_index("ix_drafts_conversation_id", "drafts", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("drafts")


def _of(name: str, table: str) -> sa.Column[object]:
    owner = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(name, Id, owner, primary_key=True)
