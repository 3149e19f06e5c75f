"""Search: folded copies of what was written, and the indexes that find words in them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from inbox.store import search
from inbox.store.tables.base import Id

revision = "0008"
down_revision = "0007"

CHUNK = 2000
TABLES = {"message": ("message_search", "key"), "contact": ("contact_search", "contact_id")}
LEXEMES = "array_to_tsvector(string_to_array(btrim(search_text), ' '))"


def upgrade() -> None:
    op.create_table(
        "message_search",
        sa.Column("key", Id, primary_key=True, autoincrement=False),
        sa.Column("message_id", Id, nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="CASCADE"),
        sa.UniqueConstraint("message_id"),
    )
    op.create_table(
        "contact_search",
        sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], ondelete="CASCADE"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        _full_text_tables()
    search.index_everything(Session(bind=op.get_bind()), CHUNK)
    if not sqlite:
        _full_text_indexes()
    op.create_index("ix_conversations_newest", "conversations", ["last_message_at", "id"])
    op.create_index(
        "ix_conversations_tag", "conversations", ["category", "urgency", "last_message_at"]
    )
    some = sa.text("unread > 0")
    op.create_index(
        "ix_conversations_unread",
        "conversations",
        ["last_message_at", "id"],
        sqlite_where=some,
        postgresql_where=some,
    )


def downgrade() -> None:
    for name in ("newest", "tag", "unread"):
        op.drop_index(f"ix_conversations_{name}", "conversations")
    for name, (table, _) in TABLES.items():
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TABLE {name}_words")
        op.drop_table(table)


def _full_text_tables() -> None:
    """The words are made already: whatever is not a space is one (the text has no ASCII beside
    letters, digits and spaces)."""
    for name, (table, key) in TABLES.items():
        words = f"{name}_words"
        op.execute(
            f"CREATE VIRTUAL TABLE {words} USING fts5(search_text, content='{table}',"
            f" content_rowid='{key}', tokenize='ascii', columnsize=0)"
        )
        add = f"INSERT INTO {words} (rowid, search_text) VALUES (new.{key}, new.search_text);"
        drop = (
            f"INSERT INTO {words} ({words}, rowid, search_text)"
            f" VALUES ('delete', old.{key}, old.search_text);"
        )
        for event, steps in (("INSERT", add), ("DELETE", drop), ("UPDATE", f"{drop} {add}")):
            op.execute(
                f"CREATE TRIGGER {table}_{event.lower()} AFTER {event} ON {table} BEGIN {steps} END"
            )


def _full_text_indexes() -> None:
    """A short list of pending entries, because every search reads it."""
    for table, _ in TABLES.values():
        op.execute(
            f"CREATE INDEX ix_{table}_words ON {table} USING gin (({LEXEMES}))"
            " WITH (gin_pending_list_limit = 512)"
        )
