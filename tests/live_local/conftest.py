"""An office on SQLite, and the servers of other people."""

from pathlib import Path

import pytest

from inbox.store.session import Store
from tests.live_local.office import Office


@pytest.fixture
def office(sqlite_store: Store, tmp_path: Path) -> Office:
    return Office(sqlite_store, tmp_path)
