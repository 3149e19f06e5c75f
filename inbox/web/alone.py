"""When nobody is on duty within the next day, worked out once a minute, not for every page."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from inbox.domain.roster import cover
from inbox.store import roster

AHEAD: Final = timedelta(hours=24)
Stretch = tuple[datetime, datetime]


@dataclass(slots=True)
class Alone:
    """Stretches without anybody, in order; none for a brand without shifts. A change of the shifts
    counts at once, one of a swap or an absence within the minute."""

    _known: tuple[int, datetime, tuple[Stretch, ...]] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def within(self, session: Session, now: datetime) -> tuple[Stretch, ...]:
        """Those of the 24 hours from now."""
        version, minute = roster.newest_number(session), now.replace(second=0, microsecond=0)
        if version is None:
            return ()
        with self._lock:
            known = self._known
        if known is None or known[:2] != (version, minute):
            known = (version, minute, _alone(session, minute))
            with self._lock:
                self._known = known
        return tuple((max(start, now), end) for start, end in known[2] if end > now)


def _alone(session: Session, start: datetime) -> tuple[Stretch, ...]:
    whole = roster.load(session, start)
    if not whole.shifts:
        return ()
    spans = cover(whole, start, start + AHEAD)
    return tuple((one.starts_at, one.ends_at) for one in spans if not one.people)
