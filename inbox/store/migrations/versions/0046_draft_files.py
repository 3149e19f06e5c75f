"""Files that come back with an answer stay with its draft."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    files = sa.Column("files", Document, nullable=False, server_default=sa.text("'[]'"))
    op.add_column("drafts", files)


def downgrade() -> None:
    op.drop_column("drafts", "files")
