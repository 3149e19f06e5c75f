"""Indexes for searches by an account or a language: they read every conversation before."""

from alembic import op

revision = "0021"
down_revision = "0020"

INDEXES = {
    "ix_conversations_account": ["account_id", "status", "last_message_at", "id"],
    "ix_conversations_lang": ["lang", "last_message_at", "id"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "conversations", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "conversations")
