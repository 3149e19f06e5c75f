"""Canned answers with their versions, and which of them an answer was made from."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0017"
down_revision = "0016"

UTC = Utc()
STANDS = sa.text("removed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "canned_answers",
        sa.Column("id", Id, primary_key=True),
        sa.Column("owner", Id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("shortcut", sa.String(), nullable=False),
        sa.Column("texts", Document, nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used_at", UTC),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTC, nullable=False),
        sa.Column("removed_at", UTC),
    )
    op.create_index(
        "ix_canned_answers_shortcut",
        "canned_answers",
        ["owner", "shortcut"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )
    op.create_table(
        "canned_versions",
        sa.Column(
            "canned_id",
            Id,
            sa.ForeignKey("canned_answers.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("written", Document),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UTC, nullable=False),
    )
    op.add_column("outbox", sa.Column("canned_id", Id))


def downgrade() -> None:
    op.drop_column("outbox", "canned_id")
    op.drop_table("canned_versions")
    op.drop_table("canned_answers")
