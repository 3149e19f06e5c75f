"""Imports and exports that somebody began on a page."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0033"
down_revision = "0032"

UNFINISHED = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", Id, primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("kind", "state")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("file", "name")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("size", "done", "total")),
        *(sa.Column(name, Document, nullable=False) for name in ("counts", "refused")),
        sa.Column("why", sa.String()),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("finished_at", Utc()),
        sa.Column("gone_at", Utc()),
    )
    op.create_index(
        "ix_transfers_unfinished",
        "transfers",
        ["id"],
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )


def downgrade() -> None:
    op.drop_table("transfers")
