"""Whose answers wait until a lead has read them."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document

revision = "0035"
down_revision = "0034"

COLUMNS = (
    ("approval_roles", Document, sa.text("'[]'")),
    ("approval_findings", sa.Boolean(), sa.false()),
    ("approval_own", sa.Boolean(), sa.false()),
)


def upgrade() -> None:
    for name, kind, first in COLUMNS:
        op.add_column("brand", sa.Column(name, kind, nullable=False, server_default=first))


def downgrade() -> None:
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("brand", name)
