"""API tokens, and the answers that their calls were given."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0010"
down_revision = "0009"

UTC = Utc()


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", Id, primary_key=True),
        sa.Column(
            "user_id", Id, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False, unique=True),
        sa.Column("starts", sa.String(), nullable=False),
        sa.Column("scopes", Document, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("last_used_at", UTC),
        sa.Column("expires_at", UTC),
        sa.Column("revoked_at", UTC),
    )
    op.create_table(
        "api_answers",
        sa.Column(
            "token_id",
            Id,
            sa.ForeignKey("api_tokens.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("key_hash", sa.String(), primary_key=True),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("claimed_at", UTC, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("body", sa.String()),
    )
    op.create_index("ix_api_answers_claimed_at", "api_answers", ["claimed_at"])


def downgrade() -> None:
    op.drop_table("api_answers")
    op.drop_table("api_tokens")
