"""The brand's rule of approval, and the answers that wait for it."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inbox.domain.approval import DECIDERS, Approval
from inbox.domain.outbox import WAITING
from inbox.store import accounts, roster, scope
from inbox.store.sql import AnyRow
from inbox.store.tables import Account, Contact, Conversation, Reply, User


def rule(session: Session) -> Approval:
    """What holds now; without a brand nothing waits."""
    brand = accounts.brand(session)
    if brand is None:
        return Approval()
    return Approval(
        tuple(brand.approval_roles),
        brand.approval_findings,
        brand.approval_own,
        tuple(brand.approval_people),
    )


def askable(session: Session) -> dict[int, tuple[str, str]]:
    """Whose answers can be made to wait: id → name and address, by name."""
    return {one.id: (one.name, one.email) for one in roster.staff(session)}


def deciders(session: Session, conversation_id: int, but: int) -> list[int]:
    """Leads and admins who can sign in and see the conversation, but one."""
    found = select(User.id).where(
        User.role.in_(DECIDERS),
        User.disabled_at.is_(None),
        User.password_hash.is_not(None),
        User.id != but,
        scope.sees(User.id, conversation_id),
    )
    return list(session.scalars(found.order_by(User.id)))


def waiting(session: Session, author: int | None = None, limit: int = 200) -> Sequence[AnyRow]:
    """The first parts of the answers that wait (of one author, or of all) and that the reader sees,
    due first: the row's columns, `customer`, `channel`, `due_at`, `author` and `agent` (name and
    address)."""
    name = func.coalesce(Contact.name, Contact.handle, Contact.external_id)
    found = (
        select(
            *Reply.__table__.columns,
            name.label("customer"),
            Account.channel,
            Conversation.due_at,
            User.name.label("author"),
            User.email.label("agent"),
        )
        .join(Conversation, Conversation.id == Reply.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .join(Account, Account.id == Reply.account_id)
        .join(User, User.id == Reply.agent_id)
        .where(Reply.state == WAITING, Reply.after_id.is_(None), *scope.seen(session))
    )
    if author is not None:
        found = found.where(Reply.agent_id == author)
    order = (Conversation.due_at.is_(None), Conversation.due_at, Reply.id)
    return session.execute(found.order_by(*order).limit(limit)).all()


def wholes(session: Session, firsts: Sequence[AnyRow]) -> dict[int, list[AnyRow]]:
    """Every message of these answers, in order, by the id of the first: the row's columns and
    `agent`, its author's address."""
    found = (
        select(*Reply.__table__.columns, User.email.label("agent"))
        .join(User, User.id == Reply.agent_id)
        .where(
            Reply.state == WAITING,
            Reply.conversation_id.in_({row.conversation_id for row in firsts}),
        )
    )
    whole: dict[int, list[AnyRow]] = {row.id: [] for row in firsts}
    first: dict[int | None, int] = {}
    for row in session.execute(found.order_by(Reply.id)):
        first[row.id] = first.get(row.after_id, row.id)
        if first[row.id] in whole:
            whole[first[row.id]].append(row)
    return whole


def words(parts: Sequence[AnyRow]) -> str:
    """What an answer says in all its messages."""
    return "\n\n".join(part.text for part in parts if part.text)
