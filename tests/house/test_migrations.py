"""The migrations make exactly the tables that the code describes, on both engines."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from inbox.store.session import Store
from inbox.store.tables import Base


def test_the_migrated_schema_is_the_described_one(store: Store) -> None:
    with store.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_fresh_store_is_current(store: Store) -> None:
    assert store.is_current()


def test_sqlite_is_durable_and_checks_its_keys(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        found = [
            session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]
