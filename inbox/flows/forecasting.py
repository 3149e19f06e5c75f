"""The forecast of breaches: what falls due while nobody is on duty, and in each coming shift."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from inbox.domain.forecast import Forecast
from inbox.domain.roster import Roster
from inbox.store import conversations, forecast

DAYS: Final = forecast.DAYS
MOST_LISTED: Final = 200


def ahead(
    session: Session, now: datetime, days: int = DAYS, known: Roster | None = None
) -> Forecast:
    """The forecast from now on, by the roster if who asks has read it. Without any shift nobody is
    ever on duty."""
    return forecast.ahead(session, now, days, known)


def told(session: Session, found: Forecast, most: int = MOST_LISTED) -> dict[str, Any]:
    """The forecast as programs are told it: `alone` are the first so many, by due time."""
    first = found.alone[:most]
    rows = conversations.some(session, [one.due.conversation_id for one in first])
    return {
        "late": found.late,
        "alone_count": len(found.alone),
        "alone": [
            {
                "conversation_id": one.due.conversation_id,
                "channel": row.channel,
                "who": row.customer_name or row.customer_handle or row.customer_id,
                "assignee": row.assignee,
                "target": one.due.target,
                "due_at": one.due.due_at,
                "answer_by": one.answer_by,
                "cover_at": one.cover_at,
            }
            for one in first
            if (row := rows.get(one.due.conversation_id)) is not None
        ],
        "ahead": [
            {
                "from": one.span.starts_at,
                "to": one.span.ends_at,
                "on_duty": sorted(one.span.people),
                "asked": one.span.asked,
                "due": one.due,
            }
            for one in found.ahead
        ],
    }
