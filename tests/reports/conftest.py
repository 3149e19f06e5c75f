"""Offices on both engines."""

from pathlib import Path

import pytest

from inbox.store.session import Store
from tests.reports.office import Office


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    """A store whose brand is not yet there: `office.open(...)` makes it."""
    return Office(store, tmp_path / "data")


@pytest.fixture
def sqlite_office(sqlite_store: Store, tmp_path: Path) -> Office:
    """The same where the engine does not matter."""
    return Office(sqlite_store, tmp_path / "data")
