"""People behind identities: who was joined, marks, tags, notes."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Id, Utc

revision = "0014"
down_revision = "0013"

UTC = Utc()
MARKS = ("vip", "muted", "blocked")
LEXEMES = "array_to_tsvector(string_to_array(btrim(search_text), ' '))"


def upgrade() -> None:
    for name, kind in (
        ("person_id", Id),
        ("joined_to", Id),
        ("joined_at", UTC),
        ("joined_by", sa.String()),
    ):
        op.add_column("contacts", sa.Column(name, kind))
    for name in MARKS:
        op.add_column(
            "contacts", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.create_index("ix_contacts_person", "contacts", ["person_id"])
    for name in MARKS:
        some = sa.text(name)
        op.create_index(
            f"ix_contacts_{name}", "contacts", ["id"], sqlite_where=some, postgresql_where=some
        )
    _contact = sa.ForeignKey("contacts.id", ondelete="CASCADE")
    op.create_table(
        "contact_tags",
        sa.Column("contact_id", Id, _contact, primary_key=True),
        sa.Column("tag", sa.String(), primary_key=True),
    )
    op.create_index("ix_contact_tags_tag", "contact_tags", ["tag", "contact_id"])
    op.create_table(
        "contact_notes",
        sa.Column("id", Id, primary_key=True),
        sa.Column(
            "contact_id",
            Id,
            sa.ForeignKey("contacts.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("author_id", Id, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("edited_at", UTC),
    )
    _index_notes()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE note_words")
    for table in ("contact_notes", "contact_tags"):
        op.drop_table(table)
    for name in ("person", *MARKS):
        op.drop_index(f"ix_contacts_{name}", "contacts")
    for name in (*MARKS, "joined_by", "joined_at", "joined_to", "person_id"):
        op.drop_column("contacts", name)


def _index_notes() -> None:
    """As 0008 does for messages and names."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"CREATE INDEX ix_note_words ON contact_notes USING gin (({LEXEMES}))")
        return
    op.execute(
        "CREATE VIRTUAL TABLE note_words USING fts5(search_text, content='contact_notes',"
        " content_rowid='id', tokenize='ascii', columnsize=0)"
    )
    add = "INSERT INTO note_words (rowid, search_text) VALUES (new.id, new.search_text);"
    drop = (
        "INSERT INTO note_words (note_words, rowid, search_text)"
        " VALUES ('delete', old.id, old.search_text);"
    )
    for event, steps in (("INSERT", add), ("DELETE", drop), ("UPDATE", f"{drop} {add}")):
        op.execute(
            f"CREATE TRIGGER contact_notes_{event.lower()} AFTER {event} ON contact_notes"
            f" BEGIN {steps} END"
        )
