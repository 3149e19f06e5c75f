"""`python -m benchmarks.reports --n 1000000`: what a report costs.

First a day in which so many messages came, a tenth and a hundredth of it before, counted from its
rows: time of this process (on SQLite all of the work), by the clock, and the ratio to the same
figures asked by hand-written SQL in the same run; how much a process grows by it at most. Then as
many messages spread over two months: the page of the last month, against the month before it, from
stored days with 50 conversations changed since, and from rows; how long the days take to be counted
first.
"""

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import text

from benchmarks._filling import NOW
from benchmarks._reporting import by_hand, fill
from benchmarks.inbox import Classifier, ask
from inbox.config import Settings
from inbox.domain.calendars import local_day_bounds
from inbox.store.session import Store
from inbox.web.app import create_app
from reports import rollups
from reports.document import document
from templates.periods import DAY, Days
from tests.factories import PASSWORD, make_user
from tests.postgres import postgres_server

TODAY = NOW.date()
TIMES = 40
CHANGED = 50


def timed(work: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """Seconds of this process and of the clock, each the least of some runs."""
    own, clock = [], []
    for _ in range(times):
        before = time.process_time(), time.perf_counter()
        work()
        own.append(time.process_time() - before[0])
        clock.append(time.perf_counter() - before[1])
    return min(own), min(clock)


def a_day(store: Store, day: Days) -> Iterator[str]:
    gc.collect()
    gc.freeze()  # as the server does
    start, end = local_day_bounds(day.first, "UTC")
    about: dict[str, Any] = {"start": start, "end": end, "as_of": NOW, "before": start - DAY}
    if store.is_sqlite:
        about = {name: str(at)[:19] + ".000000" for name, at in about.items()}
    with store.reader.connect() as connection:
        hand = timed(by_hand(connection, about, store.is_sqlite))
    ours = timed(lambda: document(store, day.first, day.last, "UTC", NOW))
    ratio = ours[1] / hand[1]
    yield f"  by hand   own {hand[0]:7.2f} s  clock {hand[1]:7.2f} s"
    yield f"  report    own {ours[0]:7.2f} s  clock {ours[1]:7.2f} s  {ratio:5.2f} × by hand"
    yield f"  it takes {grown(store.url, day):.0f} MB more than a report of an empty day"


def grown(url: str, day: Days) -> float:
    """By how many MB a new process is larger at most."""
    asked = [sys.executable, "-m", "benchmarks.reports", "--url", url, "--day", str(day.first)]
    return float(json.loads(subprocess.run(asked, check=True, capture_output=True).stdout))


def grow(url: str, day: str) -> None:
    """What `grown` asks of its process."""
    store = Store(url)
    first = date.fromisoformat(day)
    document(store, TODAY + 400 * DAY, TODAY + 400 * DAY, "UTC", NOW)
    before = most_mb()
    document(store, first, first, "UTC", NOW)
    print(most_mb() - before)


def most_mb() -> float:
    """The most memory that this process had."""
    said = Path("/proc/self/status").read_text()
    return int(said.partition("VmHWM:")[2].split()[0]) / 1024


def a_month(store: Store, folder: Path) -> Iterator[str]:
    ada = make_user(store, "Ada Voss", "admin")
    app = create_app(
        store,
        Settings(data=folder, listen="127.0.0.1:8080"),
        now=lambda: NOW + timedelta(hours=1),
        classifier=Classifier(),
        development=True,
    )
    form = urlencode({"email": ada.email, "password": PASSWORD}).encode()
    _, cookie = ask(app, "/sign-in", form)
    last = TODAY - DAY
    path = f"/reports?from={last - 29 * DAY}&to={last}"
    gc.collect()
    gc.freeze()
    yield f"  page from rows         {shown(lambda: ask(app, path, cookie=cookie), 3)}"
    began = time.process_time(), time.perf_counter()
    days = rollups.keep(store, NOW, 999, ending=lambda: False)
    took = time.process_time() - began[0], time.perf_counter() - began[1]
    yield f"  {days} days counted      own {took[0]:7.2f} s  clock {took[1]:7.2f} s"
    with store.write() as session:
        size = session.scalar(text("SELECT sum(length(tally)) FROM report_days")) or 0
        changed = "UPDATE turns SET superseded_at = NULL WHERE id % :part = 0"
        many = session.scalar(text("SELECT max(id) FROM turns")) or 0
        mark = (
            "INSERT INTO report_marks (conversation_id) SELECT DISTINCT conversation_id FROM turns"
        )
        session.execute(text(changed), {"part": many})
        session.execute(text(f"{mark} WHERE id % :part = 0"), {"part": max(1, many // CHANGED)})
    yield f"  stored                 {size / 1_000_000:.1f} MB"
    yield f"  page from stored days  {shown(lambda: ask(app, path, cookie=cookie), TIMES)}"


def shown(work: Callable[[], object], times: int) -> str:
    """The middle and the 95th percentile of some runs."""
    work()
    took = []
    own = time.process_time()
    for _ in range(times):
        started = time.perf_counter()
        work()
        took.append((time.perf_counter() - started) * 1_000)
    took.sort()
    own = (time.process_time() - own) * 1_000 / times
    return f"own {own:7.1f}  p50 {took[times // 2]:7.1f}  p95 {took[int(times * 0.95)]:7.1f} ms"


def run(url: str, n: int, name: str, days: int, folder: Path) -> None:
    store = Store(url)
    store.migrate()
    started = time.perf_counter()
    fill(store, n, days)
    about = "one day" if days == 1 else f"{days} days"
    took = time.perf_counter() - started
    print(f"{name}, {n:,} messages of {about} (written in {took:.0f} s)", flush=True)
    day = Days.day(TODAY - DAY)
    for line in a_day(store, day) if days == 1 else a_month(store, folder):
        print(line, flush=True)
    store.close()


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--n", type=int, default=100_000)
    given.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    given.add_argument("--url")
    given.add_argument("--day")
    asked = given.parse_args()
    if asked.url:
        grow(asked.url, asked.day)
        return
    for days, n in ((1, asked.n // 100), (1, asked.n // 10), (1, asked.n), (60, asked.n)):
        with tempfile.TemporaryDirectory(prefix="replydesk-bench-") as name:
            if asked.engine != "postgresql":
                run(f"sqlite:///{Path(name) / 'bench.db'}", n, "SQLite", days, Path(name))
            if asked.engine != "sqlite":
                with postgres_server() as server, server.database() as url:
                    run(url, n, "PostgreSQL", days, Path(name))


if __name__ == "__main__":
    main()
