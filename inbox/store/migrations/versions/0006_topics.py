"""What a tag says beside category and urgency: its set of labels, outside, topic, tone."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document

revision = "0006"
down_revision = "0005"

TABLES = ("messages", "conversations")


def upgrade() -> None:
    for table in TABLES:
        labels = sa.Column("labels", Document, nullable=False, server_default="[]")
        op.add_column(table, labels)
        op.add_column(
            table, sa.Column("outside", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        op.add_column(table, sa.Column("topic", sa.String()))
        op.add_column(table, sa.Column("tone", sa.String()))
        op.execute(sa.text(sure(op.get_bind().dialect.name).format(table=table)))


def downgrade() -> None:
    for table in TABLES:
        for name in ("tone", "topic", "outside", "labels"):
            op.drop_column(table, name)


def sure(dialect: str) -> str:
    """Who needed no review had one label. What the others' sets held was not kept."""
    array = "json_array" if dialect == "sqlite" else "jsonb_build_array"
    return (
        f"UPDATE {{table}} SET labels = {array}(category)"
        " WHERE category IS NOT NULL AND NOT needs_review"
    )
