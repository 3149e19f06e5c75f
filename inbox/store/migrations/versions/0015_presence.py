"""Presence: what a person chose, and when."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Utc

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("presence", sa.String(), nullable=False, server_default="online")
    )
    op.add_column("users", sa.Column("presence_at", Utc()))


def downgrade() -> None:
    for column in ("presence_at", "presence"):
        op.drop_column("users", column)
