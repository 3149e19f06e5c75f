"""Case clocks: promises about a whole matter instead of one answer, several side by side.

A resolution clock runs from the first wait of an episode that its policy fits to the resolution. It
stands still while the matter waits on the customer or on others (`pauses`), so its due time is
known only while it runs. Its budget is the time from opening to what would be due without pauses:
working time for business days and hours, elapsed time for hours and minutes. A pause moves the due
time on by as much of that time as it took.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from inbox.domain.calendars import Calendar
from inbox.domain.pauses import Pause, ran, reached
from inbox.domain.promises import Promise
from inbox.domain.sla import Policy, Target
from inbox.domain.warnings import BREACH, Step

Outcome = Literal["running", "paused", "overdue", "kept", "breached", "excused", "withdrawn"]
RESOLUTION: Final = "resolution"
COMPLAINT: Final = "complaint"
KEPT: Final = ("resolved", "answered")
"""Ends that keep the promise, when they come in time."""


@dataclass(frozen=True, slots=True)
class CaseClock:
    """What one clock counts, and with what. `target_name` names it among those of a conversation.

    `due_at` is None while it is paused with time left. `team`: whose calendar counts.
    """

    target_name: str
    opened_by: int
    opened_at: datetime
    policy: Policy
    target: Target
    calendar: Calendar
    stopped: tuple[Pause, ...]
    budget: timedelta
    due_at: datetime | None
    team: str = ""

    @property
    def counted_in(self) -> Calendar | None:
        """The calendar whose opening hours count; None for elapsed time."""
        return self.calendar if self.target.by_calendar else None


def case_clock(
    target_name: str,
    opened_by: int,
    opened_at: datetime,
    promise: Promise,
    stopped: Sequence[Pause],
) -> CaseClock:
    """A clock with its budget and due time; that of `promise` is without pauses. Pauses are those
    from its opening on, in order."""
    counted_in = promise.calendar if promise.target.by_calendar else None
    budget = ran(opened_at, promise.due_at, counted_in)
    due = reached(opened_at, budget, counted_in, stopped)
    about = (promise.policy, promise.target, promise.calendar, tuple(stopped))
    return CaseClock(target_name, opened_by, opened_at, *about, budget, due, promise.team)


def outcome(
    end: str | None, ended_at: datetime | None, due: datetime | None, as_of: datetime
) -> Outcome:
    """The verdict's word, as `sla.outcome`; without a due time it had time left when it paused."""
    if end is None or ended_at is None or ended_at > as_of:
        if due is None:
            return "paused"
        return "running" if as_of < due else "overdue"
    if due is not None and ended_at > due:
        return "breached"
    if end in KEPT:
        return "kept"
    return "withdrawn" if end == "withdrawn" else "excused"


def steps(clock: CaseClock) -> tuple[Step, ...]:
    """Its warnings whose instant is known, in order of time, the breach last."""
    found = []
    for part in [*(round(100 * part) for part in clock.policy.warn_at), BREACH]:
        at = reached(clock.opened_at, clock.budget * part / BREACH, clock.counted_in, clock.stopped)
        if at is not None:
            due = clock.due_at or at
            found.append(Step(clock.target_name, part, at, due, clock.policy))
    return tuple(found)
