"""`python -m benchmarks.inbox`: what a page of the inbox costs at 10,000, 100,000 and 1,000,000
conversations.

Prints the processor time of the list's pages and counts, each beside the bare query of the same run
(the rows of the first stage with their customers and accounts, by the driver alone), then of the
whole first HTML beside the bare query and its template, and how large that HTML and its assets are.
On PostgreSQL the server's processor time stands beside that of the pages and counts.
"""

import argparse
import asyncio
import gzip
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from unittest.mock import patch
from urllib.parse import urlencode

from fastapi import FastAPI
from sqlalchemy import text

from benchmarks._filling import NOW, fill, settle
from benchmarks.search import served
from inbox.config import Settings
from inbox.store import inbox_list
from inbox.store.session import Store
from inbox.web import render
from inbox.web.app import create_app
from tests.factories import PASSWORD, make_brand, make_user
from tests.postgres import postgres_server

SIZES = (10_000, 100_000, 1_000_000)
TIMES = 30
VIEWS = ("due", "mine", "unassigned", "waiting", "all")
BARE = """
  SELECT c.*, k.name, k.handle, k.external_id, a.channel, a.handle, a.state
  FROM conversations c JOIN contacts k ON k.id = c.contact_id JOIN accounts a ON a.id = c.account_id
  WHERE c.status = 'open' AND c.due_at IS NOT NULL ORDER BY c.due_at, c.id LIMIT 51
"""
"""The rows of the first page, and nothing else."""


class Classifier:
    """Says nothing: the pages read what is stored."""

    def tag(self, texts: Any) -> Any:
        return [None] * len(texts)

    def explain(self, text: str, n: int = 6) -> None:
        return None


def timed(work: Callable[[], object], server: Callable[[], float] = float) -> "Took":
    """Milliseconds of a run: the median of this process's processor and of the clock, the mean of
    the server's processor, whose clock ticks every 10."""
    work()
    own, clock, began = [], [], server()
    for _ in range(TIMES):
        before = time.process_time(), time.perf_counter()
        work()
        own.append((time.process_time() - before[0]) * 1_000)
        clock.append((time.perf_counter() - before[1]) * 1_000)
    return Took(median(own), median(clock), (server() - began) * 1_000 / TIMES)


class Took(NamedTuple):
    own: float
    clock: float
    server: float = 0.0


def ask(app: FastAPI, path: str, body: bytes = b"", cookie: str = "") -> tuple[bytes, str]:
    """A page as the application answers it, without a server or a browser, and the cookie set."""
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

    async def answered() -> None:
        await app(scope, receive, send)

    LOOP.run_until_complete(answered())
    return b"".join(said), headers.get(b"set-cookie", b"").decode().partition(";")[0]


LOOP = asyncio.new_event_loop()


def measure(store: Store, folder: Path) -> Iterator[str]:
    make_brand(store)
    ada = make_user(store, "Ada Voss", "admin")
    with store.write() as session:
        theirs = "UPDATE conversations SET assignee_id = :me WHERE id % 997 = 0 AND status <> :done"
        session.execute(text(theirs), {"me": ada.id, "done": "resolved"})
    settle(store)
    with store.read() as session:
        raw: Any = session.connection()
        server = partial(served, session)
        base = timed(lambda: raw.exec_driver_sql(BARE).all(), server)
        yield _line("the bare query", base, base)
        for view in VIEWS:
            work = partial(inbox_list.page, session, view, ada.id)
            yield _line(f"page of {view}", timed(work, server), base)
        counts = partial(inbox_list.counts, session, ada.id)
        yield _line("counts", timed(counts, server), base)
        yield _line("badges", timed(partial(inbox_list.badges, session, NOW), server), base)
    yield from first_html(store, folder, ada.email, base)


def first_html(store: Store, folder: Path, email: str, base: Took) -> Iterator[str]:
    settings = Settings(data=folder, listen="127.0.0.1:8080")
    app = create_app(store, settings, now=lambda: NOW, classifier=Classifier(), development=True)
    form = urlencode({"email": email, "password": PASSWORD}).encode()
    _, cookie = ask(app, "/sign-in", form)
    html, _ = ask(app, "/?view=due", cookie=cookie)
    with patch.object(render, "page", wraps=render.page) as rendered:
        ask(app, "/?view=due", cookie=cookie)
    context = rendered.call_args.args[0]
    template = timed(lambda: render.page(context))
    least = Took(base.own + template.own, base.clock + template.clock)
    yield _line("bare query + template", least, least)
    yield _line("first HTML", timed(lambda: ask(app, "/?view=due", cookie=cookie)), least)
    names = sorted(set(re.findall(rb'(?:href|src)="(/static/[^"]+)"', html)))
    assets = sum(len(gzip.compress(ask(app, name.decode())[0])) for name in names)
    sizes = f"HTML {len(gzip.compress(html)) / 1_000:.1f} kB"
    yield f"  gzip: {sizes}, its {len(names)} assets {assets / 1_000:.1f} kB"


def _line(name: str, took: Took, base: Took) -> str:
    own, clock, server = took
    times = f"own {own:7.2f} ms  clock {clock:7.2f} ms  server {server:7.2f} ms"
    return f"  {name:<24} {times}  {own / base.own:6.1f} ×"


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
