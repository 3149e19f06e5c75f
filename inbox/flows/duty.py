"""Who is on duty: what pages, warnings and routing ask."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from inbox.domain import roster
from inbox.store import roster as stored


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody who is on duty."""

    id: int
    email: str
    name: str
    role: str


def on_duty(session: Session, now: datetime, role: str | None = None) -> tuple[OnDuty, ...]:
    """Who is on duty now, by name; with a role only those who have it (`lead` for escalations)."""
    here = roster.on_duty(stored.load(session, now), now)
    return tuple(
        OnDuty(one.id, one.email, one.name, one.role)
        for one in stored.staff(session)
        if one.email in here and role in (None, one.role)
    )
