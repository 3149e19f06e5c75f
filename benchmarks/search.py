"""`python -m benchmarks.search --n 1000000`: how long the first page of a search takes.

Prints, for both engines, the median, the 95th percentile, what of the median was this process's own
time (on SQLite all of the work, on PostgreSQL what is not the server's), and the ratio to the bare
full-text query of the same run. Conversations are a quarter of the messages.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from inbox.flows.finding import find
from inbox.store import search
from inbox.store.session import Store
from inbox.store.sql import insert
from inbox.store.tables import Account, Contact, Conversation, Message
from tests.postgres import postgres_server

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PAGE = 5_000
TIMES = 20
CHANNELS = ("x", "email", "telegram", "line")
COMMON = ("please", "help", "card", "transfer", "charged", "twice", "days", "waiting", "app")
CATEGORIES = ("payment", "account", "refund", "security", "general", "feedback")
LANGS = ("en", "zh", "ko")
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


def words(rng: random.Random, n: int) -> str:
    """A message: three in ten ask for a refund, one in ten in Chinese; a few are rare."""
    said = [*rng.choices(COMMON, k=6), f"w{int(rng.random() ** 3 * 30_000)}"]
    if rng.random() < 0.3:
        said.insert(2, "refund")
    if rng.random() < 0.1:
        said.append("我要退款请尽快处理")
    if n % 50_000 == 7:
        said += ["chargeback", "款退"]
    return " ".join(said)


def fill(store: Store, n: int) -> None:
    """Accounts, then customers with a conversation each, then messages in order of time."""
    rng = random.Random(3)
    with store.write() as session:
        for id_, channel in enumerate(CHANNELS, 1):
            named = {"id": id_, "channel": channel, "handle": f"@{channel}", "settings": {}}
            session.add(Account(**named, state="active", hook_key=channel, created_at=NOW))
    people = max(1, n // 4)
    for start in range(0, people, PAGE):
        rows = [_person(rng, id_ + 1, n) for id_ in range(start, min(start + PAGE, people))]
        with store.write() as session:
            session.execute(insert(session, Contact), [contact for contact, _ in rows])
            session.execute(insert(session, Conversation), [made for _, made in rows])
            search.update_contacts(session, [Contact(**contact) for contact, _ in rows])
    for start in range(0, n, PAGE):
        messages = [_message(rng, id_ + 1, n, people) for id_ in range(start, min(start + PAGE, n))]
        with store.write() as session:
            session.execute(insert(session, Message), messages)
            search.add_messages(session, messages, {m["external_id"]: m["id"] for m in messages})


def _person(rng: random.Random, id_: int, n: int) -> tuple[dict[str, Any], dict[str, Any]]:
    account = 1 + id_ % len(CHANNELS)
    contact = {"id": id_, "account_id": account, "external_id": f"u{id_}", "created_at": NOW}
    waits = rng.random()
    status = "open" if waits < 0.02 else "waiting" if waits < 0.1 else "resolved"
    last = NOW - timedelta(seconds=rng.randrange(max(1, n * 20)))
    return contact | {"handle": f"@mei{id_}", "name": f"Mei {id_}"}, {
        "id": id_,
        "account_id": account,
        "thread": f"c{id_}",
        "contact_id": id_,
        "kind": "dm",
        "visibility": "private",
        "token": str(id_),
        "status": status,
        "category": rng.choice(CATEGORIES),
        "lang": rng.choices(LANGS, (60, 30, 1))[0],
        "urgency": "critical" if rng.random() < 0.02 else "normal",
        "alternatives": [],
        "findings": [],
        "opened_at": last if status == "open" else None,
        "due_at": NOW + timedelta(minutes=rng.randrange(-60, 1380)) if status == "open" else None,
        "last_message_at": last,
        "unread": 1 if status == "open" else 0,
        "created_at": last,
    }


def _message(rng: random.Random, id_: int, n: int, people: int) -> dict[str, Any]:
    conversation = 1 + rng.randrange(people)
    return {
        "id": id_,
        "account_id": 1 + conversation % len(CHANNELS),
        "external_id": str(id_),
        "thread": f"c{conversation}",
        "conversation_id": conversation,
        "direction": "in",
        "role": "customer",
        "kind": "dm",
        "visibility": "private",
        "text": words(rng, id_),
        "sent_at": NOW - timedelta(seconds=20 * (n - id_)),
        "sent_at_source": "platform",
        "stored_at": NOW,
    }


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
    fill(store, n)
    if not store.is_sqlite:
        with store.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
            line.execute(text("VACUUM ANALYZE"))
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
