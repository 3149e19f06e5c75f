"""One's own conversations by their last message, by an index: the list walked those of everyone."""

from alembic import op

revision = "0044"
down_revision = "0043"

NAME = "ix_conversations_mine_recent"


def upgrade() -> None:
    op.create_index(NAME, "conversations", ["assignee_id", "status", "last_message_at", "id"])


def downgrade() -> None:
    op.drop_index(NAME, "conversations")
