"""Which stored messages a platform is to be asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, not_, or_, select, union, update
from sqlalchemy.orm import Session

from inbox.store.sql import AnyRow, chunks
from inbox.store.tables import Account, Conversation, Message


def place(session: Session, conversation_id: int) -> AnyRow | None:
    """(channel, account_state, looked_at, look_wanted_at) of a conversation."""
    found = (
        select(
            Account.channel,
            Account.state.label("account_state"),
            Conversation.looked_at,
            Conversation.look_wanted_at,
        )
        .join(Account, Account.id == Conversation.account_id)
        .where(Conversation.id == conversation_id)
    )
    return session.execute(found).first()


def want(session: Session, conversation_id: int, now: datetime) -> None:
    """Marks a conversation to be asked for."""
    session.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(look_wanted_at=now)
    )


def done(session: Session, conversation_id: int, now: datetime) -> None:
    """The platform was asked."""
    session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(look_wanted_at=None, looked_at=now)
    )


def accounts_due(session: Session, now: datetime) -> list[tuple[int, str]]:
    """(id, channel) of active, rested accounts with something to ask for."""
    looked_for = select(Conversation.account_id).where(Conversation.look_wanted_at.is_not(None))
    lonely = select(Message.account_id).where(Message.wants_parents)
    rested = or_(Account.not_before.is_(None), Account.not_before <= now)
    found = select(Account.id, Account.channel).where(
        Account.state == "active", rested, Account.id.in_(union(looked_for, lonely))
    )
    return [(id_, channel) for id_, channel in session.execute(found)]


def wanted(session: Session, account_id: int, most: int = 5) -> Sequence[AnyRow]:
    """Conversations that somebody opened, oldest wish first."""
    found = (
        select(Conversation.id, Conversation.thread)
        .where(Conversation.account_id == account_id, Conversation.look_wanted_at.is_not(None))
        .order_by(Conversation.look_wanted_at)
        .limit(most)
    )
    return session.execute(found).all()


def messages(session: Session, conversation_id: int, most: int) -> Sequence[AnyRow]:
    """The newest messages of a conversation that still have content, but for answers of ours that
    moved a public matter into private: they stand in another thread of the platform."""
    moved = and_(
        Message.role == "ours",
        Message.visibility == "private",
        Message.kind.in_(("mention", "comment")),
    )
    found = (
        select(*Message.__table__.columns)
        .where(
            Message.conversation_id == conversation_id, Message.deleted_at.is_(None), not_(moved)
        )
        .order_by(Message.sent_at.desc())
        .limit(most)
    )
    return session.execute(found).all()


def orphans(session: Session, account_id: int, most: int) -> Sequence[AnyRow]:
    """Comments above which something is missing: (id, external_id, thread, in_reply_to …)."""
    found = (
        select(*Message.__table__.columns)
        .where(Message.account_id == account_id, Message.wants_parents)
        .order_by(Message.id)
        .limit(most)
    )
    return session.execute(found).all()


def want_parents(session: Session, account_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Marks customers' public messages whose parent or root post is not stored."""
    above = {
        row["external_id"]: {row["in_reply_to"] or row["thread"], row["thread"]}
        for row in rows
        if row["role"] == "customer" and row["visibility"] == "public"
    }
    names = sorted({n for names in above.values() for n in names})
    stored: set[str] = set()
    for part in chunks(names):
        here = Message.account_id == account_id, Message.external_id.in_(part)
        stored |= set(session.scalars(select(Message.external_id).where(*here)))
    lonely = [x for x, names in above.items() if names - stored]
    for part in chunks(lonely):
        here = Message.account_id == account_id, Message.external_id.in_(part)
        session.execute(update(Message).where(*here).values(wants_parents=True))


def sought(session: Session, message_ids: Sequence[int]) -> None:
    """What stands above these messages was asked for, once."""
    for part in chunks(message_ids):
        session.execute(update(Message).where(Message.id.in_(part)).values(wants_parents=False))
