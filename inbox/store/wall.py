"""What a screen in the room is shown: who waits the longest, and the last hour. No words, no names
of customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
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


def waiting(session: Session, until: datetime, limit: int) -> Sequence[AnyRow]:
    """(id, channel, opened_at, due_at) of what is late or falls due before an instant, what is due
    first before; of who is blocked nothing."""
    found = (
        select(Conversation.id, Account.channel, Conversation.opened_at, Conversation.due_at)
        .join(Account, Account.id == Conversation.account_id)
        .where(
            Conversation.status == OPEN,
            Conversation.due_at < until,
            Conversation.contact_id.not_in(persons.having("blocked")),
            *scope.seen(session),
        )
        .order_by(Conversation.due_at, Conversation.id)
    )
    return session.execute(found.limit(limit)).all()


def next_due(session: Session, after: datetime) -> datetime | None:
    """When the first falls due from an instant on."""
    return session.scalar(
        select(func.min(Conversation.due_at)).where(
            Conversation.status == OPEN,
            Conversation.due_at >= after,
            Conversation.contact_id.not_in(persons.having("blocked")),
            *scope.seen(session),
        )
    )


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
