"""Warns of whole matters that take long: at each step of their clock and at the breach, each once.

As `flows.warnings` does of waits: judging a clock sets `warn_at` to its first step, a look tells
the highest step that has passed and was not told, and sets `warn_at` to the next one. A clock that
stands still has no next step until it is judged anew.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from inbox.domain import case_clocks as rules
from inbox.flows.case_clocks import clock_of
from inbox.flows.warnings import Watched, in_batches, tell_all
from inbox.store import case_clocks as stored
from inbox.store import promises as stored_promises
from inbox.store.session import Store


def look(store: Store, now: datetime) -> int:
    """Tells every warning of a case clock that is due; how many there were."""
    return in_batches(store, now, stored.to_look_at, _look_at)


def _look_at(session: Session, ids: Sequence[int], now: datetime) -> tuple[int, int]:
    found = stored.held(session, now, ids)
    promises = stored_promises.promises(session)
    told = stored.told(session, ids)
    watched = [
        Watched(
            row,
            assignee,
            rules.steps(clock_of(row, promises)),
            {row.target: told.get(row.id, 0)},
        )
        for row, assignee in found
    ]
    many, again = tell_all(session, watched, now)
    rows = (row for row, _ in found)
    stored.look_again(session, {row.id: at for row, at in zip(rows, again, strict=True)})
    return len(found), many
