"""Live updates: one watcher per process looks for new event rows and tells every open page.

An event says that something changed and where, never what: the page fetches the changed part
itself, so permissions apply there. On SQLite the watcher looks at `PRAGMA data_version` four times
a second, which also sees other processes' commits; on PostgreSQL it waits for a notification.

A client that was away sends the last id it saw and gets what it missed. On PostgreSQL ids are given
before the commit, so a lower id can appear after a higher one: the watcher keeps looking for ids
that were left out, and a replay goes back a little further.

Who views and who types is told the same way, but stored nowhere (`inbox.web.watching`): these
events have no id, and none of them is replayed.
"""

import asyncio
import json
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.concurrency import run_in_threadpool

from inbox.store import events
from inbox.store.session import Store
from inbox.web.watching import Watching

log = structlog.get_logger()

LOOK_S = 0.25
HEARTBEAT_S = 15.0
LATE_S = 30.0
"""An id left out is looked for so long; a rolled-back transaction's id never comes."""
GO_BACK = 20
"""So many ids before the last one are replayed on PostgreSQL."""
CHANNEL = "replydesk_events"


@dataclass(frozen=True, slots=True)
class Change:
    """One event row: a topic (`conversation`, `account`, …) and whose it is. `account` is that of
    the conversation. What has no id (0) is stored nowhere."""

    id: int
    topic: str
    conversation: int | None
    account: int | None = None

    def line(self) -> str:
        """The event as it goes over the wire."""
        data = json.dumps({"conversation": self.conversation})
        id_ = f"id: {self.id}\n" if self.id else ""
        return f"{id_}event: {self.topic}\ndata: {data}\n\n"


class Live:
    """Fans out changes to the open pages. Starts to watch with the first of them."""

    def __init__(self, store: Store, watching: Watching, heartbeat_s: float = HEARTBEAT_S) -> None:
        self._store = store
        self._watching = watching
        self._heartbeat_s = heartbeat_s
        self._open: set[_Page] = set()
        self._guard = threading.Lock()
        self._stopped = threading.Event()
        self._watcher: threading.Thread | None = None

    async def stream(
        self, after: int | None, hears: Callable[[Change], bool], beat: Callable[[], str | None]
    ) -> AsyncGenerator[str, None]:
        """Lines of an event stream: what was missed after that id, then what comes.

        It ends when the server stops, and when `beat`, asked at the start and at each heartbeat for
        the data of a `beat` event, says None.
        """
        page = _Page(asyncio.get_running_loop())
        await run_in_threadpool(self._join, page)
        try:
            yield "retry: 1000\n"
            changes: list[Change] | None = await run_in_threadpool(self._missed, after)
            beaten = time.monotonic() - self._heartbeat_s
            while changes is not None:
                for change in changes:
                    if hears(change):
                        yield change.line()
                if time.monotonic() - beaten >= self._heartbeat_s:
                    if (data := await run_in_threadpool(beat)) is None:
                        return
                    beaten = time.monotonic()
                    yield f"event: beat\ndata: {data}\n\n"
                changes = await page.next(self._heartbeat_s)
        finally:
            with self._guard:
                self._open.discard(page)

    def stop(self) -> None:
        """Ends every stream at once, and the watcher."""
        self._stopped.set()
        with self._guard:
            pages, watcher = list(self._open), self._watcher
        for page in pages:
            page.end()
        if watcher is not None:
            watcher.join()

    def start(self) -> None:
        """Begins to watch, if it has not yet: also a process without an open page spreads what its
        pages say."""
        with self._guard:
            if self._watcher is None and not self._stopped.is_set():
                stored = _Log(self._store)  # where it stands now, before anything is replayed
                self._watcher = threading.Thread(target=self._watch, args=(stored,), daemon=True)
                self._watcher.start()

    def _join(self, page: "_Page") -> None:
        with self._guard:
            self._open.add(page)
        self.start()
        if self._stopped.is_set():
            page.end()

    def _missed(self, after: int | None) -> list[Change]:
        if after is None:
            return []
        seen = after if self._store.is_sqlite else after - GO_BACK
        last: dict[tuple[str, int | None], Change] = {}
        with self._store.read() as session:
            while rows := events.after(session, seen):
                seen = rows[-1].id
                last |= {(c.topic, c.conversation): c for c in _changes(rows)}
        return sorted(last.values(), key=lambda change: change.id)

    def _watch(self, stored: "_Log") -> None:
        while not self._stopped.is_set():
            try:
                with _bell(self._store, self._stopped, self._watching.hear) as rings:
                    self._tell(stored.fresh())
                    while not self._stopped.is_set():
                        if rings() or stored.waits_for_late_ids:
                            self._tell(stored.fresh())
                        self._tell_of_people()
            except Exception as e:  # noqa: BLE001 - a thread that died would leave pages silent
                log.warning("live updates begin anew", error=type(e).__name__, why=str(e))
                self._stopped.wait(1.0)

    def _tell_of_people(self) -> None:
        """What was not told for an error is told at the next look."""
        payloads = self._watching.unspread()
        if payloads and not self._store.is_sqlite:
            with self._store.write() as session:
                events.spread(session, payloads)
        self._watching.spread(len(payloads))
        if not (news := self._watching.news()):
            return
        with self._store.read() as session:
            accounts = events.accounts_of(session, news)
        self._tell([Change(0, "watching", id_, accounts.get(id_)) for id_ in news])
        self._watching.told()

    def _tell(self, changes: list[Change]) -> None:
        if not changes:
            return
        with self._guard:
            pages = list(self._open)
        for page in pages:
            page.add(changes)


