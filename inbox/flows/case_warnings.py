"""Warns of whole matters that take long: at each step of their clock and at the breach, each once.

As `flows.warnings` does of waits: judging a clock sets `warn_at` to its first step, a look tells
the highest step that has passed and was not told, and sets `warn_at` to the next one. A clock that
stands still has no next step until it is judged anew.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from inbox.domain import case_clocks as rules
from inbox.domain.case_clocks import CaseClock
from inbox.domain.promises import Promises
from inbox.domain.sla import Target
from inbox.domain.warnings import Team, due, next_at
from inbox.flows.case_clocks import pauses_of, policy_of
from inbox.flows.warnings import BATCH, leads_on_duty, tell
from inbox.store import case_clocks as stored
from inbox.store import events, persons, warnings
from inbox.store import promises as stored_promises
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from inbox.store.tables import CaseClockRow


def look(store: Store, now: datetime) -> int:
    """Tells every warning that is due; how many there were. Two processes may look at once."""
    told = 0
    while True:
        with store.read() as session:
            ids = stored.to_look_at(session, now, BATCH)
        if not ids:
            return told
        with store.write() as session:
            found = stored.held(session, now, ids)
            told += _tell_all(session, found, now)
        if len(found) < len(ids):  # another process holds the others
            return told


def _tell_all(session: Session, rows: Sequence[AnyRow], now: datetime) -> int:
    clocks: list[CaseClockRow] = [row.CaseClockRow for row in rows]
    promises = stored_promises.promises(session)
    wide = [person.id for person in warnings.team(session)]
    leading = leads_on_duty(session, now)
    hushed = persons.quiet(session, {row.conversation_id for row in clocks})
    told = stored.told(session, clocks)
    again: dict[int, datetime | None] = {}
    warned: list[int] = []
    for row, clock in zip(rows, clocks, strict=True):
        plan = rules.steps(_counted(clock, promises))
        before = {clock.target: told.get(clock.id, 0)}
        quiet = clock.conversation_id in hushed
        team = Team(None, (), ()) if quiet else Team(row.assignee, leading, wide)
        for step in due(plan, before, now):
            if tell(session, clock, step, team, now, quiet=quiet) and not quiet:
                warned.append(clock.conversation_id)
            before[clock.target] = step.part
        again[clock.id] = next_at(plan, before, now)
    stored.look_again(session, again)
    if warned:
        events.announce_all(session, "conversation", now, sorted(set(warned)))
        events.announce(session, "notice", now)
    return len(warned)


def _counted(row: CaseClockRow, promises: Promises) -> CaseClock:
    """A stored clock as the rules count it."""
    target = Target.parse(row.policy["target"])
    return rules.case_clock(
        row.target,
        row.opened_by,
        row.opened_at,
        policy_of(row, promises),
        target,
        promises.calendar_of(row.calendar, row.ended_at),
        pauses_of(row),
    )
