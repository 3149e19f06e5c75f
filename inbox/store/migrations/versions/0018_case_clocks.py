"""Case clocks: resolution with pauses. The refund review is promised where nothing was changed."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0018"
down_revision = "0017"

UTC = Utc()
WATCHED = "warn_at IS NOT NULL"
REVIEW = {
    "id": "refund-review",
    "name": "Refund review",
    "first": "3bd",
    "categories": ["refund"],
    "until": "resolved",
    "public": True,
    "warn_at": [50, 75, 90],
    "version": 1,
}


def upgrade() -> None:
    op.create_table(
        "case_clocks",
        sa.Column("id", Id, primary_key=True),
        sa.Column(
            "conversation_id",
            Id,
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("episode", sa.Integer()),
        sa.Column("opened_by", Id, nullable=False),
        sa.Column("opened_at", UTC, nullable=False),
        sa.Column("due_at", UTC),
        sa.Column("budget_s", sa.Double(), nullable=False),
        sa.Column("end", sa.String()),
        sa.Column("ended_by", Id),
        sa.Column("ended_at", UTC),
        sa.Column("agent_id", Id, sa.ForeignKey("users.id")),
        sa.Column("reason", sa.String()),
        sa.Column("pauses", Document, nullable=False),
        sa.Column("policy", Document, nullable=False),
        sa.Column("calendar", Document, nullable=False),
        sa.Column("evaluated_at", UTC, nullable=False),
        sa.Column("superseded_at", UTC),
        sa.Column("warn_at", UTC),
    )
    of = ["conversation_id", "superseded_at"]
    op.create_index("ix_case_clocks_conversation", "case_clocks", of)
    some = sa.text(WATCHED)
    op.create_index(
        "ix_case_clocks_warn", "case_clocks", ["warn_at"], sqlite_where=some, postgresql_where=some
    )
    op.add_column("turn_warnings", sa.Column("clock", sa.String()))
    _first_promises([REVIEW])


def downgrade() -> None:
    op.drop_column("turn_warnings", "clock")
    op.drop_table("case_clocks")
    _first_promises([])


def _first_promises(reviews: list[dict[str, object]]) -> None:
    """What a new installation promises; whoever has promises of their own keeps them."""
    table = sa.table(
        "policy_versions", sa.column("number", sa.Integer()), sa.column("said", Document)
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(table.c.number, table.c.said)).all()
    if [row.number for row in rows] == [1]:
        rules = [one for one in rows[0].said["policy"] if one["id"] != REVIEW["id"]]
        said = {"policy": [*reviews, *rules]}
        connection.execute(sa.update(table).where(table.c.number == 1).values(said=said))
