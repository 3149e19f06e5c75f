"""What a conversation's page reads: messages, replies on their way, evidence, and what was before.

A fixed number of queries, whatever the length of the conversation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from inbox.domain.outbox import RETURNED, SENT, WAITING, WITHDRAWN
from inbox.store import (
    approval,
    cases,
    files,
    inbox_list,
    notes,
    outbox,
    persons,
    scope,
    steps,
    warnings,
)
from inbox.store.sql import AnyRow
from inbox.store.tables import (
    Account,
    Conversation,
    File,
    Message,
    MessageVersion,
    Reply,
    TurnRow,
    User,
)

MESSAGES = 200
"""So many messages stand on the page at first; earlier ones are behind a link."""
MOST = 5_000
"""So many at last."""
ABOVE = 20
"""So many stand above a message that was asked for."""
EARLIER = 5

_Author = aliased(User)


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation's page.

    `row` is that of the list, `account` adds what its platform needs to answer. `messages` are in
    order of platform time, with `agent_name`; those without the conversation's id are context by
    third parties. `replies` are outbox rows that are not a stored message, with `agent_name`.
    `versions` are what edited messages said before, `case` the other conversations of the matter.
    `more` says that there are earlier messages, `moved` that the customer's last one was answered
    privately already; `warned` are rows of `warnings.of_conversation`, `step` is the newest one
    (see `steps.newest`); `joined`: the newest joining or leaving of its case can be taken back.
    `own`: admins may approve their own answers, one of which waits.
    """

    row: AnyRow
    account: Account
    messages: Sequence[AnyRow]
    replies: Sequence[AnyRow]
    versions: Mapping[int, Sequence[AnyRow]]
    case: Sequence[AnyRow]
    files: Sequence[File]
    turns: Sequence[TurnRow]
    earlier: Sequence[AnyRow]
    customer_since: datetime | None
    person: persons.Person
    person_notes: Sequence[AnyRow]
    notes: Sequence[AnyRow]
    more: bool
    moved: bool = False
    own: bool = False
    warned: Sequence[AnyRow] = ()
    step: AnyRow | None = None
    joined: bool = False


def read(
    session: Session, conversation_id: int, most: int = MESSAGES, at: int | None = None
) -> Thread | None:
    """A conversation with at most so many of its newest messages, and more where one that is asked
    for, `at`, stands above them; None when there is no conversation."""
    row = inbox_list.one(session, conversation_id)
    if row is None:
        return None
    most = max(most, _down_from(session, row, at)) if at is not None else most
    found = _messages(session, row, most + 1)
    replies = _replies(session, conversation_id)
    person = persons.person(session, row.contact_id)
    assert person is not None  # a conversation has a customer
    ids = [identity.id for identity in person.identities]
    last = next((m.id for m in reversed(found) if m.role == "customer"), 0)
    return Thread(
        row=row,
        account=session.get_one(Account, row.account_id),
        messages=found[-most:],
        replies=replies,
        own=any(r.state == WAITING for r in replies) and approval.rule(session).own,
        files=files.shown(session, [m.id for m in found], [r.id for r in replies]),
        versions=_versions(session, [m.id for m in found if m.edited_at]),
        case=cases.others(session, conversation_id) if row.case_id is not None else (),
        turns=_turns(session, conversation_id),
        earlier=_earlier(session, row, ids),
        customer_since=persons.first_wrote(session, ids),
        person=person,
        person_notes=persons.notes(session, ids),
        notes=notes.of_conversation(session, conversation_id),
        more=len(found) > most,
        moved=outbox.moved_before(session, last),
        warned=warnings.of_conversation(session, conversation_id),
        step=steps.newest(session, conversation_id),
        joined=cases.change_to_undo(session, conversation_id) is not None,
    )


def message(session: Session, message_id: int) -> AnyRow | None:
    """One stored message."""
    found = select(*Message.__table__.columns).where(Message.id == message_id)
    return session.execute(found).first()


def exists(session: Session, conversation_id: int) -> bool:
    """Whether there is such a conversation."""
    found = select(Conversation.id).where(Conversation.id == conversation_id, *scope.seen(session))
    return session.scalar(found) is not None


def conversation_of(session: Session, reply_id: int) -> int | None:
    """The conversation of an outbox row."""
    return session.scalar(select(Reply.conversation_id).where(Reply.id == reply_id))


