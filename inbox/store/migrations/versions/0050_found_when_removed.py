"""What hangs on a removed message or conversation is found by an index: each of them read the whole
outbox, or all files."""

from alembic import op

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    op.create_index("ix_outbox_answers", "outbox", ["answers"])
    op.create_index("ix_files_conversation_id", "files", ["conversation_id"])


def downgrade() -> None:
    op.drop_index("ix_files_conversation_id", "files")
    op.drop_index("ix_outbox_answers", "outbox")
