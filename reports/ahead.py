"""What will be late before somebody is on duty again, as a report shows it.

It is the forecast of the roster's page of the same instant. The past has none: what was open then
is known, but who would have been there is not told by a roster that changed since.
"""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from inbox.domain.warnings import PUBLIC
from inbox.store import case_clocks, conversations, forecast
from templates.report import Ahead, Alone

LISTED: Final = 12


def ahead(session: Session, now: datetime) -> Ahead | None:
    """None where no shift stands in the days ahead: who keeps no roster is not told of holes."""
    found = forecast.ahead(session, now, forecast.DAYS)
    if not any(one.span.people for one in found.ahead):
        return None
    first = found.alone[:LISTED]
    ids = [one.due.conversation_id for one in first]
    rows, clocks = conversations.some(session, ids), case_clocks.names(session, ids)
    return Ahead(
        late=found.late,
        alone=tuple(
            Alone(
                conversation=one.due.conversation_id,
                who=row.customer_name or row.customer_handle or row.customer_id,
                channel=row.channel,
                glyph=row.channel,
                clock=""
                if one.due.target == PUBLIC
                else clocks.get((one.due.conversation_id, one.due.target), ""),
                due_at=one.due.due_at,
                answer_by=one.answer_by,
                cover_at=one.cover_at,
            )
            for one in first
            if (row := rows.get(one.due.conversation_id)) is not None
        ),
        more=len(found.alone) - len(first),
    )
