"""What every test may ask for: a clock, and an empty migrated store on both engines.

`pytest -k sqlite` leaves PostgreSQL out, and its server is then not even started.
"""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from inbox.store.session import Store
from tests.clock import Clock
from tests.postgres import PostgresServer, postgres_server

# Whether a law holds is no question of how fast the machine is.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def clock() -> Clock:
    """Monday, 23 November 2026, 09:00 UTC, until the test moves it."""
    return Clock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server per test process, started when the first test needs it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy; migrating takes longer than copying."""
    path = tmp_path_factory.mktemp("migrated") / "replydesk.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@pytest.fixture
def sqlite_url(migrated_file: Path) -> Iterator[str]:
    """The address of an empty migrated SQLite database; each test's own file under one name."""
    path = migrated_file.with_name("test.db")
    shutil.copyfile(migrated_file, path)
    yield f"sqlite:///{path}"
    for file in path.parent.glob("test.db*"):
        file.unlink()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The address of an empty migrated PostgreSQL database."""
    with postgres.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty migrated database's address, once per engine."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty migrated store, once per engine."""
    store = _store(store_url)
    yield store
    store.close()


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """An empty migrated store for tests where the engine does not matter."""
    store = _store(sqlite_url)
    yield store
    store.close()


@cache
def _store(url: str) -> Store:
    """One per address and process: an engine keeps the statements that it has compiled."""
    return Store(url)
