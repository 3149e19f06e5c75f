"""Replies on their way out: claimed, moved and found again (laws 2 and 6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Select, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from inbox.domain.outbox import (
    DROPPED,
    FAILED,
    MOVES,
    OVER,
    QUEUED,
    REFUSED,
    RETURNED,
    SENDING,
    STALE_AFTER,
    STOPPED,
    UNKNOWN,
    WITHDRAWN,
)
from inbox.store import scope, search
from inbox.store.accounts import ACTIVE
from inbox.store.sql import AnyRow, insert
from inbox.store.tables import Account, Conversation, Message, Reply, User

_Before = aliased(Reply)


def add(session: Session, row: dict[str, Any]) -> int:
    """A new row's id; the same `form_key` again returns the first one's."""
    statement = insert(session, Reply).on_conflict_do_nothing(index_elements=["form_key"])
    session.execute(statement, [row])
    return session.scalars(select(Reply.id).where(Reply.form_key == row["form_key"])).one()


def move(
    session: Session,
    reply_id: int,
    before: str,
    event: str,
    *,
    attempt: int | None = None,
    **values: Any,
) -> bool:
    """One step of MOVES as compare-and-set; False when the row is no longer there.

    With `attempt`, only the sender that still holds the row may write: a frozen worker that wakes
    late cannot.
    """
    held = update(Reply).where(Reply.id == reply_id, Reply.state == before)
    if attempt is not None:
        held = held.where(Reply.attempts == attempt)
    done = session.execute(held.values(state=MOVES[before, event], **values))
    return isinstance(done, CursorResult) and done.rowcount == 1


def due(session: Session, now: datetime, account_id: int | None = None) -> list[int]:
    """Queued rows of active accounts whose time has come, oldest first; a part of an answer only
    after the part before it is sent or dropped."""
    found = _due(select(Reply.id), now).order_by(Reply.id)
    if account_id is not None:
        found = found.where(Reply.account_id == account_id)
    return list(session.scalars(found))


def listed(session: Session, state: str | None, before: int | None, limit: int) -> list[AnyRow]:
    """(row, `agent` as an e-mail address) of at most so many replies, newest first, in a state,
    older than `before`."""
    found = select(Reply, User.email.label("agent")).join(User, User.id == Reply.agent_id)
    found = found.where(*scope.seen(session, Reply.account_id))
    if state is not None:
        found = found.where(Reply.state == state)
    if before is not None:
        found = found.where(Reply.id < before)
    return list(session.execute(found.order_by(Reply.id.desc()).limit(limit)))


def of_conversation(session: Session, conversation_id: int) -> list[AnyRow]:
    """Rows of `listed` of a conversation, oldest first."""
    found = select(Reply, User.email.label("agent")).join(User, User.id == Reply.agent_id)
    found = found.where(Reply.conversation_id == conversation_id)
    return list(session.execute(found.order_by(Reply.id)))


def with_agent(session: Session, reply_id: int) -> AnyRow | None:
    """One row of `listed`."""
    found = select(Reply, User.email.label("agent")).join(User, User.id == Reply.agent_id)
    return session.execute(found.where(Reply.id == reply_id)).one_or_none()


def by_key(session: Session, account_id: int, key: str) -> Reply | None:
    """The row whose key the platform carried along."""
    return session.scalar(select(Reply).where(Reply.account_id == account_id, Reply.key == key))


def accounts_due(session: Session, now: datetime) -> list[int]:
    """Accounts with replies to send now."""
    return list(session.scalars(_due(select(Reply.account_id), now).distinct()))


def _due(columns: Select[Any], now: datetime) -> Select[Any]:
    return (
        columns.join(Account, Account.id == Reply.account_id)
        .outerjoin(_Before, _Before.id == Reply.after_id)
        .where(Account.state == ACTIVE, Reply.state == QUEUED)
        .where(or_(Reply.after_id.is_(None), _Before.state.in_(OVER)))
        .where(or_(Reply.not_before.is_(None), Reply.not_before <= now))
    )


def behind(session: Session, reply: Reply) -> list[Reply]:
    """The later parts of the same answer that have not gone out, in order."""
    found = select(Reply).where(
        Reply.conversation_id == reply.conversation_id,
        Reply.after_id.is_not(None),
        Reply.id > reply.id,
        Reply.state == QUEUED,
    )
    chain, after = [], {reply.id}
    for part in session.scalars(found.order_by(Reply.id)):
        if part.after_id in after:
            after.add(part.id)
            chain.append(part)
    return chain


def message_of(session: Session, reply_id: int) -> Message | None:
    """The message that a reply became."""
    return session.scalars(select(Message).where(Message.outbox_id == reply_id)).first()


def unfinished(session: Session, conversation_ids: Sequence[int]) -> set[int]:
    """Ids of replies in these conversations of which a later part is neither sent nor dropped."""
    rows = session.execute(
        select(Reply.id, Reply.after_id, Reply.state)
        .where(Reply.conversation_id.in_(conversation_ids), Reply.after_id.is_not(None))
        .order_by(Reply.id.desc())
    )
    found: set[int] = set()
    for part, before, state in rows:
        if before is not None and (state not in OVER or part in found):
            found.add(before)
    return found


def claim(session: Session, reply_id: int, now: datetime) -> Reply | None:
    """Takes a queued row for sending; None when another worker was first."""
    taken: dict[str, Any] = {"started_at": now, "not_before": None, "attempts": Reply.attempts + 1}
    if not move(session, reply_id, QUEUED, "claimed", **taken):
        return None
    return session.get(Reply, reply_id, populate_existing=True)


def parts(session: Session, reply: Reply) -> Sequence[Reply]:
    """The rows of the answer to which this one belongs, in order."""
    found = select(Reply).where(Reply.conversation_id == reply.conversation_id)
    rows = session.scalars(found.order_by(Reply.id)).all()
    first = {row.id: row.id for row in rows}
    for row in rows:  # each after the one that it waits for
        first[row.id] = first.get(row.after_id or row.id, row.id)
    return [row for row in rows if first[row.id] == first[reply.id]]


def last_part(session: Session, reply_id: int) -> Reply:
    """The last row of the answer to which this one belongs."""
    return parts(session, session.get_one(Reply, reply_id))[-1]


def put_off(session: Session, reply_id: int, **values: Any) -> bool:
    """Changes when a row leaves that no sender ever took; False when one did."""
    held = update(Reply).where(Reply.id == reply_id, Reply.state == QUEUED, Reply.attempts == 0)
    done = session.execute(held.values(**values))
    return isinstance(done, CursorResult) and done.rowcount == 1


def crossed(session: Session, reply_id: int | None = None) -> list[tuple[int, str]]:
    """(row, why) of answers that wait for their time although the customer wrote since their author
    looked (`customer`), or an answer of ours that is no older than they are went out (`answered`).

    The parts after the first wait for it, and are none of these.
    """
    since = and_(
        Message.conversation_id == Reply.conversation_id,
        Message.id > Reply.shown,
        Message.deleted_at.is_(None),
    )
    wrote = exists().where(since, Message.role == "customer")
    another = or_(Message.outbox_id.is_(None), Message.outbox_id > Reply.id)
    ours = exists().where(since, Message.role == "ours", ~Message.automated, another)
    found = select(Reply.id, case((wrote, "customer"), else_="answered")).where(
        Reply.state == QUEUED,
        Reply.send_at.is_not(None),
        Reply.attempts == 0,
        Reply.after_id.is_(None),
        or_(wrote, ours),
    )
    if reply_id is not None:
        found = found.where(Reply.id == reply_id)
    return [(row, why) for row, why in session.execute(found.order_by(Reply.id))]


def answered_since(session: Session, reply: Reply) -> User | None:
    """Who of the team wrote the newest answer since this one's author looked; None: somebody
    outside."""
    found = (
        select(User)
        .select_from(Message)
        .outerjoin(User, User.id == Message.agent_id)
        .where(
            Message.conversation_id == reply.conversation_id,
            Message.id > reply.shown,
            Message.role == "ours",
            ~Message.automated,
            Message.deleted_at.is_(None),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    return session.scalar(found)


def abandoned(session: Session, now: datetime) -> list[Reply]:
    """Rows left in `sending` by a process that died."""
    found = select(Reply).where(Reply.state == SENDING, Reply.started_at < now - STALE_AFTER)
    return list(session.scalars(found))


def to_look_up(session: Session, now: datetime) -> list[int]:
    """Unknown rows whose look-up is due."""
    found = select(Reply.id).where(
        Reply.state == UNKNOWN, Reply.look_up_at.is_not(None), Reply.look_up_at <= now
    )
    return list(session.scalars(found.order_by(Reply.look_up_at)))


def unsettled(session: Session, account_id: int, threads: Sequence[str]) -> list[tuple[Reply, str]]:
    """(row, thread) of replies in these threads whose platform id is not known, oldest first:
    `sending`, `unknown`, queued again or dropped after a try, or sent on a person's word
    (`said:`)."""
    found = (
        select(Reply, Conversation.thread)
        .join(Conversation, Conversation.id == Reply.conversation_id)
        .where(
            Reply.account_id == account_id,
            or_(
                Reply.state.in_((SENDING, UNKNOWN)),
                and_(Reply.state.in_((QUEUED, DROPPED)), Reply.attempts > 0),
                Reply.external_id.startswith("said:"),
            ),
            Conversation.thread.in_(list(threads)),
        )
        .order_by(Reply.id)
    )
    return [(reply, thread) for reply, thread in session.execute(found)]


def moved_before(session: Session, answers: int) -> bool:
    """Whether a public message was answered privately already, or is about to be."""
    gone = (REFUSED, FAILED, DROPPED, WITHDRAWN, RETURNED)
    found = select(Reply.id).where(
        Reply.answers == answers, Reply.visibility == "private", Reply.state.not_in(gone)
    )
    return session.scalar(found.limit(1)) is not None


def answered_by_other(
    session: Session, conversation_id: int, agent_id: int, answered: int, seen: int
) -> tuple[str, str] | None:
    """(name, words) of a colleague's newest answer to this message or a later one, that is under
    way or sent and newer than the row `seen`. What a rule wrote is no colleague's."""
    found = (
        select(User.name, Reply.text)
        .join(User, User.id == Reply.agent_id)
        .where(
            Reply.conversation_id == conversation_id,
            Reply.agent_id != agent_id,
            ~Reply.automated,
            Reply.answers >= answered,
            Reply.id > seen,
            Reply.state.not_in((REFUSED, FAILED, DROPPED, WITHDRAWN, STOPPED, RETURNED)),
        )
    )
    row = session.execute(found.order_by(Reply.id.desc()).limit(1)).first()
    return (row.name, row.text) if row else None


