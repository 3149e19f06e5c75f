"""Offices on both engines."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox.store.session import Store
from tests.reports.office import Office
from tests.reports.test_document import a_busy_week


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    """A store whose brand is not yet there: `office.open(...)` makes it."""
    return Office(store, tmp_path / "data")


@pytest.fixture
def sqlite_office(sqlite_store: Store, tmp_path: Path) -> Office:
    """The same where the engine does not matter."""
    return Office(sqlite_store, tmp_path / "data")


@pytest.fixture(scope="session")
def week(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A busy week that these tests only read."""
    folder = tmp_path_factory.mktemp("week")
    store = Store(f"sqlite:///{shutil.copy(migrated_file, folder)}")
    office = Office(store, folder / "data").open()
    a_busy_week(office, 3)
    yield office
    store.close()
