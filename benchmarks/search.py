"""`python -m benchmarks.search --n 1000000`: how long the first page of a search takes.

Prints, for both engines, the median, the 95th percentile, what of the median was this process's own
time (on SQLite all of the work, on PostgreSQL what is not the server's), and the ratio to the bare
full-text query of the same run. Conversations are a quarter of the messages.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks._filling import NOW, fill
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
        "SELECT key FROM message_search WHERE array_to_tsvector(string_to_array("
        "btrim(search_text), ' ')) @@ CAST(:words AS tsquery) ORDER BY key DESC LIMIT 51"
    )
    beginning = ":*" if phrase.endswith("*") else ""
    wanted = " & ".join(f"'{word}'{beginning}" for word in phrase.strip('"*').split())
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
            before = time.process_time()
            took = timed(partial(find, session, asked, now=NOW))
            own = (time.process_time() - before) * 1_000 / (len(took) + 1)
            many = len(find(session, asked, now=NOW).found)
            median, slow = took[len(took) // 2], took[int(len(took) * 0.95)]
            base = timed(bare(session, phrase), 5)[2] if phrase else 0
        ratio = f"{median / base:8.1f} × {base:8.2f} ms" if base else ""
        times = f"p50 {median:7.1f}  p95 {slow:7.1f}  own {own:6.1f} ms"
        yield f"{asked:<44} {many:3} rows  {times} {ratio}"


def run(url: str, name: str, n: int) -> None:
    store = Store(url)
    store.migrate()
    started = time.perf_counter()
    fill(store, messages=n, people=max(1, n // 4))
    print(f"{name}, {n:,} messages (written in {time.perf_counter() - started:.0f} s)", flush=True)
    for line_ in measure(store):
        print(line_, flush=True)
    store.close()


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--n", type=int, default=100_000)
    given.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    asked = given.parse_args()
    if asked.engine != "postgresql":
        with tempfile.TemporaryDirectory(prefix="replydesk-bench-") as folder:
            run(f"sqlite:///{Path(folder) / 'bench.db'}", "SQLite", asked.n)
    if asked.engine != "sqlite":
        with postgres_server() as server, server.database() as url:
            run(url, "PostgreSQL", asked.n)


if __name__ == "__main__":
    main()
