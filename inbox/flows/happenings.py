"""What a platform tells of a message by its name alone: deleted, delivered, read, failed.

Told before the message itself is stored, it waits as a row and is applied when the message comes,
so any order of arrival ends in the same state.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.core.contract import Deletion, Event, Receipt, Sent, Visibility
from connectors.core.registry import capabilities, channels
from connectors.core.text import clean
from inbox.guard.secrets import mask
from inbox.store import happenings as stored
from inbox.store import messages
from inbox.store.tables import Account, Message, Reply

DELETED, FAILED = "deleted", "failed"


def write(session: Session, account: Account, events: Sequence[Event], now: datetime) -> set[int]:
    """Stores what was told and applies it; returns the conversations whose facts changed."""
    rows = [_row(account, event, now) for event in events]
    fresh = stored.add(session, rows)
    touched: set[int] = set()
    for row in fresh:
        touched |= _apply(session, account.id, row)
    return touched


def apply_waiting(
    session: Session, account_id: int, external_ids: Sequence[str], key: str | None = None
) -> set[int]:
    """Applies what was told of these messages (or of the answer with that key) before they were
    stored."""
    subjects = [f"id:{external_id}" for external_id in external_ids]
    subjects += [f"key:{key}"] if key else []
    touched: set[int] = set()
    for row in stored.of(session, account_id, subjects):
        touched |= _apply(session, account_id, row)
    return touched


def settles(events: Sequence[Event]) -> list[tuple[str, Sent]]:
    """(outbox key, what the platform says of it) of receipts that carry both names: they settle an
    answer whose outcome is unknown."""
    return [
        (event.key, Sent(event.external_id, event.at if event.state == "sent" else None))
        for event in events
        if isinstance(event, Receipt) and event.key and event.external_id
    ]


def _row(account: Account, event: Event, now: datetime) -> dict[str, Any]:
    if isinstance(event, Deletion):
        subject, kind, reason = f"id:{clean(event.external_id)}", DELETED, None
    else:
        kind, reason = event.state, mask(clean(event.reason)).text or None
        named = f"id:{event.external_id}" if event.external_id else f"key:{event.key}"
        subject = clean(named)
    return {
        "account_id": account.id,
        "subject": subject,
        "kind": kind,
        "at": min(event.at, now),
        "reason": reason,
        "stored_at": now,
    }


def _apply(session: Session, account_id: int, row: dict[str, Any]) -> set[int]:
    message = _message(session, account_id, row["subject"])
    if message is None:
        return set()
    if row["kind"] == DELETED:
        if message.deleted_at is not None or _ours_alone(session, message):
            return set()
        messages.forget(session, message.id, row["at"])
    elif row["kind"] == FAILED:
        messages.took_back(session, message.id, row["at"], row["reason"])
    else:
        messages.note_receipt(session, message.id, row["kind"], row["at"])
    return {message.conversation_id} if message.conversation_id is not None else set()


def _ours_alone(session: Session, message: Message) -> bool:
    """Whether the message is gone from our own view only: the customer took nothing back, and who
    deletes it in the platform's app ends no wait by that."""
    if message.visibility != Visibility.PRIVATE or message.role != "customer":
        return False
    channel = session.get_one(Account, message.account_id).channel
    return channel in channels() and capabilities(channel).private_deletions_are_ours


def _message(session: Session, account_id: int, subject: str) -> Message | None:
    how, _, name = subject.partition(":")
    found = select(Message).where(Message.account_id == account_id)
    if how == "id":
        return session.scalar(found.where(Message.external_id == name))
    reply = session.scalar(select(Reply.id).where(Reply.key == name))
    return session.scalar(found.where(Message.outbox_id == reply)) if reply else None
