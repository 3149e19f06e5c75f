"""Notes of the team are found by their words."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from inbox.store import search
from inbox.store.tables.base import Id

revision = "0034"
down_revision = "0033"

CHUNK = 2000
LEXEMES = "array_to_tsvector(string_to_array(btrim(search_text), ' '))"


def upgrade() -> None:
    op.create_table(
        "note_search",
        sa.Column("key", Id, primary_key=True, autoincrement=False),
        sa.Column("note_id", Id, nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], ondelete="CASCADE"),
        sa.UniqueConstraint("note_id"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        _full_text_table()
    search.index_notes(Session(bind=op.get_bind()), CHUNK)
    if not sqlite:
        op.execute(
            f"CREATE INDEX ix_note_search_words ON note_search USING gin (({LEXEMES}))"
            " WITH (gin_pending_list_limit = 512)"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE team_note_words")
    op.drop_table("note_search")


def _full_text_table() -> None:
    """As 0008 does for messages."""
    op.execute(
        "CREATE VIRTUAL TABLE team_note_words USING fts5(search_text, content='note_search',"
        " content_rowid='key', tokenize='ascii', columnsize=0)"
    )
    add = "INSERT INTO team_note_words (rowid, search_text) VALUES (new.key, new.search_text);"
    drop = (
        "INSERT INTO team_note_words (team_note_words, rowid, search_text)"
        " VALUES ('delete', old.key, old.search_text);"
    )
    for event, steps in (("INSERT", add), ("DELETE", drop), ("UPDATE", f"{drop} {add}")):
        op.execute(
            f"CREATE TRIGGER note_search_{event.lower()} AFTER {event} ON note_search"
            f" BEGIN {steps} END"
        )
