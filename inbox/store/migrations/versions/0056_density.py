"""How close together each person wants the rows of the list."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0053"


def upgrade() -> None:
    op.add_column("users", sa.Column("density", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "density")
