"""Teams' own calendars, and calendars that follow another."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Utc

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.add_column("teams", sa.Column("calendar", sa.String(), nullable=False, server_default=""))
    op.add_column("calendar_versions", sa.Column("base", sa.String()))
    op.add_column("calendar_versions", sa.Column("exceptions", Document))
    op.create_table(
        "team_calendar_versions",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("said", Document, nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("applied_at", Utc()),
    )


def downgrade() -> None:
    op.drop_table("team_calendar_versions")
    op.drop_column("calendar_versions", "exceptions")
    op.drop_column("calendar_versions", "base")
    op.drop_column("teams", "calendar")
