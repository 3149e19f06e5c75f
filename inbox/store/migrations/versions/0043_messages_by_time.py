"""A conversation's newest messages by an index: searches in a few conversations read no others."""

from alembic import op

revision = "0043"
down_revision = "0042"

NAME = "ix_messages_conversation_time"


def upgrade() -> None:
    op.create_index(NAME, "messages", ["conversation_id", "sent_at", "id"])


def downgrade() -> None:
    op.drop_index(NAME, "messages")
