"""Reports of weeks and months, and who gets which of them, in which language and when."""

import json

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0057"
down_revision = "0056"

BRAND = sa.table(
    "brand", sa.column("locale", sa.String()), sa.column("report_recipients", Document)
)
PLAIN, OF_KIND = "uq_editions_local_date_edition", "uq_editions_kind_local_date_edition"
KIND = sa.Column("kind", sa.String(), nullable=False, server_default="day")
STANDS = sa.text("removed_at IS NULL")


def upgrade() -> None:
    recipients = op.create_table(
        "report_recipients",
        sa.Column("id", Id, primary_key=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("kinds", Document, nullable=False),
        sa.Column("at", sa.String()),
        sa.Column("removed_at", Utc()),
    )
    op.create_index(
        "uq_report_recipients_address",
        "report_recipients",
        ["address"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )
    _editions("kind", "local_date", "edition", kind=True)
    for column in (
        sa.Column("locale", sa.String(), nullable=False, server_default="en"),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("tried_at", Utc()),
    ):
        op.add_column("report_mails", column)
    op.execute(
        "UPDATE report_mails SET tried_at = accepted_at,"
        " tries = failures + CASE state WHEN 'queued' THEN 0 ELSE 1 END"
    )
    brand = op.get_bind().execute(sa.select(BRAND.c.locale, BRAND.c.report_recipients)).first()
    if brand is not None:
        locale = "zh_Hans_CN" if brand.locale.startswith("zh") else "en"
        op.execute(sa.text("UPDATE report_mails SET locale = :l").bindparams(l=locale))
        rows = [
            {"address": address, "locale": locale, "kinds": ["day"]}
            for address in dict.fromkeys(brand.report_recipients)
        ]
        op.bulk_insert(recipients, rows)
    op.drop_column("brand", "report_recipients")


def downgrade() -> None:
    found = op.get_bind().execute(
        sa.text("SELECT address FROM report_recipients WHERE removed_at IS NULL ORDER BY id")
    )
    addresses = json.dumps([row.address for row in found])
    column = sa.Column("report_recipients", Document, nullable=False, server_default=addresses)
    op.add_column("brand", column)
    for name in ("tried_at", "tries", "locale"):
        op.drop_column("report_mails", name)
    op.execute("DELETE FROM editions WHERE kind <> 'day'")
    _editions("local_date", "edition", kind=False)
    op.drop_table("report_recipients")


def _editions(*columns: str, kind: bool) -> None:
    """The key of editions. SQLite makes the table anew for it, and with the old one its mails would
    go."""
    op.execute("CREATE TEMPORARY TABLE kept_mails AS SELECT * FROM report_mails")
    with op.batch_alter_table("editions") as editions:
        editions.drop_constraint(PLAIN if kind else OF_KIND, type_="unique")
        if kind:
            editions.add_column(KIND)
        else:
            editions.drop_column("kind")
        editions.create_unique_constraint(OF_KIND if kind else PLAIN, list(columns))
    op.execute(
        "INSERT INTO report_mails SELECT * FROM kept_mails k"
        " WHERE NOT EXISTS (SELECT 1 FROM report_mails m WHERE m.id = k.id)"
    )
    op.execute("DROP TABLE kept_mails")
