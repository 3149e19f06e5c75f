"""Links at which somebody without an account sees one report."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    op.create_table(
        "report_links",
        sa.Column("id", Id, primary_key=True),
        sa.Column("token_hash", sa.String(), nullable=False, unique=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("as_of", Utc(), nullable=False),
        sa.Column("edition", sa.Integer()),
        sa.Column("document", Document, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("revoked_at", Utc()),
        sa.Column("opened", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("opened_at", Utc()),
    )


def downgrade() -> None:
    op.drop_table("report_links")
