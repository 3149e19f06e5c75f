"""What a screen in the room is shown: who waits the longest, and the last hour. No words, no names
of customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from inbox.domain.conversation import OPEN
from inbox.store import persons, scope
from inbox.store.sql import AnyRow
from inbox.store.tables import Account, Conversation, Message, TurnRow


@dataclass(frozen=True, slots=True)
class Since:
    """Since an instant: customers' messages that came, waits that were answered, and how many of
    those in time."""

    received: int
    answered: int
    in_time: int


def waiting(
    session: Session, since: datetime | None, until: datetime, limit: int
) -> Sequence[AnyRow]:
    """(channel, opened_at, due_at) of what falls due in [since, until), what is due first before;
    of who is blocked nothing. `since` None: whenever before."""
    found = (
        select(Account.channel, Conversation.opened_at, Conversation.due_at)
        .select_from(Conversation)
        .join(Account, Account.id == Conversation.account_id)
        .where(*_in_the_queue(session), Conversation.due_at < until)
        .order_by(Conversation.due_at, Conversation.id)
    )
    found = found if since is None else found.where(Conversation.due_at >= since)
    return session.execute(found.limit(limit)).all()


def next_due(session: Session, after: datetime) -> datetime | None:
    """When the first falls due from an instant on."""
    found = select(func.min(Conversation.due_at))
    return session.scalar(found.where(*_in_the_queue(session), Conversation.due_at >= after))


def since(session: Session, start: datetime, now: datetime) -> Since:
    """What happened after `start`, up to now."""
    came = (
        select(func.count())
        .select_from(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.sent_at > start,
            Message.sent_at <= now,
            Message.role == "customer",
            *scope.seen(session),
        )
    )
    ended = (
        select(TurnRow.ended_at, TurnRow.due_at)
        .join(Conversation, Conversation.id == TurnRow.conversation_id)
        .where(
            TurnRow.ended_at > start,
            TurnRow.ended_at <= now,
            TurnRow.end == "answered",
            TurnRow.superseded_at.is_(None),
            *scope.seen(session),
        )
    )
    answers = session.execute(ended).all()
    kept = sum(one.ended_at is not None and one.ended_at <= one.due_at for one in answers)
    return Since(session.scalar(came) or 0, len(answers), kept)


def _in_the_queue(session: Session) -> tuple[ColumnElement[bool], ...]:
    return (
        Conversation.status == OPEN,
        Conversation.contact_id.not_in(persons.having("blocked")),
        *scope.seen(session),
    )
