"""Absences from calendar files."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Id, Utc

revision = "0031"
down_revision = "0030"
ADDED = (("uid", sa.String()), ("import_id", Id), ("ended_by", Id))


def upgrade() -> None:
    op.create_table(
        "roster_imports",
        sa.Column("id", Id, primary_key=True),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("undone_at", Utc(), nullable=True),
    )
    for name, kind in ADDED:
        op.add_column("absences", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name, _ in ADDED:
        op.drop_column("absences", name)
    op.drop_table("roster_imports")
