"""Days of reports, counted once; which conversations changed since.

A conversation is marked by the database itself, in the transaction of whatever changed something
that a figure is counted from: no code path can forget it. PostgreSQL marks once for each statement
that inserts or deletes; SQLite once for each conversation.
"""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Id, Utc

revision = "0058"
down_revision = "0057"

ALL = -1
"""The mark of everything: a name that all days know was changed."""
ABOUT = {
    "messages": (
        *("account_id", "conversation_id", "role", "sent_at", "lang", "opener_id", "category"),
        *("category_confidence", "needs_review", "findings"),
    ),
    "turns": ("conversation_id", "superseded_at"),
    "taggings": ("conversation_id", "category", "urgency", "at", "agent_id"),
    "steps": ("conversation_id", "kind", "at", "undone_at", "seen"),
}
"""Tables whose rows are counted, and the columns of which a change counts."""
CUSTOMERS = {"messages": "role = 'customer'"}
NAMED = {"accounts": ("channel", "handle"), "users": ("email",)}
OF_CONVERSATION = ("account_id", "visibility", "status")


def upgrade() -> None:
    op.create_table(
        "report_days",
        sa.Column("zone", sa.String(), primary_key=True),
        sa.Column("local_date", sa.Date(), primary_key=True),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("latest", Utc(), nullable=False),
        sa.Column("conversations", sa.LargeBinary(), nullable=False),
        sa.Column("tally", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "report_marks",
        sa.Column("id", Id, primary_key=True),
        sa.Column("conversation_id", Id, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_report_marks_conversation_id", "report_marks", ["conversation_id"])
    make = _sqlite if op.get_bind().dialect.name == "sqlite" else _postgresql
    for statement in make():
        op.execute(statement)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in (*ABOUT, "conversations", *NAMED):
        for when in ("insert", "delete", "update"):
            on = "" if sqlite else f" ON {table}"
            op.execute(f"DROP TRIGGER IF EXISTS mark_{table}_{when}{on}")
        if not sqlite:
            op.execute(f"DROP FUNCTION IF EXISTS mark_{table}_rows")
    if not sqlite:
        op.execute("DROP FUNCTION mark_both")
        op.execute("DROP FUNCTION mark_all")
    op.drop_table("report_marks")
    op.drop_table("report_days")


def _sqlite() -> list[str]:
    made = []
    for table, columns in ABOUT.items():
        only = CUSTOMERS.get(table, "true")
        new, old = (_marked(f"coalesce({row}.conversation_id, 0)") for row in ("new", "old"))
        made += [
            f"CREATE TRIGGER mark_{table}_insert AFTER INSERT ON {table}"
            f" WHEN {only.replace('role', 'new.role')} BEGIN {new} END",
            f"CREATE TRIGGER mark_{table}_delete AFTER DELETE ON {table}"
            f" WHEN {only.replace('role', 'old.role')} BEGIN {old} END",
            f"CREATE TRIGGER mark_{table}_update AFTER UPDATE OF {', '.join(columns)} ON {table}"
            f" WHEN ({_differs(columns, 'IS NOT')}) AND ({only.replace('role', 'new.role')} OR"
            f" {only.replace('role', 'old.role')}) BEGIN {old} {new} END",
        ]
    made.append(
        "CREATE TRIGGER mark_conversations_update AFTER UPDATE OF"
        f" {', '.join(OF_CONVERSATION)} ON conversations"
        f" WHEN {_differs(OF_CONVERSATION, 'IS NOT')} BEGIN {_marked('new.id')} END"
    )
    for table, columns in NAMED.items():
        made.append(
            f"CREATE TRIGGER mark_{table}_update AFTER UPDATE OF {', '.join(columns)} ON {table}"
            f" WHEN {_differs(columns, 'IS NOT')} BEGIN {_marked(str(ALL))} END"
        )
    return made


def _marked(conversation: str) -> str:
    """One mark each; a later one has a higher number."""
    return (
        f"DELETE FROM report_marks WHERE conversation_id = {conversation};"
        f" INSERT INTO report_marks (conversation_id) VALUES ({conversation});"
    )


def _differs(columns: tuple[str, ...], how: str) -> str:
    return " OR ".join(f"old.{column} {how} new.{column}" for column in columns)


def _postgresql() -> list[str]:
    """Marks are only added: writers of one conversation do not wait for each other's."""
    into = "INSERT INTO report_marks (conversation_id)"
    made = [
        "CREATE FUNCTION mark_both() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" {into} VALUES (coalesce(new.conversation_id, 0));"
        " IF old.conversation_id IS DISTINCT FROM new.conversation_id THEN"
        f" {into} VALUES (coalesce(old.conversation_id, 0)); END IF;"
        " RETURN NULL; END $$",
        "CREATE FUNCTION mark_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" {into} VALUES ({ALL}); RETURN NULL; END $$",
        "CREATE FUNCTION mark_conversations_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" {into} VALUES (new.id); RETURN NULL; END $$",
    ]
    for table, columns in ABOUT.items():
        only = CUSTOMERS.get(table, "true")
        made += [
            f"CREATE FUNCTION mark_{table}_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" {into} SELECT DISTINCT coalesce(conversation_id, 0) FROM written WHERE {only};"
            " RETURN NULL; END $$",
            *(
                f"CREATE TRIGGER mark_{table}_{when} AFTER {when.upper()} ON {table} REFERENCING"
                f" {row} TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION mark_{table}_rows()"
                for when, row in (("insert", "NEW"), ("delete", "OLD"))
            ),
            f"CREATE TRIGGER mark_{table}_update AFTER UPDATE OF {', '.join(columns)} ON {table}"
            f" FOR EACH ROW WHEN (({_differs(columns, 'IS DISTINCT FROM')}) AND"
            f" ({only.replace('role', 'new.role')} OR {only.replace('role', 'old.role')}))"
            " EXECUTE FUNCTION mark_both()",
        ]
    alone = {"conversations": OF_CONVERSATION} | NAMED
    for table, columns in alone.items():
        what = "mark_conversations_rows" if table == "conversations" else "mark_all"
        made.append(
            f"CREATE TRIGGER mark_{table}_update AFTER UPDATE OF {', '.join(columns)} ON {table}"
            f" FOR EACH ROW WHEN ({_differs(columns, 'IS DISTINCT FROM')})"
            f" EXECUTE FUNCTION {what}()"
        )
    return made
