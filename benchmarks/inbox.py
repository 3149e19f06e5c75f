"""`python -m benchmarks.inbox`: what a page of the inbox costs at 10,000, 100,000 and 1,000,000
conversations.

Prints the processor time of the list's pages and counts, each beside the bare query of the same run
(the rows of the first stage with their customers and accounts, by the driver alone), then of the
first HTML of the list, and of a conversation with the list beside it: each a second after the page
before, and right after something was written, when nothing is known any more. They stand beside
their own bare query and template, of which every row is drawn anew. Then how large the list's HTML
and its assets are. On PostgreSQL the server's time is not in it; the clock shows it. The heap is
frozen, as the server's is.
"""

import argparse
import asyncio
import gc
import gzip
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from fastapi import FastAPI
from sqlalchemy import text

from benchmarks._filling import NOW, fill, settle, words
from inbox.config import Settings
from inbox.store import due, inbox_list
from inbox.store.session import Store
from inbox.store.tables import Conversation
from inbox.web import render
from inbox.web.app import create_app
from inbox.web.pages_list import ListPage
from tests.factories import PASSWORD, add_message, make_brand, make_user
from tests.postgres import postgres_server

SIZES = (10_000, 100_000, 1_000_000)
TIMES = 30
LIST = "/?view=due"
VIEWS = ("due", "mine", "unassigned", "waiting", "all")
BARE = """
  SELECT c.*, k.name, k.handle, k.external_id, a.channel, a.handle, a.state
  FROM conversations c JOIN contacts k ON k.id = c.contact_id JOIN accounts a ON a.id = c.account_id
  WHERE c.status = 'open' AND c.due_at IS NOT NULL ORDER BY c.due_at, c.id LIMIT 51
"""
"""The rows of the first page, and nothing else."""
THREAD = 1
SAID = 20
"""The conversation that is opened, and how many messages it has."""
MESSAGES = f"""
  SELECT m.*, u.name FROM messages m LEFT JOIN users u ON u.id = m.agent_id
  WHERE m.conversation_id = {THREAD} ORDER BY m.sent_at DESC, m.id DESC LIMIT 51
"""


class Classifier:
    """Says nothing: the pages read what is stored."""

    def tag(self, texts: Any) -> Any:
        return [None] * len(texts)

    def explain(self, text: str, n: int = 6) -> None:
        return None


Took = tuple[float, float]


def timed(work: Callable[[], object]) -> Took:
    """Milliseconds of the processor and of the clock, the median of some runs."""
    work()
    took = []
    for _ in range(TIMES):
        before = time.process_time(), time.perf_counter()
        work()
        took.append((time.process_time() - before[0], time.perf_counter() - before[1]))
    return _middle(took)


def _middle(took: list[Took]) -> Took:
    own, clock = zip(*took, strict=True)
    return median(own) * 1_000, median(clock) * 1_000


def ask(app: FastAPI, path: str, body: bytes = b"", cookie: str = "") -> tuple[bytes, str]:
    """A page as the application answers it, without a server or a browser, and the cookie set."""
    return LOOP.run_until_complete(answer(app, path, body, cookie))


async def answer(app: FastAPI, path: str, body: bytes, cookie: str) -> tuple[bytes, str]:
    said, headers, parts = [], {}, [body]
    given = {"sec-fetch-site": "same-origin", "cookie": cookie, "host": "127.0.0.1"}
    given |= {"content-type": "application/x-www-form-urlencoded"} if body else {}
    where, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": "POST" if body else "GET",
        "path": where,
        "raw_path": where.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        return await asyncio.Future()  # nobody hangs up

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers.update(message["headers"])
        said.append(message.get("body", b""))

    await app(scope, receive, send)
    return b"".join(said), headers.get(b"set-cookie", b"").decode().partition(";")[0]


LOOP = asyncio.new_event_loop()


def served(app: FastAPI, path: str, cookie: str, before: Callable[[], object]) -> Took:
    """What a page costs, one after the other in a running server, whose threads live on."""

    async def pages() -> list[Took]:
        took = []
        for _ in range(TIMES + 1):
            before()
            start = time.process_time(), time.perf_counter()
            await answer(app, path, b"", cookie)
            took.append((time.process_time() - start[0], time.perf_counter() - start[1]))
        return took[1:]

    return _middle(LOOP.run_until_complete(pages()))


