"""Critical waits are found by the team's target, whatever else waits."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"

NAME = "ix_conversations_critical"
COLUMNS = ["status", "urgency", "internal_due_at", "id", "contact_id", "account_id"]
TARGET = sa.text("internal_due_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(NAME, "conversations", COLUMNS, sqlite_where=TARGET, postgresql_where=TARGET)


def downgrade() -> None:
    op.drop_index(NAME, "conversations")
