"""Playbooks with their versions, and the steps that were done in conversations."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0045"
down_revision = "0044"

UTC = Utc()


def upgrade() -> None:
    op.create_table(
        "playbooks",
        sa.Column("place", sa.String(), primary_key=True),
        sa.Column("written", Document, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTC, nullable=False),
        sa.Column("removed_at", UTC),
    )
    op.create_table(
        "playbook_versions",
        _place(),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("written", Document),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UTC, nullable=False),
    )
    op.create_table(
        "playbook_ticks",
        sa.Column(
            "conversation_id",
            Id,
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        _place(),
        sa.Column("step", sa.String(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UTC, nullable=False),
    )


def _place() -> "sa.Column[str]":
    key = sa.ForeignKey("playbooks.place", ondelete="CASCADE")
    return sa.Column("place", sa.String(), key, primary_key=True)


def downgrade() -> None:
    op.drop_table("playbook_ticks")
    op.drop_table("playbook_versions")
    op.drop_table("playbooks")
