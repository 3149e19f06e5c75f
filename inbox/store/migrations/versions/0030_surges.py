"""Surges: many people who write about the same thing, and who they are."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0030"
down_revision = "0029"

OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "surges",
        sa.Column("id", Id, primary_key=True),
        *(sa.Column(name, Utc(), nullable=False) for name in ("found_at", "since", "last_at")),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("growing", sa.Boolean(), nullable=False),
        sa.Column("sample", Id, nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("centre", Document, nullable=False),
        sa.Column("texts", Document, nullable=False),
        sa.Column("texts_by", sa.String()),
        sa.Column("closed_at", Utc()),
        sa.Column("closed_by", sa.String()),
    )
    op.create_index("ix_surges_open", "surges", ["id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_surges_last", "surges", ["last_at"])
    op.create_table(
        "surge_members",
        _of("surge_id", "surges"),
        _of("conversation_id", "conversations"),
        sa.Column("opener", Id, nullable=False),
        sa.Column("person", Id, nullable=False),
        *(sa.Column(name, Utc(), nullable=False) for name in ("at", "joined_at")),
        sa.Column("out", sa.Boolean(), nullable=False),
        sa.Column("job_id", Id),
    )
    op.create_index("ix_surge_members_conversation_id", "surge_members", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("surge_members")
    op.drop_table("surges")


def _of(name: str, table: str) -> sa.Column[object]:
    owner = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(name, Id, owner, primary_key=True)
