"""Two threads turn out to be one: a mail arrived that names mails of both."""

from collections.abc import Iterator

from sqlalchemy import Column, delete, select, update
from sqlalchemy.orm import Session, aliased

from inbox.store.tables import (
    Audit,
    Base,
    Conversation,
    Draft,
    Follower,
    Message,
    Notice,
    ThreadAlias,
)


def merge_threads(session: Session, account_id: int, old: str, into: str) -> set[int]:
    """Moves all of a thread into another; returns the conversations whose facts changed.

    A customer who has a conversation in both keeps the one in `into`; all that refers to the other
    (messages, evidence, replies) refers to it from then on.
    """
    changed: set[int] = set()
    for here, there in _pairs(session, account_id, old, into):
        _leave_one(session, here.id, there.id)
        for column in _references():
            session.execute(
                update(column.table).where(column == here.id).values({column.name: there.id})
            )
        session.execute(
            update(Conversation)
            .where(Conversation.id == there.id, Conversation.read_up_to > here.read_up_to)
            .values(read_up_to=here.read_up_to)
        )
        session.execute(
            update(Conversation).where(Conversation.case_id == here.id).values(case_id=there.id)
        )
        session.execute(
            update(Audit)
            .where(Audit.subject == f"conversation:{here.id}")
            .values(subject=f"conversation:{there.id}")
        )
        session.execute(delete(Conversation).where(Conversation.id == here.id))
        changed.add(there.id)
    for table in (Conversation, Message, ThreadAlias):
        session.execute(
            update(table)
            .where(table.account_id == account_id, table.thread == old)
            .values(thread=into)
        )
    return changed


def _pairs(
    session: Session, account_id: int, old: str, into: str
) -> list[tuple[Conversation, Conversation]]:
    """(conversation in `old`, the same customer's in `into`)."""
    here, there = aliased(Conversation), aliased(Conversation)
    found = session.execute(
        select(here, there)
        .join(there, there.contact_id == here.contact_id)
        .where(here.account_id == account_id, here.thread == old)
        .where(there.account_id == account_id, there.thread == into)
        .order_by(here.id)
    ).all()
    return [(a, b) for a, b in found]


def _leave_one(session: Session, here: int, there: int) -> None:
    """Of what one person has at most once in a conversation, that in `there` stays; with the words
    of both drafts."""
    theirs = select(Follower.user_id).where(Follower.conversation_id == there)
    session.execute(
        delete(Follower).where(Follower.conversation_id == here, Follower.user_id.in_(theirs))
    )
    for draft in session.scalars(select(Draft).where(Draft.conversation_id == here)):
        other = session.get(Draft, (draft.user_id, there))
        if other is not None:
            other.words = f"{other.words}\n\n{draft.words}"
            session.delete(draft)
    session.flush()
    kept = aliased(Notice)
    twin = select(kept.id).where(
        kept.conversation_id == there,
        kept.user_id == Notice.user_id,
        kept.kind == Notice.kind,
        kept.channel == Notice.channel,
        kept.settled_at.is_(None),
    )
    unsettled = (Notice.settled_at.is_(None), Notice.warning_id.is_(None))
    session.execute(delete(Notice).where(Notice.conversation_id == here, *unsettled, twin.exists()))


def _references() -> Iterator[Column[int]]:
    """Every column of every table that refers to a conversation."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column is Conversation.__table__.c.id for key in column.foreign_keys):
                yield column
