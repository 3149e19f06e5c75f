"""When an answer leaves: a chosen time, and for how long a fresh one can be taken back."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Utc

revision = "0023"
down_revision = "0022"

STANDS = sa.text("send_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("send_at", Utc()))
    op.create_index(
        "ix_outbox_send_at", "outbox", ["id"], sqlite_where=STANDS, postgresql_where=STANDS
    )
    op.add_column("brand", sa.Column("undo_s", sa.Integer(), nullable=False, server_default="10"))


def downgrade() -> None:
    op.drop_column("brand", "undo_s")
    op.drop_index("ix_outbox_send_at", "outbox")
    op.drop_column("outbox", "send_at")
