"""Saved views: a search kept under a name."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Id, Utc

revision = "0019"
down_revision = "0018"

UTC = Utc()


def upgrade() -> None:
    author = sa.ForeignKey("users.id", ondelete="CASCADE")
    op.create_table(
        "saved_views",
        sa.Column("id", Id, primary_key=True),
        sa.Column("author_id", Id, author, nullable=True),
        sa.Column("whose", Id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("made_at", UTC, nullable=False),
        sa.Column("removed_at", UTC),
    )
    there = sa.text("removed_at IS NULL")
    op.create_index(
        "uq_saved_views_name",
        "saved_views",
        ["whose", "name_key"],
        unique=True,
        sqlite_where=there,
        postgresql_where=there,
    )


def downgrade() -> None:
    op.drop_table("saved_views")
