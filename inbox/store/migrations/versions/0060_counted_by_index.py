"""What is unread, mine and nobody's is counted from an index alone, without a look at the rows."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"

UNREAD = sa.text("unread > 0")
MINE = ["assignee_id", "status", "due_at", "id"]


def upgrade() -> None:
    op.create_index(
        "ix_conversations_unread_counted",
        "conversations",
        ["status", "unread", "contact_id", "account_id"],
        sqlite_where=UNREAD,
        postgresql_where=UNREAD,
    )
    op.drop_index("ix_conversations_mine", "conversations")
    op.create_index("ix_conversations_mine", "conversations", [*MINE, "contact_id", "account_id"])


def downgrade() -> None:
    op.drop_index("ix_conversations_mine", "conversations")
    op.create_index("ix_conversations_mine", "conversations", MINE)
    op.drop_index("ix_conversations_unread_counted", "conversations")