def measure(store: Store, folder: Path) -> Iterator[str]:
    rng = random.Random(3)
    make_brand(store)
    ada = make_user(store, "Ada Voss", "admin")
    with store.write() as session:
        theirs = "UPDATE conversations SET assignee_id = :me WHERE id % 997 = 0 AND status <> :done"
        session.execute(text(theirs), {"me": ada.id, "done": "resolved"})
        opened = session.get_one(Conversation, THREAD)
        for n in range(SAID):
            add_message(session, opened, words(rng, n), NOW - timedelta(minutes=SAID - n))
    settle(store)
    with store.read() as session:
        raw: Any = session.connection()
        base = timed(lambda: raw.exec_driver_sql(BARE).all())
        yield _line("the bare query", base, base)
        for view in VIEWS:
            work = partial(inbox_list.page, session, view, ada.id)
            yield _line(f"page of {view}", timed(work), base)
    with store.write() as session:  # here nothing is kept: each time is counted anew
        yield _line("counts", timed(partial(inbox_list.counts, session, ada.id)), base)
        yield _line("badges", timed(partial(inbox_list.badges, session, NOW)), base)
        yield _line("tide", timed(partial(due.by_hour, session, NOW, NOW)), base)
    yield from first_html(store, folder, ada.email, base)


def first_html(store: Store, folder: Path, email: str, base: Took) -> Iterator[str]:
    settings = Settings(data=folder, listen="127.0.0.1:8080")
    clock = [NOW]
    app = create_app(
        store, settings, now=lambda: clock[0], classifier=Classifier(), development=True
    )

    def passes() -> None:
        clock[0] += timedelta(seconds=1)

    def changes() -> None:
        passes()
        _write(store)

    form = urlencode({"email": email, "password": PASSWORD}).encode()
    _, cookie = ask(app, "/sign-in", form)
    gc.collect()
    gc.freeze()
    for name, path, bare in (
        ("first HTML", LIST, base),
        ("a conversation", f"/conversations/{THREAD}", _both(base, _thread(store))),
    ):
        least = _both(bare, _template(app, path, cookie))
        yield _line("bare query + template", least, least)
        yield _line(name, served(app, path, cookie, passes), least)
        yield _line("… after a write", served(app, path, cookie, changes), least)
    gc.unfreeze()
    html, _ = ask(app, LIST, cookie=cookie)
    names = sorted(set(re.findall(rb'(?:href|src)="(/static/[^"]+)"', html)))
    assets = sum(len(gzip.compress(ask(app, name.decode())[0])) for name in names)
    sizes = f"HTML {len(gzip.compress(html)) / 1_000:.1f} kB"
    yield f"  gzip: {sizes}, its {len(names)} assets {assets / 1_000:.1f} kB"


def _template(app: FastAPI, path: str, cookie: str) -> Took:
    """What the page's template costs when no row of it was drawn before."""
    with patch.object(render, "page", wraps=render.page) as rendered:
        ask(app, path, cookie=cookie)
    page = rendered.call_args.args[0]
    pages = iter([_anew(page, n) for n in range(TIMES + 1)])
    return timed(lambda: render.page(next(pages)))


def _anew(page: Any, n: int) -> Any:
    """The same page with other words in every row."""
    if not isinstance(page, ListPage):
        return replace(page, list=_anew(page.list, n))
    return replace(
        page,
        groups=tuple(
            replace(g, rows=tuple(replace(row, preview=f"{n} {row.preview}") for row in g.rows))
            for g in page.groups
        ),
    )


def _thread(store: Store) -> Took:
    """What a conversation's messages cost by the driver alone, with who wrote them."""
    with store.read() as session:
        raw: Any = session.connection()
        return timed(lambda: raw.exec_driver_sql(MESSAGES).all())


def _both(one: Took, other: Took) -> Took:
    return one[0] + other[0], one[1] + other[1]


def _write(store: Store) -> None:
    with store.write() as session:
        session.execute(text("UPDATE conversations SET read_up_to = 1 - read_up_to WHERE id = 1"))


def _line(name: str, took: Took, base: Took) -> str:
    own, clock = took
    return f"  {name:<24} own {own:7.2f} ms  clock {clock:7.2f} ms  {own / base[0]:6.1f} ×"


def run(url: str, n: int, name: str) -> None:
    store = Store(url)
    store.migrate()
    started = time.perf_counter()
    fill(store, messages=0, people=n)
    took = time.perf_counter() - started
    print(f"{name}, {n:,} conversations (written in {took:.0f} s)", flush=True)
    with tempfile.TemporaryDirectory(prefix="replydesk-bench-") as folder:
        for line in measure(store, Path(folder)):
            print(line, flush=True)
    store.close()


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--n", type=int, nargs="*", default=SIZES)
    given.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    asked = given.parse_args()
    if asked.engine != "postgresql":
        for n in asked.n:
            with tempfile.TemporaryDirectory(prefix="replydesk-bench-") as folder:
                run(f"sqlite:///{Path(folder) / 'bench.db'}", n, "SQLite")
    if asked.engine != "sqlite":
        with postgres_server() as server:
            for n in asked.n:
                with server.database() as url:
                    run(url, n, "PostgreSQL")


if __name__ == "__main__":
    main()
