"""Leads are told once of a surge."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Id, Utc

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.add_column("notices", sa.Column("surge_id", Id))
    op.add_column("surges", sa.Column("told_at", Utc()))
    op.execute("UPDATE surges SET told_at = found_at")  # what began before is no news


def downgrade() -> None:
    op.drop_column("surges", "told_at")
    op.drop_column("notices", "surge_id")
