"""The live stream: from another process's commit to the open page."""

import json
import multiprocessing
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from sqlalchemy import delete, text

from inbox.store import events
from inbox.store.session import Store
from inbox.store.tables import Event, User
from inbox.web.live import Live
from inbox.web.watching import Watching
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation, make_user
from tests.web.serving import Site

SOON_S = 20.0  # a machine under load is slow; benchmarks/live.py says how soon it really is


class Listener:
    """An open page's stream, read in a thread."""

    def __init__(self, browser: httpx2.Client, path: str, headers: dict[str, str]) -> None:
        self.heard: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.status: queue.Queue[int] = queue.Queue()
        self._args = (browser, path, headers)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        browser, path, headers = self._args
        fields: dict[str, Any] = {}
        try:
            with browser.stream("GET", path, headers=headers) as answer:
                self.status.put(answer.status_code)
                for line in answer.iter_lines():
                    name, _, value = line.partition(": ")
                    if line:
                        fields[name] = json.loads(value) if name == "data" else value
                    elif "event" in fields:
                        self.heard.put(fields)
                        fields = {}
        except httpx2.TransportError:
            pass  # the server stopped in the middle of a chunk
        self.heard.put(None)

    def next(self, topic: str | None = "conversation") -> dict[str, Any] | None:
        """The next event that is no heartbeat (or that is one); None at the stream's end."""
        while True:
            fields = self.heard.get(timeout=SOON_S)
            if fields is None or fields["event"] == topic:
                return fields


@contextmanager
def listening(
    site: Site, browser: httpx2.Client, path: str = "/events", **headers: str
) -> Iterator[Listener]:
    """A page whose stream is open. It ends when the site's server stops."""
    listener = Listener(browser, path, {k.replace("_", "-"): v for k, v in headers.items()})
    site.closing.callback(listener.thread.join)
    assert listener.status.get(timeout=SOON_S) == 200
    yield listener


def announce(store: Store, conversation_id: int, topic: str = "conversation") -> int:
    with store.write() as session:
        events.announce(session, topic, MONDAY, conversation_id)
        return events.newest_id(session)


def _announce_elsewhere(url: str, conversation_id: int) -> None:
    store = Store(url)
    announce(store, conversation_id)
    store.close()


@pytest.fixture
def reader(any_site: Site) -> httpx2.Client:
    """Bo's browser, on each engine."""
    make_user(any_site.store, "Ada Voss", "admin")
    return any_site.signed_in(make_user(any_site.store, "Bo Narin", "agent"))


def test_what_another_process_commits_is_heard(
    any_site: Site, store_url: str, reader: httpx2.Client
) -> None:
    with listening(any_site, reader) as page:
        assert page.next("beat") is not None
        process = multiprocessing.get_context("spawn").Process(
            target=_announce_elsewhere, args=(store_url, 7)
        )
        process.start()
        heard = page.next()
        process.join()
        process.close()
    assert heard is not None
    assert heard["data"] == {"conversation": 7}


def test_a_new_conversation_is_on_the_list_when_its_event_is_heard(
    any_site: Site, reader: httpx2.Client
) -> None:
    account = make_account(any_site.store)
    with listening(any_site, reader) as page:
        page.next("beat")
        conversation = make_conversation(any_site.store, account)
        announce(any_site.store, conversation.id)
        assert page.next() is not None
        assert f'id="row-{conversation.id}"' in reader.get("/").text


def test_what_was_missed_is_replayed_once_and_in_order(
    any_site: Site, reader: httpx2.Client
) -> None:
    first = announce(any_site.store, 1)
    for conversation in (2, 3, 2):
        announce(any_site.store, conversation)
    seen = first + events_of_postgres(any_site)
    with listening(any_site, reader, f"/events?after={seen}") as page:
        assert [heard_of(page.next()) for _ in range(2)] == [3, 2]
        announce(any_site.store, 4)
        assert heard_of(page.next()) == 4
    with listening(any_site, reader, "/events?after=0", Last_Event_ID=str(seen + 2)) as page:
        assert heard_of(page.next()) == 2


def events_of_postgres(site: Site) -> int:
    """A replay goes back a little on PostgreSQL: a later id makes the two engines alike."""
    return 0 if site.store.is_sqlite else 20


def heard_of(fields: dict[str, Any] | None) -> int | None:
    return None if fields is None else int(fields["data"]["conversation"])


