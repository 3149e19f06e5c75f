"""`python -m benchmarks.catch_up`: a day's backlog of 100,000 messages, polled after an outage.

The platform lists newest first, 100 to a page, as most do. Prints how long the polls took beside
raw sqlite3 inserts of the message rows alone, how many runs it took, and that the whole day lies
there in order, told as one outage.
"""

import argparse
import resource
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.ingest import NOW, raw
from connectors.core.contract import Author, Direction, Message, Page
from inbox.config import Settings
from inbox.flows import health
from inbox.flows.poll import due, poll
from inbox.store import accounts, outages, reads
from inbox.store.session import Store
from inbox.store.tables import Account
from tests.scripted import SCRIPTS, Script, scripted_platforms

PAGE = 100
DAY = timedelta(hours=24)


def backlog(count: int) -> list[Message]:
    """A day of `count` messages by a quarter as many people, oldest first."""
    people = max(1, count // 4)
    return [
        Message(
            external_id=str(n),
            conversation=f"c{n % people}",
            direction=Direction.IN,
            text=f"Where is my transfer number {n}?",
            sent_at=NOW + DAY * (n / count),
            author=Author(f"u{n % people}", None, "Name"),
        )
        for n in range(count)
    ]


def catch_up(store: Store, settings: Settings, messages: list[Message], now: datetime) -> int:
    """Polls until nothing is left; returns how many runs that took."""
    newest_first = messages[::-1]
    pages = [newest_first[at : at + PAGE] for at in range(0, len(newest_first), PAGE)]
    SCRIPTS["@b"].pages = {"first": [Page(tuple(page), {}) for page in pages]}
    runs = 0
    while (ready := due(store, now)) and runs < 100:
        poll(store, settings, ready[0], classifier=None, now=lambda: now)
        runs += 1
    return runs


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--n", type=int, default=100_000)
    messages = backlog(given.parse_args().n)
    with tempfile.TemporaryDirectory(prefix="replydesk-bench-") as name, scripted_platforms():
        folder = Path(name)
        started = time.perf_counter()
        raw(folder, messages)
        base = time.perf_counter() - started
        store = Store(f"sqlite:///{folder / 'desk.db'}")
        store.migrate()
        settings = Settings(data=folder)
        SCRIPTS["@b"] = Script()
        with store.write() as session:
            account_id = accounts.add(session, "scripted", "@b", NOW)
            session.get_one(Account, account_id).last_success_at = NOW
        now = NOW + DAY
        health.watch(store, now)
        started, work_began = time.perf_counter(), time.process_time()
        runs = catch_up(store, settings, messages, now)
        took, work = time.perf_counter() - started, time.process_time() - work_began
        health.watch(store, now)
        with store.read() as session:
            (outage,) = outages.recent(session, account_id)
            stored = reads.arrived_between(session, account_id, NOW - DAY, now)
        store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rate = len(messages) / took
    print(
        f"{stored:,} messages in {runs} runs: {took:.1f} s, {rate:.0f}/s, {took / base:.1f} × raw, "
        f"{work:.1f} s of processor time"
    )
    print(f"told as one outage that brought {outage.arrived:,}; peak memory {peak} MB")


if __name__ == "__main__":
    main()
