"""What was resolved in a report's period is found by an index, and so are the waits that reach into
it from before."""

from alembic import op

revision = "0053"
down_revision = "0050"

ENDED = "ix_turns_ended"


def upgrade() -> None:
    op.create_index("ix_steps_kind", "steps", ["kind", "at", "conversation_id"])
    op.drop_index(ENDED, "turns")
    op.create_index(ENDED, "turns", ["ended_at", "opened_at"])


def downgrade() -> None:
    op.drop_index(ENDED, "turns")
    op.create_index(ENDED, "turns", ["ended_at"])
    op.drop_index("ix_steps_kind", "steps")
