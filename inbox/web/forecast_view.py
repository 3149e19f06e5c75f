"""The forecast as the page of the roster shows it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from inbox.domain.roster import Roster
from inbox.domain.warnings import PUBLIC
from inbox.flows import forecasting
from inbox.store import case_clocks
from inbox.web import accounts_view
from inbox.web.pages_forecast import AloneRow, ForecastPart, ShiftAhead

LISTED: Final = 12
SHIFTS: Final = 12


def forecast(
    session: Session, now: datetime, names: Mapping[str, str], roster: Roster | None = None
) -> ForecastPart:
    """`names` are of people by their address. Stretches in which nothing falls due are left out."""
    found = forecasting.ahead(session, now, known=roster)
    listed = forecasting.told(session, found, LISTED)["alone"]
    clocks = case_clocks.names(session, [one["conversation_id"] for one in listed])
    return ForecastPart(
        late=found.late,
        alone=tuple(
            AloneRow(
                id=one["conversation_id"],
                who=one["who"],
                channel=accounts_view.named(one["channel"]),
                clock=""
                if one["target"] == PUBLIC
                else clocks.get((one["conversation_id"], one["target"]), ""),
                due_at=one["due_at"],
                answer_by=one["answer_by"],
                cover_at=one["cover_at"],
            )
            for one in listed
        ),
        more=len(found.alone) - len(listed),
        shifts=tuple(
            ShiftAhead(
                one.span.starts_at,
                one.span.ends_at,
                tuple(sorted(names.get(email, email) for email in one.span.people)),
                one.due,
                one.span.asked,
            )
            for one in found.ahead
            if one.due
        )[:SHIFTS],
    )
