"""Conversations that are one case."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from inbox.store.sql import AnyRow
from inbox.store.tables import Account, Contact, Conversation, Reply


def join(session: Session, here: int, there: int) -> None:
    """Both, and all that is one case with either, become one; its name is the smallest id."""
    members = {here, there, *_members(session, here), *_members(session, there)}
    session.execute(
        update(Conversation).where(Conversation.id.in_(members)).values(case_id=min(members))
    )


def leave(session: Session, conversation_id: int) -> None:
    """The conversation stands alone again; a case of one is none."""
    rest = _members(session, conversation_id) - {conversation_id}
    alone = {conversation_id} | (rest if len(rest) == 1 else set())
    session.execute(update(Conversation).where(Conversation.id.in_(alone)).values(case_id=None))
    if len(rest) > 1:
        session.execute(
            update(Conversation).where(Conversation.id.in_(rest)).values(case_id=min(rest))
        )


def others(session: Session, conversation_id: int) -> Sequence[AnyRow]:
    """The other conversations of its case: (id, channel, handle, name, status, due_at, preview)."""
    case = select(Conversation.case_id).where(Conversation.id == conversation_id)
    found = (
        select(
            Conversation.id,
            Account.channel,
            Contact.handle,
            Contact.name,
            Conversation.kind,
            Conversation.status,
            Conversation.due_at,
            Conversation.preview,
        )
        .join(Account, Account.id == Conversation.account_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Conversation.case_id == case.scalar_subquery(), Conversation.id != conversation_id)
        .order_by(Conversation.id)
    )
    return session.execute(found).all()


def join_moved(session: Session, account: Account, fresh: Collection[tuple[str, int]]) -> None:
    """Private threads that our move to private began join the public conversation they came from.

    `fresh` are (thread, conversation) of this account; the move may have been made from another
    account of the same page (comments and messages are two accounts).
    """
    threads = {thread: conversation for thread, conversation in fresh}
    if not threads:
        return
    same_owner: list[Any] = [Account.id == account.id]
    if account.external_id:
        same_owner.append(Account.external_id == account.external_id)
    found = session.execute(
        select(Reply.private_thread, Reply.conversation_id)
        .join(Account, Account.id == Reply.account_id)
        .where(Reply.private_thread.in_(list(threads)), or_(*same_owner))
    )
    for thread, public in found.all():
        join(session, public, threads[str(thread)])


def _members(session: Session, conversation_id: int) -> set[int]:
    case = session.scalar(select(Conversation.case_id).where(Conversation.id == conversation_id))
    if case is None:
        return set()
    return set(session.scalars(select(Conversation.id).where(Conversation.case_id == case)))