def test_without_an_id_only_what_is_new_is_heard(any_site: Site, reader: httpx2.Client) -> None:
    announce(any_site.store, 1)
    with listening(any_site, reader) as page:
        page.next("beat")
        announce(any_site.store, 2)
        assert heard_of(page.next()) == 2


def test_every_open_page_hears_the_same(any_site: Site, reader: httpx2.Client) -> None:
    with listening(any_site, reader) as one, listening(any_site, reader) as other:
        one.next("beat")
        other.next("beat")
        announce(any_site.store, 5)
        assert heard_of(one.next()) == heard_of(other.next()) == 5


def test_an_unknown_topic_is_not_heard(any_site: Site, reader: httpx2.Client) -> None:
    with listening(any_site, reader) as page:
        page.next("beat")
        announce(any_site.store, 1, "secret")
        announce(any_site.store, 2)
        assert heard_of(page.heard.get(timeout=SOON_S)) == 2


def test_a_stopped_server_ends_the_streams(any_site: Site, reader: httpx2.Client) -> None:
    with listening(any_site, reader) as page:
        page.next("beat")
        any_site.app.state.desk.live.stop()
        assert page.next() is None
    with listening(any_site, reader) as late:
        assert late.next() is None


def test_a_page_that_is_gone_is_forgotten(any_site: Site, reader: httpx2.Client) -> None:
    live: Live = any_site.app.state.desk.live
    with reader.stream("GET", "/events") as answer:
        lines = answer.iter_lines()
        next(lines)
        assert len(live._open) == 1
    wait_until(lambda: len(live._open) == 0)


def test_signing_out_ends_the_stream_at_the_next_heartbeat(any_site: Site) -> None:
    make_user(any_site.store, "Ada Voss", "admin")
    browser = any_site.signed_in(make_user(any_site.store, "Bo Narin"))
    any_site.app.state.desk.live._heartbeat_s = 0.2
    with listening(any_site, browser) as page:
        page.next("beat")
        browser.post("/sign-out")
        assert page.next("nothing") is None


def test_who_is_not_signed_in_hears_nothing(site: Site, ada: User) -> None:
    assert site.browser().get("/events").status_code == 401


def test_an_id_that_is_no_number_is_no_id(any_site: Site, reader: httpx2.Client) -> None:
    announce(any_site.store, 1)
    with listening(any_site, reader, Last_Event_ID="1 OR 1=1") as page:
        page.next("beat")
        announce(any_site.store, 2)
        assert heard_of(page.next()) == 2


def test_the_lower_id_of_a_slower_transaction_is_heard_too(
    postgres_url: str,
) -> None:
    store = Store(postgres_url)
    live = Live(store, Watching(lambda: MONDAY))
    heard = _heard_by(live)
    try:
        with store.write() as slow:
            events.announce(slow, "conversation", MONDAY, 1)
            slow.flush()
            announce(store, 2)
            wait_until(lambda: heard() == [2])
        wait_until(lambda: heard() == [2, 1])
    finally:
        live.stop()
        store.close()


def test_a_lost_connection_is_made_again_and_nothing_is_lost(postgres_url: str) -> None:
    store = Store(postgres_url)
    live = Live(store, Watching(lambda: MONDAY))
    heard = _heard_by(live)
    try:
        announce(store, 1)
        wait_until(lambda: heard() == [1])
        with store.write() as session:
            session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        announce(store, 2)
        wait_until(lambda: heard() == [1, 2])
    finally:
        live.stop()
        store.close()


def test_pruned_events_do_not_disturb_a_replay(any_site: Site, reader: httpx2.Client) -> None:
    announce(any_site.store, 1)
    with any_site.store.write() as session:
        session.execute(delete(Event))
    with listening(any_site, reader, "/events?after=0") as page:
        page.next("beat")
        announce(any_site.store, 2)
        assert heard_of(page.next()) == 2


class _Page:
    """Stands for an open page that needs no event loop."""

    def __init__(self) -> None:
        self.changes: list[int | None] = []

    def add(self, changes: list[Any]) -> None:
        self.changes += [change.conversation for change in changes]

    def end(self) -> None:
        return


def _heard_by(live: Live) -> Any:
    page: Any = _Page()
    live._join(page)  # a page without a loop
    return lambda: page.changes


def wait_until(true: Any) -> None:
    until = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)
