"""Files in and out, and answers in several parts."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0003"
down_revision = "0002"

UTC = Utc()


def upgrade() -> None:
    op.add_column("outbox", sa.Column("after_id", Id))
    _files()
    op.create_table(
        "file_contents",
        sa.Column(
            "file_id",
            Id,
            sa.ForeignKey("files.id", name="fk_file_contents_file_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("preview", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("file_id", name="pk_file_contents"),
    )


def downgrade() -> None:
    op.drop_table("file_contents")
    op.drop_table("files")
    op.drop_column("outbox", "after_id")


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("id", Id, nullable=False),
        _owner("account_id", "accounts.id", nullable=False),
        _owner("conversation_id", "conversations.id"),
        _owner("message_id", "messages.id"),
        _owner("outbox_id", "outbox.id"),
        sa.Column("agent_id", Id, sa.ForeignKey("users.id", name="fk_files_agent_id")),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("claimed", sa.String()),
        sa.Column("mime", sa.String()),
        sa.Column("size", Id),
        sa.Column("sha256", sa.String()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("previewed", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", UTC),
        sa.Column("source", Document, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("stored_at", UTC),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
    )
    op.create_index("ix_files_message_id", "files", ["message_id"])
    op.create_index("ix_files_outbox_id", "files", ["outbox_id"])
    op.create_index("ix_files_state", "files", ["state", "account_id", "id"])


def _owner(name: str, of: str, *, nullable: bool = True) -> sa.Column[int]:
    key = sa.ForeignKey(of, name=f"fk_files_{name}", ondelete="CASCADE")
    return sa.Column(name, Id, key, nullable=nullable)
