"""Which steps of the first run are behind the brand; installations that have one are through."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    through = sa.text("""'["accounts", "people"]'""")
    op.add_column("brand", sa.Column("settled", Document, nullable=False, server_default=through))


def downgrade() -> None:
    op.drop_column("brand", "settled")
