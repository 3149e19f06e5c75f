"""Who wants notices on the desktop, and when not."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.add_column("users", sa.Column("desktop", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "desktop")
