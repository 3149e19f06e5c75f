"""The roster: shifts as versioned data, swaps, absences; a person's own time zone."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "roster_versions",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("said", Document, nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("restores", sa.Integer()),
    )
    op.create_table(
        "swaps",
        sa.Column("id", Id, primary_key=True),
        sa.Column("shift", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        _person("gives_id"),
        _person("takes_id"),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("settled_at", Utc()),
    )
    op.create_index("ix_swaps_day", "swaps", ["day"])
    op.create_table(
        "absences",
        sa.Column("id", Id, primary_key=True),
        _person("user_id"),
        sa.Column("starts_at", Utc(), nullable=False),
        sa.Column("ends_at", Utc(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("withdrawn_at", Utc()),
    )
    op.create_index("ix_absences_ends_at", "absences", ["ends_at"])
    op.add_column("users", sa.Column("zone", sa.String()))


def downgrade() -> None:
    op.drop_column("users", "zone")
    for table in ("absences", "swaps", "roster_versions"):
        op.drop_table(table)


def _person(name: str) -> sa.Column[int]:
    return sa.Column(name, Id, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