def words_of_form(session: Session, conversation_id: int, form_key: str) -> str | None:
    """The words of the answer that was queued from this form, all parts; None when none was."""
    key = or_(
        Reply.form_key == form_key, Reply.form_key.startswith(f"{form_key}#", autoescape=True)
    )
    found = select(Reply.text).where(Reply.conversation_id == conversation_id, key)
    texts = session.scalars(found.order_by(Reply.id)).all()
    return "\n".join(texts) if texts else None


def _down_from(session: Session, row: AnyRow, message_id: int) -> int:
    """How many of the newest messages there are down from one of them, and some before it."""
    at = select(Message.sent_at).where(
        Message.id == message_id, Message.account_id == row.account_id
    )
    found = select(func.count()).where(_here(row), Message.sent_at >= at.scalar_subquery())
    many = session.scalar(found) or 0
    return min(many + ABOVE, MOST) if many else 0


def _here(row: AnyRow) -> ColumnElement[bool]:
    """What stands in a conversation: its messages, and what others wrote in its thread."""
    return or_(
        Message.conversation_id == row.id,
        (Message.account_id == row.account_id)
        & (Message.thread == row.thread)
        & (Message.role == "third")
        & Message.conversation_id.is_(None),
    )


def _messages(session: Session, row: AnyRow, most: int) -> Sequence[AnyRow]:
    """In order of time; what others wrote stands above what the customer wrote in that second."""
    found = (
        select(*Message.__table__.columns, _Author.name.label("agent_name"))
        .outerjoin(_Author, _Author.id == Message.agent_id)
        .where(_here(row))
        .order_by(Message.sent_at.desc(), Message.role == "third", Message.id.desc())
        .limit(most)
    )
    return session.execute(found).all()[::-1]


def _versions(session: Session, message_ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    """(text, until) of edited messages, oldest first."""
    found: dict[int, list[AnyRow]] = {}
    if not message_ids:
        return found
    rows = session.execute(
        select(MessageVersion.message_id, MessageVersion.text, MessageVersion.until)
        .where(MessageVersion.message_id.in_(message_ids))
        .order_by(MessageVersion.id)
    )
    for row in rows:
        found.setdefault(row.message_id, []).append(row)
    return found


def _replies(session: Session, conversation_id: int) -> Sequence[AnyRow]:
    """Replies that are not (yet) a stored message."""
    found = (
        select(*Reply.__table__.columns, _Author.name.label("agent_name"))
        .join(_Author, _Author.id == Reply.agent_id)
        .where(
            Reply.conversation_id == conversation_id,
            Reply.state.not_in((SENT, WITHDRAWN, RETURNED)),
        )
        .order_by(Reply.id)
    )
    return session.execute(found).all()


def _turns(session: Session, conversation_id: int) -> Sequence[TurnRow]:
    found = (
        select(TurnRow)
        .where(TurnRow.conversation_id == conversation_id, TurnRow.superseded_at.is_(None))
        .order_by(TurnRow.seq)
    )
    return session.scalars(found).all()


def _earlier(session: Session, row: AnyRow, ids: Sequence[int]) -> Sequence[AnyRow]:
    """The same person's other conversations on all channels, newest first, each with its first
    turn."""
    others = (
        select(Conversation.id)
        .where(Conversation.contact_id.in_(ids), Conversation.id != row.id)
        .where(*scope.seen(session))
        .order_by(Conversation.id.desc())
        .limit(EARLIER)
    )
    first = (
        select(TurnRow.conversation_id, func.min(TurnRow.seq).label("seq"))
        .where(TurnRow.conversation_id.in_(others), TurnRow.superseded_at.is_(None))
        .group_by(TurnRow.conversation_id)
        .subquery()
    )
    found = (
        select(
            Conversation.id,
            Conversation.category,
            Conversation.last_message_at,
            Account.channel,
            TurnRow.opened_at,
            TurnRow.due_at,
            TurnRow.ended_at,
            TurnRow.end,
        )
        .join(Account, Account.id == Conversation.account_id)
        .outerjoin(first, first.c.conversation_id == Conversation.id)
        .outerjoin(
            TurnRow,
            (TurnRow.conversation_id == Conversation.id)
            & (TurnRow.seq == first.c.seq)
            & TurnRow.superseded_at.is_(None),
        )
        .where(Conversation.id.in_(others))
        .order_by(Conversation.id.desc())
    )
    return session.execute(found).all()
