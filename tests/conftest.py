"""What every test may ask for: a clock, and an empty migrated store on both engines.

`pytest -k sqlite` leaves PostgreSQL out, and its server is then not even started.
"""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from inbox.store.session import Store
from tests.clock import Clock
from tests.postgres import PostgresServer, postgres_server

# Whether a law holds is no question of how fast the machine is.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_finish() -> None:
    """What was collected stays to the end: the collector need not look through it again and again
    (3 % of the time of a file of page tests alone; more, the more is collected)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


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
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """The address of an empty migrated SQLite database."""
    path = tmp_path / "replydesk.db"
    shutil.copyfile(migrated_file, path)
    return f"sqlite:///{path}"


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
    store = sharing_statements(Store(store_url))
    yield store
    store.close()


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """An empty migrated store for tests where the engine does not matter."""
    store = sharing_statements(Store(sqlite_url))
    yield store
    store.close()


class Statements(dict[Any, Any]):
    """Compiled statements by the name of their dialect instead of the engine's own object, so that
    the stores of a process, one for each test, compile each of them once."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


STATEMENTS = Statements()


def sharing_statements(store: Store) -> Store:
    for engine in {store.writer, store.reader}:
        engine.update_execution_options(compiled_cache=STATEMENTS)
    return store
