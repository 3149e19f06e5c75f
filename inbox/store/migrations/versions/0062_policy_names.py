"""Two of the shipped policies had the name of another one; now each is called by what it fits."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document

revision = "0062"
down_revision = "0061"

NAMES = {
    "in-app-kind": ("In-app support", "In-app messages of other channels"),
    "phone-call": ("Phone", "Calls of other channels"),
}
versions = sa.table("policy_versions", sa.column("number"), sa.column("said", Document))


def upgrade() -> None:
    _rename({id_: (old, new) for id_, (old, new) in NAMES.items()})


def downgrade() -> None:
    _rename({id_: (new, old) for id_, (old, new) in NAMES.items()})


def _rename(names: dict[str, tuple[str, str]]) -> None:
    """In each version that has them so; what somebody named otherwise stays."""
    here = op.get_bind()
    for number, said in here.execute(sa.select(versions.c.number, versions.c.said)).all():
        rows = [_named(row, names) for row in said.get("policy", [])]
        if rows != said.get("policy", []):
            changed = sa.update(versions).where(versions.c.number == number)
            here.execute(changed.values(said=said | {"policy": rows}))


def _named(row: dict[str, object], names: dict[str, tuple[str, str]]) -> dict[str, object]:
    before, after = names.get(str(row.get("id")), ("", ""))
    return row | {"name": after} if before and row.get("name") == before else row
