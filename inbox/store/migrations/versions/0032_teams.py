"""Teams, their people, and the accounts that they serve."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Id, Utc

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "teams",
        sa.Column("id", Id, primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("lead_id", Id, sa.ForeignKey("users.id", ondelete="SET NULL")),
        sa.Column("made_at", Utc(), nullable=False),
        sa.UniqueConstraint("name_key", name="uq_teams_name_key"),
    )
    op.create_table("team_members", _of("team_id", "teams"), _of("user_id", "users"))
    op.create_table("team_accounts", _of("team_id", "teams"), _of("account_id", "accounts"))
    op.create_index("ix_team_members_user_id", "team_members", ["user_id"])
    op.create_index("ix_team_accounts_account_id", "team_accounts", ["account_id"])


def downgrade() -> None:
    for table in ("team_accounts", "team_members", "teams"):
        op.drop_table(table)


def _of(name: str, table: str) -> sa.Column[int]:
    owner = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(name, Id, owner, primary_key=True)
