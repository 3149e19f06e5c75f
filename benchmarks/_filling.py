"""Fills a database with as many rows as a large brand has, in a few minutes: the rows that an
import stores, written in bulk."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, event, text
from sqlalchemy.orm import DeclarativeBase

from inbox.domain.search import search_text
from inbox.store.search import key_of
from inbox.store.session import Store
from inbox.store.tables import (
    Account,
    Contact,
    ContactSearch,
    Conversation,
    Message,
    MessageSearch,
)
from inbox.store.tables.base import Document

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PART = 5_000
CHANNELS = ("x", "email", "telegram", "line")
COMMON = ("please", "help", "card", "transfer", "charged", "twice", "days", "waiting", "app")
CATEGORIES = ("payment", "account", "refund", "security", "general", "feedback")
LANGS = ("en", "zh", "ko")


def fill(store: Store, messages: int, people: int) -> None:
    """Accounts, then customers with a conversation each, then messages in order of time."""
    rng = random.Random(3)
    with store.write() as session:
        for id_, channel in enumerate(CHANNELS, 1):
            named = {"id": id_, "channel": channel, "handle": f"@{channel}", "settings": {}}
            session.add(Account(**named, state="active", hook_key=channel, created_at=NOW))
    if store.is_sqlite:
        event.listen(store.writer, "connect", _hurry)
        store.writer.dispose()
    for part in _parts(range(1, people + 1)):
        contacts = [_contact(id_) for id_ in part]
        _add(store, Contact, contacts)
        _add(store, ContactSearch, [_name(contact) for contact in contacts])
        _add(store, Conversation, [_conversation(rng, id_, max(messages, people)) for id_ in part])
    for part in _parts(range(1, messages + 1)):
        said = [_message(rng, id_, messages, people) for id_ in part]
        _add(store, Message, said)
        _add(store, MessageSearch, [_words(message) for message in said])
    settle(store)


def settle(store: Store) -> None:
    """What autovacuum does on PostgreSQL within minutes."""
    if not store.is_sqlite:
        with store.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
            line.execute(text("VACUUM ANALYZE"))


def _hurry(raw: Any, _record: Any) -> None:
    """What is lost in a power cut is filled again."""
    raw.execute("PRAGMA synchronous=OFF")
    raw.execute("PRAGMA cache_size=-500000")


def _parts(ids: Iterable[int]) -> Iterator[Sequence[int]]:
    rest = iter(ids)
    while part := tuple(islice(rest, PART)):
        yield part


def _add(store: Store, model: type[DeclarativeBase], rows: Sequence[dict[str, Any]]) -> None:
    """SQLite by one prepared statement, PostgreSQL by COPY; columns that a row does not name have
    their defaults."""
    table = model.__table__
    assert isinstance(table, Table)
    columns = [c for c in table.columns if c.name in rows[0] or c.default is not None]
    names = ", ".join(f'"{c.name}"' for c in columns)
    defaults = {c.name: _default(c) for c in columns if c.name not in rows[0]}
    values = ([_plain((defaults | row)[c.name], c) for c in columns] for row in rows)
    with store.writer.begin() as connection:
        if store.is_sqlite:
            _insert(connection, table.name, names, len(columns), values)
            return
        raw: Any = connection.connection.driver_connection
        with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)


def _insert(
    connection: Connection, table: str, names: str, many: int, rows: Iterable[list[Any]]
) -> None:
    raw: Any = connection.connection.driver_connection
    marks = ", ".join("?" * many)
    stored = ([str(v)[:19] + ".000000" if isinstance(v, datetime) else v for v in r] for r in rows)
    raw.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", stored)


def _default(column: Any) -> Any:
    given = column.default
    return given.arg(None) if given.is_callable else given.arg


def _plain(value: Any, column: Any) -> Any:
    return json.dumps(value) if column.type is Document else value


def _contact(id_: int) -> dict[str, Any]:
    account = 1 + id_ % len(CHANNELS)
    said = {"id": id_, "account_id": account, "external_id": f"u{id_}", "created_at": NOW}
    return said | {"handle": f"@mei{id_}", "name": f"Mei {id_}"}


def _name(contact: dict[str, Any]) -> dict[str, Any]:
    said = search_text(contact["name"], contact["handle"], contact["external_id"])
    return {"contact_id": contact["id"], "search_text": said}


def _conversation(rng: random.Random, id_: int, n: int) -> dict[str, Any]:
    """One in fifty waits for an answer, one in twelve for the customer."""
    waits = rng.random()
    status = "open" if waits < 0.02 else "waiting" if waits < 0.1 else "resolved"
    last = NOW - timedelta(seconds=rng.randrange(max(1, n * 20)))
    return {
        "id": id_,
        "account_id": 1 + id_ % len(CHANNELS),
        "thread": f"c{id_}",
        "contact_id": id_,
        "kind": "dm",
        "visibility": "private",
        "token": str(id_),
        "status": status,
        "category": rng.choice(CATEGORIES),
        "lang": rng.choices(LANGS, (60, 30, 1))[0],
        "urgency": "critical" if rng.random() < 0.02 else "normal",
        "opened_at": last if status == "open" else None,
        "due_at": NOW + timedelta(minutes=rng.randrange(-60, 1380)) if status == "open" else None,
        "last_message_at": last,
        "preview": words(rng, id_),
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


def _words(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": key_of(message["sent_at"], message["id"]),
        "message_id": message["id"],
        "search_text": search_text(message["text"]),
    }


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