def same_words(
    session: Session, contact_id: int, agent_id: int, text: str, since: datetime
) -> tuple[int, datetime] | None:
    """(id, when it was queued) of this person's newest answer with these words to this customer
    that is under way or sent."""
    found = (
        select(Reply.id, Reply.created_at)
        .join(Conversation, Conversation.id == Reply.conversation_id)
        .where(
            Conversation.contact_id == contact_id,
            Reply.agent_id == agent_id,
            Reply.text == text,
            Reply.created_at >= since,
            ~Reply.automated,
            Reply.state.not_in((REFUSED, FAILED, DROPPED, WITHDRAWN, STOPPED, RETURNED)),
        )
    )
    row = session.execute(found.order_by(Reply.id.desc()).limit(1)).first()
    return (row.id, row.created_at) if row else None


def newest_sent(session: Session, conversation_id: int, shown: int) -> int:
    """The newest answer that stands among the messages up to this one; 0: none does."""
    found = select(func.max(Message.outbox_id)).where(
        Message.conversation_id == conversation_id, Message.id <= shown
    )
    return session.scalar(found) or 0


def name(session: Session, reply: Reply, external_id: str, sent_at: datetime) -> None:
    """Gives a reply that was sent on a person's word its platform id and time."""
    session.execute(update(Reply).where(Reply.id == reply.id).values(external_id=external_id))
    stored = session.scalars(
        update(Message)
        .where(Message.outbox_id == reply.id)
        .values(external_id=external_id, sent_at=sent_at, sent_at_source="platform")
        .returning(Message.id)
    )
    for message_id in stored.all():
        search.update_message(session, message_id)


def is_anothers(session: Session, reply: Reply, external_id: str) -> bool:
    """Whether this platform id belongs to another reply of ours."""
    owner = session.scalar(
        select(Message.outbox_id).where(
            Message.account_id == reply.account_id, Message.external_id == external_id
        )
    )
    return owner is not None and owner != reply.id
