"""Links at which calendar programs read the roster."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Id, Utc

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "roster_links",
        sa.Column("id", Id, primary_key=True),
        sa.Column("user_id", Id, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False, unique=True),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("last_used_at", Utc(), nullable=True),
        sa.UniqueConstraint("user_id", "whole"),
    )


def downgrade() -> None:
    op.drop_table("roster_links")
