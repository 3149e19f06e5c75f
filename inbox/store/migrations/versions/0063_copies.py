"""An answer may go to others, too: whoever else got the mail that it answers."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document

revision = "0063"
down_revision = "0062"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("copies", Document, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("outbox", "copies")
