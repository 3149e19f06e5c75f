"""A calendar's version keeps the zone that it counts in; those of before have the brand's."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("calendar_versions", sa.Column("zone", sa.String()))
    calendars = sa.table(
        "calendar_versions",
        sa.column("id", sa.BigInteger()),
        sa.column("said", Document),
        sa.column("zone", sa.String()),
    )
    connection = op.get_bind()
    brand = connection.execute(sa.text("SELECT zone FROM brand")).scalar()
    for row in connection.execute(sa.select(calendars.c.id, calendars.c.said)).all():
        pinned = sa.update(calendars).where(calendars.c.id == row.id)
        connection.execute(pinned.values(zone=row.said.get("zone") or brand))


def downgrade() -> None:
    op.drop_column("calendar_versions", "zone")
