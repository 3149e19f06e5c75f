"""Working together: notes, followers, and one list of notices for all that people are told."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0027"
down_revision = "0026"

UTC = Utc()
UNSETTLED = sa.text("settled_at IS NULL AND warning_id IS NULL")
KEPT = (
    *("id", "warning_id", "endpoint_id", "user_id", "channel", "why", "state", "at"),
    *("settled_at", "batch", "failures", "not_before"),
)


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("id", Id, primary_key=True),
        sa.Column("form_key", sa.String(), nullable=False, unique=True),
        _of("conversation_id", "conversations", nullable=False),
        sa.Column("agent_id", Id, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("told", Document, nullable=False),
        sa.Column("findings", Document, nullable=False),
        sa.Column("at", UTC, nullable=False),
    )
    op.create_index("ix_notes_conversation", "notes", ["conversation_id", "id"])
    op.create_table(
        "followers",
        _of("conversation_id", "conversations", primary_key=True),
        _of("user_id", "users", primary_key=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("since", UTC, nullable=False),
    )
    _notices()


def downgrade() -> None:
    op.create_table("warning_notices", *_columns(), *_outcome(), _once())
    _copy("notices", "warning_notices", sa.column("kind").in_(("warning", "webhook")))
    for table in ("notices", "followers", "notes"):
        op.drop_table(table)
    of = ["user_id", "channel", "state", "id"]
    op.create_index("ix_warning_notices_of", "warning_notices", of)
    op.create_index("ix_warning_notices_state", "warning_notices", ["channel", "state"])
    op.create_index("ix_warning_notices_endpoint_id", "warning_notices", ["endpoint_id"])


def _notices() -> None:
    """All rows of `warning_notices` go over under their numbers, which letters are named by."""
    op.create_table(
        "notices",
        *_columns(),
        _of("conversation_id", "conversations"),
        *_text("kind", "by", "words"),
        sa.Column("times", sa.Integer(), nullable=False, server_default="1"),
        *_outcome(),
        _once(),
        sqlite_autoincrement=True,
    )
    _copy("warning_notices", "notices", sa.true())
    told = sa.table("notices", *map(sa.column, ("kind", "warning_id", "conversation_id")))
    warned = sa.table("turn_warnings", sa.column("id"), sa.column("conversation_id"))
    of = sa.select(warned.c.conversation_id).where(warned.c.id == told.c.warning_id)
    kind = sa.case((told.c.warning_id.is_(None), "webhook"), else_="warning")
    op.execute(told.update().values(kind=kind, conversation_id=of.scalar_subquery()))
    op.drop_table("warning_notices")
    op.create_index("ix_notices_of", "notices", ["user_id", "channel", "state", "id"])
    op.create_index("ix_notices_state", "notices", ["channel", "state"])
    op.create_index("ix_notices_endpoint_id", "notices", ["endpoint_id"])
    op.create_index("ix_notices_conversation_id", "notices", ["conversation_id"])
    op.create_index(
        "uq_notices_unsettled",
        "notices",
        ["user_id", "conversation_id", "kind", "channel"],
        unique=True,
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    )


def _copy(source: str, target: str, which: sa.ColumnElement[bool]) -> None:
    old, new = (sa.table(name, *map(sa.column, KEPT)) for name in (source, target))
    op.execute(new.insert().from_select(list(KEPT), sa.select(*old.c).where(which)))
    if op.get_bind().dialect.name == "postgresql":
        newest = f"(SELECT coalesce(max(id), 1) FROM {target})"
        op.execute(f"SELECT setval(pg_get_serial_sequence('{target}', 'id'), {newest})")


def _columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", Id, primary_key=True),
        _of("warning_id", "turn_warnings"),
        _of("endpoint_id", "hook_endpoints"),
        _of("user_id", "users", nullable=False),
        *_text("channel", "why", "state"),
        sa.Column("at", UTC, nullable=False),
    )


def _outcome() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("settled_at", UTC),
        sa.Column("batch", Id),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", UTC),
    )


def _text(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.String(), nullable=False, server_default="") for name in names]


def _once() -> sa.UniqueConstraint:
    return sa.UniqueConstraint("warning_id", "user_id", "channel")


def _of(
    name: str, table: str, *, nullable: bool = True, primary_key: bool = False
) -> sa.Column[object]:
    """Whose row it is; it goes with its owner."""
    key = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    if primary_key:
        return sa.Column(name, Id, key, primary_key=True)
    return sa.Column(name, Id, key, nullable=nullable)
