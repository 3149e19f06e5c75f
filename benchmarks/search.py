"""`python -m benchmarks.search --n 1000000`: how long the first page of a search takes.

Prints, for both engines, the median and the 95th percentile by the clock, the processor time that
one search took in this process (on SQLite all of the work) and in PostgreSQL's, and the ratio to
the bare full-text query of the same run. Conversations are a quarter of the messages. `--url`
measures in a database that was filled before.
"""

import argparse
import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks._filling import NOW, fill
from inbox.domain.search import paired
from inbox.flows.finding import find
from inbox.store.session import Store
from tests.postgres import postgres_server

TIMES = 20
ASKED = {
    "refund": '"refund"',
    "refu": '"refu"*',
    "退款": '"退 款"',
    "chargeback": '"chargeback"',
    "款退": '"款 退"',
    "refund channel:line is:open": '"refund"',
    "refund is:overdue": '"refund"',
    "退款 category:security urgency:critical": '"退 款"',
    "refund from:mei77": '"refund"',
    "charged lang:ko": '"charged"',
    "chargeback category:refund": '"chargeback"',
    "is:overdue": None,
    "channel:line is:open": None,
    "lang:ko": None,
    "channel:email is:unread": None,
    "category:refund urgency:critical": None,
}
"""Each search, and its words as SQLite's bare query has them."""


def bare(session: Session, phrase: str) -> Callable[[], object]:
    """The newest 51 rows of the full-text index alone."""
    if session.get_bind().dialect.name == "sqlite":
        asked = text(
            "SELECT rowid FROM message_words WHERE message_words MATCH :words"
            " ORDER BY rowid DESC LIMIT 51"
        )
        return lambda: session.execute(asked, {"words": phrase}).all()
    asked = text(
        "SELECT key FROM message_search WHERE search_lexemes(search_text)"
        " @@ CAST(:words AS tsquery) ORDER BY key DESC LIMIT 51"
    )
    beginning = ":*" if phrase.endswith("*") else ""
    words = paired(phrase.strip('"*').split())
    wanted = " & ".join(f"'{word}'{beginning}" for word in words)
    return lambda: session.execute(asked, {"words": wanted}).all()


def timed(work: Callable[[], object], times: int = TIMES) -> list[float]:
    """Milliseconds of each run, sorted; the first is not counted."""
    work()
    took = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        took.append((time.perf_counter() - started) * 1_000)
    return sorted(took)


def measure(store: Store) -> Iterator[str]:
    for asked, phrase in ASKED.items():
        with store.read() as session:
            before = time.process_time(), served(session)
            took = timed(partial(find, session, asked, now=NOW))
            many = len(took) + 1
            own = (time.process_time() - before[0]) * 1_000 / many
            server = (served(session) - before[1]) * 1_000 / many
            found = len(find(session, asked, now=NOW).found)
            median, slow = took[len(took) // 2], took[int(len(took) * 0.95)]
            base = timed(bare(session, phrase), 5)[2] if phrase else 0
        ratio = f"{median / base:8.1f} × {base:8.2f} ms" if base else ""
        times = f"p50 {median:7.1f}  p95 {slow:7.1f}  own {own:6.1f}  server {server:6.1f} ms"
        yield f"{asked:<44} {found:3} rows  {times} {ratio}"


def served(session: Session) -> float:
    """Seconds of processor time that the server of this connection has taken; 0 where there is
    none, or it runs elsewhere."""
    if session.get_bind().dialect.name == "sqlite":
        return 0.0
    stat = Path(f"/proc/{session.scalar(text('SELECT pg_backend_pid()'))}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def run(url: str, name: str, n: int) -> None:
    store = Store(url)
    store.migrate()
    started = time.perf_counter()
    fill(store, messages=n, people=max(1, n // 4))
    print(f"{name}, {n:,} messages (written in {time.perf_counter() - started:.0f} s)", flush=True)
    show(store)


def show(store: Store) -> None:
    gc.collect()
    gc.freeze()  # as the server does: looking through all that was imported and filled takes 0.1 s
    for line in measure(store):
        print(line, flush=True)
    store.close()


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--n", type=int, default=100_000)
    given.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    given.add_argument("--url")
    asked = given.parse_args()
    if asked.url:
        show(Store(asked.url))
        return
    if asked.engine != "postgresql":
        with tempfile.TemporaryDirectory(prefix="replydesk-bench-") as folder:
            run(f"sqlite:///{Path(folder) / 'bench.db'}", "SQLite", asked.n)
    if asked.engine != "sqlite":
        with postgres_server() as server, server.database() as url:
            run(url, "PostgreSQL", asked.n)


if __name__ == "__main__":
    main()
