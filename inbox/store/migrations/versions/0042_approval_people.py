"""Single people whose answers wait for approval."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    nobody = sa.text("'[]'")
    op.add_column(
        "brand", sa.Column("approval_people", Document, nullable=False, server_default=nobody)
    )


def downgrade() -> None:
    op.drop_column("brand", "approval_people")
