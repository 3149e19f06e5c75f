"""`python benchmarks/ingest.py`: bulk ingest beside raw sqlite3 doing comparable inserts.

Prints seconds, messages a second, and the ratio to the raw baseline of the same run; absolute
figures differ between machines, ratios hardly.
"""

import argparse
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from connectors.core.contract import Author, Direction, Message
from inbox.flows.importing import fold_dirty
from inbox.flows.ingest import ingest
from inbox.store import accounts
from inbox.store.session import Store
from inbox.store.tables import Account

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PAGE = 2000


def made_up(count: int) -> list[Message]:
    """Messages of count / 4 people, a third of them answered."""
    rng = random.Random(3)
    return [
        Message(
            external_id=str(n),
            conversation=f"c{n % max(1, count // 4)}",
            direction=Direction.OUT if n % 3 == 2 else Direction.IN,
            text=f"Where is my refund? It is the {rng.randrange(10**6)}th time that I ask.",
            sent_at=NOW - timedelta(minutes=count - n),
            author=Author("me" if n % 3 == 2 else f"u{n % max(1, count // 4)}", None, "Name"),
        )
        for n in range(count)
    ]


def raw(folder: Path, messages: list[Message]) -> None:
    """The message rows alone by executemany, with the same pragmas and indexes."""
    schema = Store(f"sqlite:///{folder / 'raw.db'}")
    schema.migrate()
    schema.close()
    line = sqlite3.connect(folder / "raw.db", isolation_level=None)
    line.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;")
    line.execute(
        "INSERT INTO accounts (id, channel, handle, settings, state, hook_key, outside_counts,"
        " created_at, failures) VALUES (1, 'x', '@b', '{}', 'active', 'k', 1, ?, 0)",
        (str(NOW),),
    )
    for start in range(0, len(messages), PAGE):
        page = messages[start : start + PAGE]
        line.execute("BEGIN IMMEDIATE")
        line.executemany(
            "INSERT INTO messages (account_id, external_id, thread, direction, role, kind,"
            " visibility, author_id, author_name, text, sent_at, sent_at_source, time_cut,"
            " stored_at, automated, attachments, can_reply_publicly, platform, findings,"
            " alternatives, needs_review) VALUES (1, ?, ?, ?, 'customer', 'dm', 'private', ?, ?, ?,"
            " ?, 'platform', 0, ?, 0, '[]', 1, ?, '[]', '[]', 0) ON CONFLICT DO NOTHING",
            [
                (
                    m.external_id,
                    m.conversation,
                    m.direction,
                    m.author.id if m.author else None,
                    m.author.name if m.author else None,
                    m.text,
                    str(m.sent_at),
                    str(NOW),
                    json.dumps(dict(m.platform)),
                )
                for m in page
            ],
        )
        line.execute("COMMIT")
    line.close()


def through_the_inbox(store: Store, messages: list[Message], *, fold: bool) -> None:
    """The same messages by the ingest flow, without a classifier."""
    with store.write() as session:
        account = session.get_one(Account, accounts.add(session, "x", "@b", NOW))
    for start in range(0, len(messages), PAGE):
        page = messages[start : start + PAGE]
        ingest(store, account, page, classifier=None, now=NOW, fold=fold)
    if not fold:
        fold_dirty(store, lambda: NOW)


def timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--n", type=int, default=20_000)
    messages = made_up(given.parse_args().n)
    with tempfile.TemporaryDirectory(prefix="replydesk-bench-") as name:
        folder = Path(name)
        results = {"raw sqlite3, messages alone": timed(lambda: raw(folder, messages))}
        for label, fold in (("import (turns once)", False), ("poll (turns per page)", True)):
            store = Store(f"sqlite:///{folder / f'{fold}.db'}")
            store.migrate()
            results[label] = timed(partial(through_the_inbox, store, messages, fold=fold))
            results[f"{label}, again"] = timed(partial(again, store, messages))
            store.close()
    base = next(iter(results.values()))
    for label, seconds in results.items():
        rate = len(messages) / seconds
        print(f"{label:<32} {seconds:7.2f} s {rate:9.0f} messages/s {seconds / base:6.1f} × raw")


def again(store: Store, messages: list[Message]) -> None:
    """The same messages once more: all of them known."""
    with store.read() as session:
        account = session.get_one(Account, 1)
    for start in range(0, len(messages), PAGE):
        ingest(store, account, messages[start : start + PAGE], classifier=None, now=NOW)


if __name__ == "__main__":
    main()
