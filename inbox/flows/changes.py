"""Edits and deletions of messages that are stored already."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from inbox.flows.incoming import Incoming
from inbox.store import messages
from inbox.store.sql import AnyRow
from inbox.store.tables import Conversation


def apply(session: Session, row: AnyRow, item: Incoming) -> set[int]:
    """Follows the platform; returns the conversation when something changed.

    An edit keeps the older words as a version and moves no clock; the conversation is unread again.
    A deletion takes the content. What was deleted stays deleted. What is held back, or published
    since, is marked so.
    """
    message = item.message
    if row.deleted_at is not None:
        return set()
    if message.deleted_at is not None:
        messages.forget(session, row.id, message.deleted_at)
    elif (
        message.edited_at is not None
        and _newer(message.edited_at, row)
        and (message.text != row.text)
    ):
        values: dict[str, Any] = {
            "text": message.text,
            "edited_at": message.edited_at,
            "findings": list(item.findings),
        }
        messages.change(session, row.id, row.text, message.edited_at, **values)
        _unread(session, row)
    elif message.hidden is not None and message.hidden != ("hidden" in row.marks):
        messages.mark(session, row.id, "hidden", message.hidden)
    else:
        return set()
    return {row.conversation_id} if row.conversation_id is not None else set()


def _newer(edited_at: datetime, row: AnyRow) -> bool:
    return row.edited_at is None or edited_at > row.edited_at


def _unread(session: Session, row: AnyRow) -> None:
    if row.role == "customer":
        session.execute(
            update(Conversation)
            .where(Conversation.id == row.conversation_id, Conversation.read_up_to >= row.id)
            .values(read_up_to=row.id - 1)
        )


def bounced(session: Session, account_id: int, rows: Sequence[dict[str, Any]]) -> set[int]:
    """Mails that came back undelivered take the answers back; returns their conversations.

    The turn is open again since its first message. A second bounce of the same mail adds nothing,
    nor does one for those alone who got a copy.
    """
    touched: set[int] = set()
    for row in rows:
        if failed := row["platform"].get("bounce_of"):
            by = row["platform"].get("bounced", ())
            touched |= messages.fail(session, account_id, str(failed), row["sent_at"], by)
    return touched
