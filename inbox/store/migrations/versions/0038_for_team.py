"""A conversation that is left to a team."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Id

revision = "0038"
down_revision = "0037"

INDEX = "ix_conversations_team"
FOR_ONE = sa.text("team_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("conversations", sa.Column("team_id", Id))
    op.create_index(
        INDEX, "conversations", ["team_id"], sqlite_where=FOR_ONE, postgresql_where=FOR_ONE
    )


def downgrade() -> None:
    op.drop_index(INDEX, "conversations")
    op.drop_column("conversations", "team_id")