class _Page:
    """One open page: changes come from the watcher's thread, and leave on the page's loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._changes: list[Change] = []
        self._ended = False
        self._ring = asyncio.Event()

    def add(self, changes: list[Change]) -> None:
        self._soon(changes, ended=False)

    def end(self) -> None:
        self._soon([], ended=True)

    async def next(self, timeout_s: float) -> list[Change] | None:
        """What has come, [] when nothing did within the time, None at the end."""
        try:
            await asyncio.wait_for(self._ring.wait(), timeout_s)
        except TimeoutError:
            return []
        self._ring.clear()
        found, self._changes = self._changes, []
        return None if self._ended else found

    def _soon(self, changes: list[Change], *, ended: bool) -> None:
        def apply() -> None:
            self._changes += changes
            self._ended |= ended
            self._ring.set()

        try:
            self._loop.call_soon_threadsafe(apply)
        except RuntimeError:  # the loop is closed: the server has ended meanwhile
            return


class _Log:
    """The event rows from now on, each once, also those that appear out of order."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._late: dict[int, float] = {}
        with store.read() as session:
            self._last = events.newest_id(session)

    @property
    def waits_for_late_ids(self) -> bool:
        return bool(self._late)

    def fresh(self) -> list[Change]:
        """What was committed since the last call, in order of id."""
        with self._store.read() as session:
            rows = events.after(session, self._last)
            rows += events.among(session, list(self._late)) if self._late else []
        here = {row.id for row in rows}
        newest = max(here | {self._last})
        now = time.monotonic()
        left_out = set(range(max(self._last, newest - 500) + 1, newest + 1)) - here
        known = {id_: until for id_, until in self._late.items() if id_ not in here and until > now}
        self._late = dict.fromkeys(left_out, now + LATE_S) | known
        self._last = newest
        return sorted(_changes(rows), key=lambda change: change.id)


def _changes(rows: Iterable[Any]) -> Iterator[Change]:
    return (Change(row.id, row.topic, row.conversation_id, row.account_id) for row in rows)


@contextmanager
def _bell(
    store: Store, stopped: threading.Event, hear: Callable[[str], None]
) -> Iterator[Callable[[], bool]]:
    """A function that waits a moment and says whether another look is worth it. What other
    processes say with a notification is handed to `hear`."""
    held = store.reader.raw_connection()
    raw: Any = held.driver_connection
    try:
        if store.is_sqlite:
            yield _sqlite_bell(raw, stopped)
        else:
            raw.autocommit = True
            raw.execute(f"LISTEN {CHANNEL}")
            yield lambda: _postgres_bell(raw, hear)
    finally:
        held.invalidate()


def _postgres_bell(raw: Any, hear: Callable[[str], None]) -> bool:
    said = [one.payload for one in raw.notifies(timeout=LOOK_S, stop_after=1)]
    for payload in filter(None, said):
        hear(payload)
    return "" in said


def _sqlite_bell(raw: Any, stopped: threading.Event) -> Callable[[], bool]:
    seen = [0]

    def rings() -> bool:
        stopped.wait(LOOK_S)
        before, seen[0] = seen[0], raw.execute("PRAGMA data_version").fetchone()[0]
        return before != seen[0]

    return rings
