"""Event rows: written in the change's own transaction, replayed to open pages by id."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, delete, func, select, text
from sqlalchemy.orm import Session

from inbox.store.kept import kept
from inbox.store.sql import AnyRow, ask, insert
from inbox.store.tables import Conversation, Event

KEEP = timedelta(days=1)


def announce(
    session: Session,
    topic: str,
    now: datetime,
    conversation_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Adds one event and, on PostgreSQL, wakes the listeners when the transaction commits."""
    _add(
        session,
        [{"topic": topic, "conversation_id": conversation_id, "at": now, "data": data or {}}],
    )


def announce_all(
    session: Session, topic: str, now: datetime, conversation_ids: Sequence[int]
) -> None:
    """One event for each of these conversations."""
    rows = [{"topic": topic, "conversation_id": c, "at": now, "data": {}} for c in conversation_ids]
    if rows:
        _add(session, rows)


def _add(session: Session, rows: list[dict[str, Any]]) -> None:
    session.execute(insert(session, Event), rows)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_notify('replydesk_events', '')"))


def spread(session: Session, payloads: Sequence[str]) -> None:
    """Tells the other processes on this PostgreSQL something that is stored nowhere."""
    for payload in payloads:
        session.execute(text("SELECT pg_notify('replydesk_events', :said)"), {"said": payload})


def after(session: Session, last_id: int, limit: int = 500) -> list[AnyRow]:
    """Events with an id above `last_id`, oldest first: (id, topic, conversation_id, account_id)."""
    found = _events().where(Event.id > last_id).order_by(Event.id).limit(limit)
    return list(session.execute(found))


def among(session: Session, ids: Sequence[int]) -> list[AnyRow]:
    """Those of these events that are committed by now."""
    return list(session.execute(_events().where(Event.id.in_(ids))))


def accounts_of(session: Session, conversation_ids: Sequence[int]) -> dict[int, int]:
    """The account of each of these conversations."""
    found = select(Conversation.id, Conversation.account_id)
    rows = session.execute(found.where(Conversation.id.in_(conversation_ids)))
    return {id_: account for id_, account in rows}


def _events() -> Select[int, str, int | None, int]:
    columns = (Event.id, Event.topic, Event.conversation_id, Conversation.account_id)
    return select(*columns).outerjoin(Conversation, Conversation.id == Event.conversation_id)


@kept
def newest_id(session: Session) -> int:
    """The highest event id, 0 when there is none."""
    return ask(session, _newest()).scalar() or 0


@cache
def _newest() -> Select[Any]:
    return select(func.max(Event.id))


def prune(session: Session, now: datetime) -> None:
    """Forgets events older than a day."""
    session.execute(delete(Event).where(Event.at < now - KEEP))
