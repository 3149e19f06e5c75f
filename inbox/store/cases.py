"""Conversations that are one case."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from inbox.store import scope
from inbox.store.sql import AnyRow
from inbox.store.tables import Account, Audit, Contact, Conversation, Reply

JOIN, LEAVE, UNDO = "join_case", "leave_case", "undo_case"
ACTIONS = (JOIN, LEAVE, UNDO)
"""What people do with cases, as the audit log names it."""


@dataclass(frozen=True, slots=True)
class Change:
    """Which case each conversation was in before, and after (by conversation)."""

    before: dict[int, int | None]
    after: dict[int, int | None]


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


def named(session: Session, conversation_ids: Collection[int]) -> dict[int, int | None]:
    """Which case each of these, and of all that is one case with them, is in."""
    ids = set(conversation_ids).union(*(_members(session, one) for one in conversation_ids))
    rows = session.execute(
        select(Conversation.id, Conversation.case_id).where(Conversation.id.in_(ids))
    )
    return {id_: case for id_, case in rows}


def put(session: Session, named_: dict[int, int | None]) -> None:
    """Into the cases that are named."""
    for id_, case in named_.items():
        session.execute(update(Conversation).where(Conversation.id == id_).values(case_id=case))


def change_to_undo(session: Session, conversation_id: int) -> Change | None:
    """The newest joining or leaving of this conversation, while all is as it made it."""
    row = session.execute(
        select(Audit.action, Audit.detail)
        .where(Audit.subject == f"conversation:{conversation_id}", Audit.action.in_(ACTIONS))
        .order_by(Audit.id.desc())
        .limit(1)
    ).first()
    if row is None or row.action == UNDO or "before" not in row.detail:
        return None
    change = Change(_numbers(row.detail["before"]), _numbers(row.detail["after"]))
    return change if named(session, [*change.after]) == change.after else None


def _numbers(said: dict[str, int | None]) -> dict[int, int | None]:
    """JSON's keys are texts."""
    return {int(id_): case for id_, case in said.items()}


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
        .where(*scope.seen(session))
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
