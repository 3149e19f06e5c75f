"""Shifts from calendar files: the version of the roster that an import made."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    op.add_column("roster_imports", sa.Column("version", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("roster_imports", "version")
