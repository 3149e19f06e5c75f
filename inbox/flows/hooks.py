"""Tells other programs what happened: a row per endpoint, in the transaction of what it tells.

Rows hold ids, tags and times. Customers' words are read when a row is sent, for endpoints whose
setting says so: they are kept in no second place. Beside real accounts nothing is told of the demo.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from inbox.domain.hooks import WAITING
from inbox.domain.warnings import BREACH, Step
from inbox.store import accounts, hooks
from inbox.store.tables import Account, Reply


def received(
    session: Session, account: Account, external_ids: Sequence[str], now: datetime
) -> None:
    """Messages that arrived now; what was written before the account was connected is history."""
    listening = hooks.listeners(session, "message.received")
    if not listening or not _is_told(session, account.channel):
        return
    stored = hooks.stored_now(session, account.id, external_ids, now)
    fresh = [one for one in stored if one.sent_at >= account.created_at]
    about = hooks.conversations(session, {one.conversation_id for one in fresh})
    rows: list[dict[str, Any]] = []
    for one in fresh:
        message = {name: getattr(one, name) for name in ("id", "kind", "visibility", "lang")}
        message["sent_at"] = one.sent_at.isoformat()
        said = {"conversation": about[one.conversation_id], "message": message}
        rows += [row(to, "message.received", said, now, one.id) for to in listening]
    hooks.add(session, rows)


def assigned(session: Session, conversation_id: int, now: datetime) -> None:
    """Somebody was given the conversation, or nobody has it any more."""
    _of_conversation(session, "conversation.assigned", conversation_id, now)


def moved(session: Session, conversation_id: int, now: datetime, *, resolved: bool) -> None:
    """The conversation was resolved, or is open again."""
    event = "conversation.resolved" if resolved else "conversation.reopened"
    _of_conversation(session, event, conversation_id, now)


def replied(session: Session, reply: Reply, now: datetime, *, failed: str | None = None) -> None:
    """An answer was sent, or finally not (`failed`: refused, given_up)."""
    more: dict[str, Any] = {"reply": {"id": reply.id, "visibility": reply.visibility}}
    if failed:
        more["reply"]["end"] = failed
    event = "reply.failed" if failed else "reply.sent"
    _of_conversation(session, event, reply.conversation_id, now, **more)


def warned(session: Session, conversation_id: int, step: Step, now: datetime) -> None:
    """A wait goes long, or is past due."""
    turn = {
        "target": step.target,
        "part": step.part,
        "policy": step.policy.id,
        "due_at": step.due_at.isoformat(),
    }
    event = "turn.breached" if step.part == BREACH else "turn.warning"
    _of_conversation(session, event, conversation_id, now, turn=turn)


def account(session: Session, account: Account, now: datetime, *, down: bool) -> None:
    """An account does not deliver, or does again."""
    event = "account.down" if down else "account.up"
    said = {"account": {"id": account.id, "channel": account.channel, "handle": account.handle}}
    if _is_told(session, account.channel):
        _emit(session, hooks.listeners(session, event), event, said, now)


def _of_conversation(
    session: Session, event: str, conversation_id: int, now: datetime, **more: Any
) -> None:
    listening = hooks.listeners(session, event)
    if listening:
        about = hooks.conversations(session, [conversation_id])[conversation_id]
        if _is_told(session, about["channel"]):
            _emit(session, listening, event, {"conversation": about} | more, now)


def _is_told(session: Session, channel: str) -> bool:
    return channel != accounts.INVENTED or accounts.invented_only(session)


def _emit(
    session: Session,
    endpoint_ids: Sequence[int],
    event: str,
    said: dict[str, Any],
    now: datetime,
) -> None:
    hooks.add(session, [row(one, event, said, now) for one in endpoint_ids])


def row(
    endpoint_id: int, event: str, said: dict[str, Any], now: datetime, message_id: int | None = None
) -> dict[str, Any]:
    """A new delivery with a `webhook-id` of its own."""
    return {
        "endpoint_id": endpoint_id,
        "key": f"msg_{secrets.token_hex(16)}",
        "event": event,
        "said": said,
        "message_id": message_id,
        "made_at": now,
        "state": WAITING,
        "tries": 0,
    }
