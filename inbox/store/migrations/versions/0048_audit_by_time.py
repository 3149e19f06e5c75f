"""The audit log by time: all of it, of one person, and of one act, each by an index."""

from alembic import op

revision = "0048"
down_revision = "0047"

INDEXES = (
    ("ix_audit_time", ["at", "id"]),
    ("ix_audit_actor_time", ["actor", "at", "id"]),
    ("ix_audit_action_time", ["action", "at", "id"]),
)


def upgrade() -> None:
    for name, columns in INDEXES:
        op.create_index(name, "audit", columns)


def downgrade() -> None:
    for name, _ in INDEXES:
        op.drop_index(name, "audit")
