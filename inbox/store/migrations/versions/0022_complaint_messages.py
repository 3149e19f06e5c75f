"""Complaints are found by their message."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_index("ix_complaints_message_id", "complaints", ["message_id"])


def downgrade() -> None:
    op.drop_index("ix_complaints_message_id", "complaints")
