"""The site: the application on a store of each engine, served on a socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from inbox.config import Settings
from inbox.store.session import Store
from inbox.store.tables import User
from inbox.web.app import create_app
from tests.clock import Clock
from tests.factories import make_brand, make_user
from tests.web.chromium import chromium
from tests.web.pages_server import PageServer, page_server
from tests.web.serving import Site, Untagged, opened


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests of pages in a process; each opens windows of its own in it."""
    with chromium() as found:
        yield found


@pytest.fixture
def server() -> Iterator[PageServer]:
    """Pages as they were drawn, without a product behind them."""
    with page_server() as found:
        yield found


def _site(store: Store, clock: Clock, folder: Path) -> Iterator[Site]:
    settings = Settings(data=folder, listen="127.0.0.1:8080")
    app = create_app(store, settings, now=clock, classifier=Untagged(), development=True)
    with opened(app, store, clock) as site:
        yield site


@pytest.fixture
def empty_site(sqlite_store: Store, clock: Clock, tmp_path: Path) -> Iterator[Site]:
    """Before the set-up: no brand, no people."""
    yield from _site(sqlite_store, clock, tmp_path / "data")


@pytest.fixture
def site(sqlite_store: Store, clock: Clock, tmp_path: Path) -> Iterator[Site]:
    """With a brand, on SQLite."""
    make_brand(sqlite_store)
    yield from _site(sqlite_store, clock, tmp_path / "data")


@pytest.fixture
def any_site(store: Store, clock: Clock, tmp_path: Path) -> Iterator[Site]:
    """With a brand, on each engine."""
    make_brand(store)
    yield from _site(store, clock, tmp_path / "data")


@pytest.fixture
def ada(site: Site) -> User:
    """An admin, so that the set-up is over."""
    return make_user(site.store, "Ada Voss", "admin")


@pytest.fixture
def bo(site: Site) -> User:
    """Another agent."""
    return make_user(site.store, "Bo Narin", "agent")


@pytest.fixture
def cy(site: Site) -> User:
    """An auditor: reads, changes nothing."""
    return make_user(site.store, "Cy Okoro", "auditor")
