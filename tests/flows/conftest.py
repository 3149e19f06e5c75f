"""Desks on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox.store.session import Store
from tests.clock import Clock
from tests.flows.desk import Desk, says
from tests.scripted import SCRIPTS, scripted_platforms


@pytest.fixture(autouse=True)
def _scripted() -> Iterator[None]:
    with scripted_platforms():
        yield
    SCRIPTS.clear()


@pytest.fixture
def desk(store: Store, tmp_path: Path, clock: Clock) -> Desk:
    """A desk on each engine."""
    return Desk.open(store, tmp_path, clock)


@pytest.fixture
def sqlite_desk(sqlite_store: Store, tmp_path: Path, clock: Clock) -> Desk:
    """A desk where the engine does not matter."""
    return Desk.open(sqlite_store, tmp_path, clock)


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """Ann waits for an answer."""
    desk.take(says("1"))
    return desk


@pytest.fixture
def waits(sqlite_desk: Desk) -> Desk:
    """The same, where the engine does not matter."""
    sqlite_desk.take(says("1"))
    return sqlite_desk
