"""What falls due in the time ahead, held against the roster."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.domain import forecast as rules
from inbox.domain import roster as duty
from inbox.domain.conversation import OPEN, SNOOZED
from inbox.domain.forecast import Due, Forecast
from inbox.domain.warnings import PUBLIC
from inbox.store import persons, roster, scope
from inbox.store.tables import CaseClockRow, Conversation

MOST = 20_000
DAYS = 7
"""How far ahead, where nobody says otherwise."""


def ahead(session: Session, now: datetime, days: int, known: duty.Roster | None = None) -> Forecast:
    """The forecast from now on, by the roster if who asks has read it. Without any shift nobody is
    ever on duty."""
    end = now + timedelta(days=days)
    cover = duty.watch(known or roster.load(session, now), now, end)
    return rules.forecast(due_between(session, now, end), cover)


def due_between(session: Session, start: datetime, end: datetime) -> list[Due]:
    """Answers and case clocks that fall due in [start, end), the first so many. Who is blocked is
    in no queue."""
    blocked = persons.having("blocked")
    answers = (
        select(Conversation.id, Conversation.due_at)
        .where(
            Conversation.status.in_((OPEN, SNOOZED)),
            Conversation.due_at >= start,
            Conversation.due_at < end,
            Conversation.contact_id.not_in(blocked),
            *scope.seen(session),
        )
        .order_by(Conversation.due_at)
        .limit(MOST)
    )
    clocks = (
        select(CaseClockRow.conversation_id, CaseClockRow.target, CaseClockRow.due_at)
        .join(Conversation, Conversation.id == CaseClockRow.conversation_id)
        .where(
            CaseClockRow.superseded_at.is_(None),
            CaseClockRow.ended_at.is_(None),
            CaseClockRow.due_at >= start,
            CaseClockRow.due_at < end,
            Conversation.contact_id.not_in(blocked),
            *scope.seen(session),
        )
        .order_by(CaseClockRow.due_at)
        .limit(MOST)
    )
    rows = [(id_, PUBLIC, at) for id_, at in session.execute(answers)]
    rows += [(id_, target, at) for id_, target, at in session.execute(clocks)]
    return [Due(id_, target, at) for id_, target, at in rows if at is not None]
