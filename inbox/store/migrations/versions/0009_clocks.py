"""Clocks: policies and calendars as versioned data. Version 1 says what the code said before."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0009"
down_revision = "0008"

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    policies = op.create_table(
        "policy_versions",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("said", Document, nullable=False),
        *_marks(),
    )
    calendars = op.create_table(
        "calendar_versions",
        sa.Column("id", Id, primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("said", Document, nullable=False),
        sa.Column("published", Document, nullable=False),
        sa.Column("not_final", Document, nullable=False),
        *_marks(),
        sa.UniqueConstraint("name", "number"),
    )
    first = {
        "number": 1,
        "since": ALWAYS,
        "made_at": ALWAYS,
        "made_by": "system",
        "applied_at": ALWAYS,
    }
    op.bulk_insert(policies, [first | {"said": {"policy": POLICIES}}])
    op.bulk_insert(
        calendars,
        [first | {"name": "working days", "said": {}, "published": [], "not_final": []}],
    )


def downgrade() -> None:
    op.drop_table("calendar_versions")
    op.drop_table("policy_versions")


def _marks() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("since", Utc(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("restores", sa.Integer()),
        sa.Column("applied_at", Utc()),
    )


def _policy(name: str, title: str, first: str, **more: object) -> dict[str, object]:
    rest = {"public": True, "warn_at": [50, 75, 90], "version": 1}
    return {"id": name, "name": title, "first": first} | rest | more


POLICIES = [
    _policy("critical", "Critical, internal", "1h", urgencies=["critical"], public=False),
    _policy("in-app", "In-app support", "3bd", channels=["inapp"]),
    _policy("in-app-kind", "In-app support", "3bd", kinds=["inapp"]),
    _policy("phone", "Phone", "3bd", channels=["phone"]),
    _policy("phone-call", "Phone", "3bd", kinds=["call"]),
    _policy("email", "E-mail", "24h", channels=["email"]),
    _policy("form", "Website form", "24h", kinds=["form"]),
    _policy("social", "Social media", "24h"),
]
