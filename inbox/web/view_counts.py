"""What saved views hold, counted once a minute and not anew for every page."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy.orm import Session

from inbox.domain.search import is_personal
from inbox.flows import views as flow
from inbox.store import scope
from inbox.store.tables import SavedView

FRESH: Final = timedelta(minutes=1)
AT_ONCE: Final = 2
"""So many counts are made for one page; the others wait for the next, showing what they were."""
KEPT: Final = 5_000
_Key: TypeAlias = tuple[int, str, int, frozenset[int]]


@dataclass(slots=True)
class Counts:
    """What saved views hold, each counted once a minute and then by one page: once for all who see
    the same accounts, or once for each person where it holds what is theirs."""

    _known: dict[_Key, tuple[datetime, int | None]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(
        self, session: Session, views: Sequence[SavedView], me: int, now: datetime
    ) -> dict[int, int | None]:
        """By view; one that was never counted yet is left out."""
        hidden = scope.hidden(session)
        keys = {v.id: (v.id, v.query, me if is_personal(v.query) else 0, hidden) for v in views}
        with self._lock:
            if len(self._known) > KEPT:
                self._known.clear()
            stale = [v for v in views if not self._is_fresh(keys[v.id], now)][:AT_ONCE]
            for view in stale:  # whoever comes meanwhile takes what was known
                known = self._known.get(keys[view.id])
                if known:
                    self._known[keys[view.id]] = (now, known[1])
        fresh = {keys[view.id]: (now, flow.holds(session, view, me, now)) for view in stale}
        with self._lock:
            self._known |= fresh
            return {id_: self._known[key][1] for id_, key in keys.items() if key in self._known}

    def _is_fresh(self, key: _Key, now: datetime) -> bool:
        known = self._known.get(key)
        return known is not None and timedelta(0) <= now - known[0] < FRESH
