"""What is due is counted from its index alone: the tide read the row of each open conversation."""

from alembic import op

revision = "0049"
down_revision = "0048"

NAME = "ix_conversations_due"
KEY = ["status", "due_at", "id"]


def upgrade() -> None:
    op.drop_index(NAME, "conversations")
    op.create_index(NAME, "conversations", [*KEY, "contact_id", "account_id"])


def downgrade() -> None:
    op.drop_index(NAME, "conversations")
    op.create_index(NAME, "conversations", KEY)
