"""Learning: what stood before a correction, trainings, and versions of the model."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0005"
down_revision = "0004"

UTC = Utc()
NEW_COLUMNS = (
    ("topic", sa.String()),
    ("before_category", sa.String()),
    ("before_urgency", sa.String()),
    ("before_topic", sa.String()),
    ("repeats", Id),
)


def upgrade() -> None:
    for name, kind in NEW_COLUMNS:
        op.add_column("taggings", sa.Column(name, kind))
    op.execute(REPEATS)
    op.execute(BEFORE)
    corrected = sa.text("agent_id IS NOT NULL")
    op.create_index(
        "ix_taggings_corrections",
        "taggings",
        ["id"],
        sqlite_where=corrected,
        postgresql_where=corrected,
    )
    _trainings()
    _versions()


def downgrade() -> None:
    op.drop_table("model_versions")
    op.drop_table("trainings")
    op.drop_index("ix_taggings_corrections", "taggings")
    for name, _ in NEW_COLUMNS:
        op.drop_column("taggings", name)


# An agent's tagging without an audit row of the same instant was copied to another opener.
REPEATS = """
UPDATE taggings SET repeats = (
    SELECT max(t.id) FROM taggings t
    WHERE t.conversation_id = taggings.conversation_id AND t.agent_id = taggings.agent_id
    AND t.id < taggings.id
) WHERE agent_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM audit a WHERE a.action = 'tag' AND a.at = taggings.at
    AND a.subject = 'conversation:' || taggings.conversation_id
)
"""
BEFORE = """
UPDATE taggings SET
    before_category = (
        SELECT t.category FROM taggings t WHERE t.conversation_id = taggings.conversation_id
        AND t.opener_id = taggings.opener_id AND t.id < taggings.id ORDER BY t.id DESC LIMIT 1
    ),
    before_urgency = (
        SELECT t.urgency FROM taggings t WHERE t.conversation_id = taggings.conversation_id
        AND t.opener_id = taggings.opener_id AND t.id < taggings.id ORDER BY t.id DESC LIMIT 1
    )
WHERE agent_id IS NOT NULL AND repeats IS NULL
"""


def _trainings() -> None:
    op.create_table(
        "trainings",
        sa.Column("id", Id, primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", UTC, nullable=False),
        sa.Column("started_at", UTC),
        sa.Column("finished_at", UTC),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("up_to", Id, nullable=False),
        sa.Column("against", sa.String()),
        sa.Column("said", Document, nullable=False),
        sa.Column("version", sa.String()),
        sa.Column("reason", sa.String()),
    )
    _one_of("trainings", "uq_trainings_under_way", "state IN ('queued', 'running')")


def _versions() -> None:
    op.create_table(
        "model_versions",
        sa.Column("version", sa.String(), primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("training_id", Id, sa.ForeignKey("trainings.id", ondelete="SET NULL")),
        sa.Column("made_at", UTC, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("gate", Document, nullable=False),
        sa.Column("scores", Document, nullable=False),
    )
    _one_of("model_versions", "uq_model_versions_serving", "state = 'serving'")


def _one_of(table: str, name: str, where: str) -> None:
    """At most one row in each of these states."""
    said = sa.text(where)
    op.create_index(name, table, ["state"], unique=True, sqlite_where=said, postgresql_where=said)
