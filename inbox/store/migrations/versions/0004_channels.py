"""Every channel: what platforms tell of accounts and messages, and what was compared with them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0004"
down_revision = "0003"

UTC = Utc()
NEW_COLUMNS: dict[str, tuple[tuple[str, Any], ...]] = {
    "accounts": (
        ("next_poll_at", UTC),
        ("called_at", UTC),
        ("checked_at", UTC),
        ("fresh_until", UTC),
        ("expires_at", UTC),
        ("missing", Document),
        ("budgets", Document),
    ),
    "cursors": (
        ("walk_began_at", UTC),
        ("walk_oldest_at", UTC),
        ("complete_from", UTC),
        ("complete_to", UTC),
    ),
    "conversations": (
        ("window_closes_at", UTC),
        ("case_id", Id),
        ("look_wanted_at", UTC),
        ("looked_at", UTC),
    ),
    "outbox": (("private_thread", sa.String()),),
    "messages": (
        ("failed_why", sa.String()),
        ("delivered_at", UTC),
        ("read_at", UTC),
        ("marks", Document),
    ),
}

NEW_INDEXES = (
    ("ix_conversations_case", "conversations", "case_id"),
    ("ix_conversations_look", "conversations", "look_wanted_at"),
    ("ix_outbox_private_thread", "outbox", "private_thread"),
)


def upgrade() -> None:
    """Columns are added one by one: a table made anew would, on SQLite, drop what refers to it."""
    for table, columns in NEW_COLUMNS.items():
        for name, kind in columns:
            listed = kind is Document
            default = "[]" if listed else None
            op.add_column(table, sa.Column(name, kind, nullable=not listed, server_default=default))
    op.add_column(
        "messages",
        sa.Column("wants_parents", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index(
        "ix_messages_wants_parents",
        "messages",
        ["account_id"],
        sqlite_where=sa.text("wants_parents"),
        postgresql_where=sa.text("wants_parents"),
    )
    for name, table, column in NEW_INDEXES:
        op.create_index(name, table, [column])
    _contact_aliases()
    _happenings()
    _reconciliations()
    _reads()
    _outages()
    _oauth_starts()


def downgrade() -> None:
    for table in (
        "oauth_starts",
        "outages",
        "reads",
        "reconciliations",
        "happenings",
        "contact_aliases",
    ):
        op.drop_table(table)
    for name, table, _ in NEW_INDEXES:
        op.drop_index(name, table)
    op.drop_index("ix_messages_wants_parents", "messages")
    op.drop_column("messages", "wants_parents")
    for table, columns in NEW_COLUMNS.items():
        for name, _ in columns:
            op.drop_column(table, name)


def _account(*, key: bool = False) -> sa.Column[int]:
    owner = sa.ForeignKey("accounts.id", ondelete="CASCADE")
    return sa.Column("account_id", Id, owner, primary_key=key, nullable=False)


def _contact_aliases() -> None:
    op.create_table(
        "contact_aliases",
        _account(key=True),
        sa.Column("alias", sa.String(), primary_key=True),
        sa.Column("external_id", sa.String(), nullable=False),
    )


def _happenings() -> None:
    op.create_table(
        "happenings",
        _account(key=True),
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("at", UTC, nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("stored_at", UTC, nullable=False),
    )


def _reconciliations() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("id", Id, primary_key=True),
        _account(),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cursor", Document, nullable=False),
        sa.Column("started_at", UTC, nullable=False),
        sa.Column("finished_at", UTC),
        sa.Column("not_before", UTC),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("oldest_at", UTC),
        sa.Column("error", sa.String()),
    )
    op.create_index("ix_reconciliations_account", "reconciliations", ["account_id", "stream", "id"])


def _reads() -> None:
    op.create_table(
        "reads",
        _account(key=True),
        sa.Column("stream", sa.String(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
    )


def _outages() -> None:
    op.create_table(
        "outages",
        sa.Column("id", Id, primary_key=True),
        _account(),
        sa.Column("silent_since", UTC, nullable=False),
        sa.Column("began_at", UTC, nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("ended_at", UTC),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("began_mailed_at", UTC),
        sa.Column("ended_mailed_at", UTC),
        sa.Column("mail_not_before", UTC),
        sa.Column("mail_failures", sa.Integer(), nullable=False),
        sa.Column("mailed", Document, nullable=False),
    )
    op.create_index("ix_outages_account", "outages", ["account_id", "id"])


def _oauth_starts() -> None:
    op.create_table(
        "oauth_starts",
        sa.Column("state_hash", sa.String(), primary_key=True),
        sa.Column("session_hash", sa.String(), nullable=False),
        sa.Column("account_id", Id, sa.ForeignKey("accounts.id", ondelete="CASCADE")),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("base_url", sa.String()),
        sa.Column("settings", Document, nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
    )
