"""A database of turns with their evidence, and the same figures as plain SQL would have them."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, event, text

from benchmarks import _filling
from benchmarks._filling import CATEGORIES, CHANNELS, LANGS, NOW, PART, settle
from inbox.store.session import Store
from inbox.store.tables import (
    Account,
    Contact,
    Conversation,
    Message,
    Step,
    Tagging,
    TurnRow,
    User,
)
from tests.factories import make_brand

SAID: Final = 4
"""Messages of one wait: three of the customer, one answer."""
WAITS: Final = 2
"""Waits of one conversation."""
AGENTS: Final = 8
MIDNIGHT: Final = NOW.replace(hour=0)


def fill(store: Store, messages: int, days: int) -> None:
    """So many messages, spread evenly over the days before this one: waits of a quarter of an hour
    to two days, of which one in fifty is open and one in twenty was excused; all are tagged, one in
    ten was corrected."""
    rng = random.Random(5)
    _people(store)
    if store.is_sqlite:
        event.listen(store.writer, "connect", _filling._hurry)
        store.writer.dispose()
    waits = messages // SAID
    step = timedelta(days=days) / max(1, waits)
    rows: dict[type[Any], list[dict[str, Any]]] = {}
    for n in range(waits):
        _wait(rng, rows, n, step)
        if n % PART == PART - 1:
            _store(store, rows)
    _store(store, rows)
    with store.writer.begin() as connection:
        connection.execute(text("DELETE FROM report_marks"))
    settle(store)


def _people(store: Store) -> None:
    make_brand(store, zone="UTC")
    with store.write() as session:
        for id_, channel in enumerate(CHANNELS, 1):
            named = {"id": id_, "channel": channel, "handle": f"@{channel}", "settings": {}}
            session.add(Account(**named, state="active", hook_key=channel, created_at=NOW))
        for n in range(AGENTS):
            session.add(
                User(
                    email=f"agent{n}@lumen.example", name=f"Agent {n}", role="agent", created_at=NOW
                )
            )


def _store(store: Store, rows: dict[type[Any], list[dict[str, Any]]]) -> None:
    for model in (Contact, Conversation, Message, Step, TurnRow, Tagging):
        if rows.get(model):
            _filling._add(store, model, rows[model])
    rows.clear()


def _wait(
    rng: random.Random, rows: dict[type[Any], list[dict[str, Any]]], n: int, step: timedelta
) -> None:
    """The n-th wait: it begins n steps after the first, in the conversation of its number."""
    conversation, seq = n // WAITS + 1, n % WAITS
    account = 1 + conversation % len(CHANNELS)
    opened = MIDNIGHT - step * (n + 1)
    ended = opened + timedelta(seconds=900 * 2 ** rng.uniform(0, 7.5))
    is_open = rng.random() < 0.02 or ended > NOW
    end = None if is_open else "excused" if rng.random() < 0.05 else "answered"
    tag = {"category": rng.choice(CATEGORIES), "urgency": rng.choice(("low", "normal", "high"))}
    about = {"id": conversation, "account_id": account}
    if seq == 0:
        said = {"external_id": f"u{conversation}", "created_at": NOW}
        rows.setdefault(Contact, []).append(about | said)
        row = _filling._conversation(rng, conversation, n + 1)
        rows.setdefault(Conversation, []).append(
            row
            | about
            | {"status": "open" if is_open else "waiting", "opened_at": None}
            | {"due_at": opened + timedelta(days=1) if is_open else None}
        )
    first = n * SAID + 1
    for k in range(SAID):
        at = min(opened + timedelta(seconds=40 * k), NOW) if k < SAID - 1 else min(ended, NOW)
        rows.setdefault(Message, []).append(
            _message(first + k, conversation, account, at, k < SAID - 1)
            | {"opener_id": first, "lang": rng.choice(LANGS), "needs_review": k == 0}
            | tag
            | {"category_confidence": 0.8}
        )
    rows.setdefault(TurnRow, []).append(
        _turn(n, conversation, first, seq)
        | {"opened_at": opened, "due_at": opened + timedelta(days=1), "end": end}
        | {"ended_at": ended if end else None, "ended_by": first + SAID - 1 if end else None}
        | {"agent_id": 1 + rng.randrange(AGENTS) if end == "answered" else None}
        | {"reason": "thanks" if end == "excused" else None}
    )
    of_turn = {"conversation_id": conversation, "opener_id": first}
    rows.setdefault(Tagging, []).append(_tagging(2 * n + 1, opened) | of_turn | tag)
    if rng.random() < 0.1:
        other = {"category": "general", "before_category": tag["category"], "agent_id": 1}
        given = _tagging(2 * n + 2, min(opened + timedelta(hours=1), NOW))
        rows[Tagging].append(given | of_turn | tag | other)
    if seq == 0 and end:
        at = min(ended + timedelta(minutes=5), NOW)
        rows.setdefault(Step, []).append(
            {
                "id": n + 1,
                "conversation_id": conversation,
                "kind": "resolve",
                "at": at,
                "seen": first + SAID - 1,
                "agent_id": 1,
            }
        )


def _message(id_: int, conversation: int, account: int, at: Any, theirs: bool) -> dict[str, Any]:
    return {
        "id": id_,
        "account_id": account,
        "external_id": str(id_),
        "thread": f"c{conversation}",
        "conversation_id": conversation,
        "direction": "in" if theirs else "out",
        "role": "customer" if theirs else "ours",
        "kind": "dm",
        "visibility": "private",
        "text": "Where is my refund?",
        "sent_at": at,
        "sent_at_source": "platform",
        "stored_at": NOW,
    }


def _turn(n: int, conversation: int, opened_by: int, seq: int) -> dict[str, Any]:
    return {
        "id": n + 1,
        "conversation_id": conversation,
        "seq": seq + 1,
        "episode": 1,
        "is_first": seq == 0,
        "opened_by": opened_by,
        "policy": {"id": "social", "version": 1, "name": "Social media", "target": "24h"},
        "calendar": {"name": "working days", "version": 1},
        "evaluated_at": NOW,
        "superseded_at": None,
    }


def _tagging(id_: int, at: Any) -> dict[str, Any]:
    given = {"id": id_, "at": at, "before_category": None, "before_urgency": None}
    return given | {"agent_id": None, "topic": None, "repeats": None}


TAG: Final = """(SELECT g.id FROM taggings g WHERE g.conversation_id = {of}.conversation_id
  AND g.opener_id = {of}.{opener} AND g.at <= :as_of ORDER BY g.at DESC, g.id DESC LIMIT 1)"""
TURNS: Final = f"""CREATE TEMPORARY TABLE rt AS
  SELECT t.*, a.channel, a.handle, g.category, g.urgency, m.lang, u.email FROM turns t
  JOIN conversations c ON c.id = t.conversation_id JOIN accounts a ON a.id = c.account_id
  LEFT JOIN messages m ON m.id = t.opened_by LEFT JOIN users u ON u.id = t.agent_id
  LEFT JOIN taggings g ON g.id = {TAG.format(of="t", opener="opened_by")}
  WHERE t.superseded_at IS NULL AND (t.due_at >= :start AND t.due_at < :end
    OR t.opened_at >= :start AND t.opened_at < :end
    OR t.ended_at >= :start AND t.ended_at < :end)"""
MESSAGES: Final = f"""CREATE TEMPORARY TABLE rm AS
  SELECT m.id, m.conversation_id, m.opener_id, m.sent_at, m.lang, m.category_confidence,
    m.needs_review, a.channel, a.handle, g.category, g.urgency FROM messages m
  JOIN accounts a ON a.id = m.account_id
  LEFT JOIN taggings g ON g.id = {TAG.format(of="m", opener="opener_id")}
  WHERE m.role = 'customer' AND m.sent_at >= :start AND m.sent_at < :end AND m.sent_at <= :as_of"""
KEYS: Final = ("'all'", "channel", "channel || ' ' || handle", "lang", "category", "urgency")
TOTALS: Final = """SELECT {key}, sum(CASE WHEN opened_at >= :start AND opened_at < :end THEN 1 END),
    sum(CASE WHEN {due} THEN 1 END), sum(CASE WHEN {due} AND {answered} AND ended_at <= due_at
      THEN 1 END), sum(CASE WHEN {due} AND ended_at IS NULL THEN 1 END),
    sum(CASE WHEN opened_at >= :start AND ended_at IS NULL AND due_at > :as_of THEN 1 END),
    sum(CASE WHEN "end" = 'excused' AND ended_at < :end THEN 1 END),
    sum(CASE WHEN "end" = 'withdrawn' AND ended_at < :end THEN 1 END) FROM rt GROUP BY 1"""
DUE: Final = """(due_at >= :start AND due_at < :end AND due_at <= :as_of
    AND NOT (coalesce("end", '') IN ('excused', 'withdrawn') AND ended_at <= due_at))"""
ANSWERED: Final = "(\"end\" = 'answered')"
WAITED: Final = """SELECT key, is_first, min(n), max(wait),
    max(CASE WHEN place = (n + 1) / 2 THEN wait END),
    max(CASE WHEN place = n * 9 / 10 THEN wait END),
    max(CASE WHEN place = n * 19 / 20 THEN wait END) FROM (SELECT *,
      row_number() OVER (PARTITION BY key, is_first ORDER BY wait) AS place,
      count(*) OVER (PARTITION BY key, is_first) AS n FROM (
        SELECT {key} AS key, is_first, {wait} AS wait FROM rt WHERE "end" = 'answered'
          AND ended_at >= :start AND ended_at < :end AND ended_at <= :as_of) w) x GROUP BY 1, 2"""
HEARD: Final = "SELECT {key}, count(*) FROM rm GROUP BY 1"
TAGGED: Final = """SELECT count(*), avg(category_confidence),
    sum(CASE WHEN needs_review THEN 1 END), sum(CASE WHEN opener_id = id AND EXISTS (
      SELECT 1 FROM taggings g WHERE g.conversation_id = rm.conversation_id
      AND g.opener_id = rm.id AND g.agent_id IS NOT NULL AND g.before_category <> g.category)
      THEN 1 END) FROM rm"""


RESOLVED: Final = """SELECT count(*), avg(took), max(took) FROM (
    SELECT {took} AS took, row_number() OVER (ORDER BY {took}) AS place FROM steps s
    JOIN turns t ON t.conversation_id = s.conversation_id AND t.superseded_at IS NULL AND t.is_first
    WHERE s.kind = 'resolve' AND s.undone_at IS NULL AND s.at >= :start AND s.at < :end
      AND t.opened_at <= s.at) x"""
REASONS: Final = """SELECT reason, count(*) FROM rt WHERE "end" = 'excused' AND ended_at >= :start
    AND ended_at < :end GROUP BY 1"""
BEFORE: Final = """SELECT count(*), sum(CASE WHEN ended_at <= due_at THEN 1 END) FROM turns
    WHERE superseded_at IS NULL AND (due_at >= :before AND due_at < :start
      OR opened_at >= :before AND opened_at < :start
      OR ended_at >= :before AND ended_at < :start)"""
STANDING: Final = """SELECT count(*), sum(CASE WHEN t.due_at < :as_of THEN 1 END) FROM turns t
    JOIN conversations c ON c.id = t.conversation_id WHERE c.status IN ('open', 'snoozed')
    AND c.due_at IS NOT NULL AND t.superseded_at IS NULL AND t.ended_at IS NULL"""


def statements(sqlite: bool) -> Iterator[str]:
    """Totals, waits and messages, whole and by group, as somebody would write them by hand:
    quantiles to the nearest wait, and no opening hours."""
    wait = "julianday(ended_at) - julianday(opened_at)" if sqlite else "ended_at - opened_at"
    hour = "strftime('%w %H', {at})" if sqlite else "to_char({at}, 'D HH24')"
    yield TURNS
    yield MESSAGES
    took = "julianday(s.at) - julianday(t.opened_at)" if sqlite else "s.at - t.opened_at"
    yield from (TAGGED, RESOLVED.format(took=took), REASONS, BEFORE, STANDING)
    for key in KEYS:
        yield TOTALS.format(key=key, due=DUE, answered=ANSWERED)
        yield HEARD.format(key=key)
    for key in (*KEYS, "email", hour.format(at="opened_at")):
        yield WAITED.format(key=key, wait=wait)
    yield HEARD.format(key=hour.format(at="sent_at"))


def by_hand(connection: Connection, about: dict[str, Any], sqlite: bool) -> Callable[[], None]:
    """Asks all of it."""

    def work() -> None:
        for statement in statements(sqlite):
            found = connection.execute(text(statement), about)
            if found.returns_rows:
                found.all()
        for table in ("rt", "rm"):
            connection.execute(text(f"DROP TABLE {table}"))

    return work
