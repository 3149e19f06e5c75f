"""The store's two doors, on both engines."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from inbox.store.session import SchemaBehind, Store
from tests.postgres import PostgresServer

ROW = text(
    "INSERT INTO throttles (key, failures, updated_at) VALUES ('k', 1, '2026-11-23 09:00:00+00:00')"
)
COUNT = text("SELECT count(*) FROM throttles")


def test_the_migrated_schema_is_current(store: Store) -> None:
    assert store.is_current()


def test_an_error_rolls_the_transaction_back(store: Store) -> None:
    def write_then_fail() -> None:
        with store.write() as session:
            session.execute(ROW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_then_fail()
    with store.read() as session:
        assert session.scalar(COUNT) == 0


def test_what_is_written_is_read(store: Store) -> None:
    with store.write() as session:
        session.execute(ROW)
    with store.read() as session:
        assert session.scalar(COUNT) == 1


def test_an_old_postgresql_schema_is_named_and_left_alone(postgres: PostgresServer) -> None:
    with postgres.empty_database() as url:
        store = Store(url)
        with pytest.raises(SchemaBehind, match="replydesk migrate"):
            store.ready()
        store.close()


def test_an_error_of_the_database_tells_no_parameters(store: Store) -> None:
    words = text("INSERT INTO throttles (key) VALUES (:key)")

    def fail() -> None:
        with store.write() as session:
            session.execute(words, {"key": "what a customer wrote"})

    with pytest.raises(IntegrityError) as error:
        fail()
    assert "[SQL parameters hidden" in str(error.value)
