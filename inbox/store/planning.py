"""The waits that a forecast of the load is made from, in bulk and as columns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from inbox.domain.conversation import OPEN, SNOOZED
from inbox.store import persons
from inbox.store.sql import AnyRow
from inbox.store.tables import Conversation, TurnRow


def answered(session: Session, since: datetime) -> Sequence[AnyRow]:
    """Waits that an answer ended and that opened at an instant or later.

    Columns: opened_at, ended_at, agent_id (None outside), is_first, policy (the public one's id),
    internal (evidence of the team's own, or None).
    """
    found = _waits().where(TurnRow.opened_at >= since, TurnRow.end == "answered")
    return session.execute(found).all()


def waiting(session: Session) -> Sequence[AnyRow]:
    """What waits for an answer now; columns as in `answered`. Who is blocked is in no queue."""
    found = (
        _waits()
        .join(Conversation, Conversation.id == TurnRow.conversation_id)
        .where(
            Conversation.status.in_((OPEN, SNOOZED)),
            Conversation.due_at.is_not(None),
            Conversation.contact_id.not_in(persons.having("blocked")),
            TurnRow.ended_at.is_(None),
        )
    )
    return session.execute(found).all()


def first_opened(session: Session) -> datetime | None:
    """When the first of all waits opened."""
    return session.scalar(select(func.min(TurnRow.opened_at)))


def _waits() -> Select[*tuple[Any, ...]]:
    return select(
        TurnRow.opened_at,
        TurnRow.ended_at,
        TurnRow.agent_id,
        TurnRow.is_first,
        TurnRow.policy["id"].as_string().label("policy"),
        TurnRow.policy["internal"].label("internal"),
    ).where(TurnRow.superseded_at.is_(None))
