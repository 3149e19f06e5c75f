"""All that follows from an account's messages, free of our numbers, so that two can be compared."""

from typing import Any

from sqlalchemy import select

from inbox.store.session import Store
from inbox.store.tables import Conversation, TurnRow
from inbox.store.tables import Message as Row


def snapshot(store: Store, account_id: int) -> dict[str, Any]:
    """Messages, conversations and current turns, named by external ids."""
    with store.read() as session:
        rows = session.scalars(select(Row).where(Row.account_id == account_id)).all()
        found = session.scalars(select(Conversation).where(Conversation.account_id == account_id))
        conversations = found.all()
        ids = [c.id for c in conversations]
        current = select(TurnRow).where(
            TurnRow.conversation_id.in_(ids), TurnRow.superseded_at.is_(None)
        )
        turns = session.scalars(current).all()
    names = {row.id: row.external_id for row in rows}
    inside = {c: frozenset(r.external_id for r in rows if r.conversation_id == c) for c in ids}
    threads = {
        r.thread: frozenset(x.external_id for x in rows if x.thread == r.thread) for r in rows
    }
    return {
        "messages": {
            r.external_id: (
                threads[r.thread],
                inside.get(r.conversation_id or 0),
                names.get(r.opener_id or 0),
                (r.text, r.subject, r.role, r.sent_at, r.deleted_at),
            )
            for r in rows
        },
        "conversations": {
            (
                inside[c.id],
                c.status,
                c.kind,
                c.opened_at,
                names.get(c.opened_by or 0),
                c.due_at,
                c.last_message_at,
                c.last_is_ours,
                c.preview,
                c.unread,
            )
            for c in conversations
        },
        "turns": {
            (
                inside[t.conversation_id],
                (t.seq, t.episode, t.is_first),
                names[t.opened_by],
                (t.opened_at, t.due_at, t.policy["id"]),
                (t.end, names.get(t.ended_by or 0), t.ended_at, t.outside),
            )
            for t in turns
        },
    }
