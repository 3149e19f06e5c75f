"""When an answer leaves: a moment later, so that it can be taken back, or at a chosen time. Pure.

A chosen time is a promise to nobody: the clock runs on, and an answer that waits for its time is
stopped when the customer writes again or somebody else has answered.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

from inbox.domain.snooze import Choice, choices

UNDO_S: Final = 10
MOST_UNDO_S: Final = 60
"""Seconds in which an answer can be taken back: at first, and at most."""
FARTHEST: Final = timedelta(days=60)

Problem = Literal["past", "far", "window", "late"]
"""A chosen time is over, too far off, after the platform's own limit (it could not be sent), or
after the due time (it could be, and would be late)."""


def held_until(now: datetime, undo_s: int) -> datetime | None:
    """Until when an answer can be taken back; None where that is switched off."""
    return now + timedelta(seconds=min(undo_s, MOST_UNDO_S)) if undo_s > 0 else None


def problem(
    at: datetime, now: datetime, due_at: datetime | None, closes_at: datetime | None
) -> Problem | None:
    """What speaks against a chosen time, the gravest first; None: nothing."""
    if at <= now:
        return "past"
    if at > now + FARTHEST:
        return "far"
    if closes_at is not None and at >= closes_at:
        return "window"
    return "late" if due_at is not None and at > due_at else None


def offered(
    now: datetime, zone: str, due_at: datetime | None, closes_at: datetime | None
) -> Mapping[Choice, tuple[datetime, Problem | None]]:
    """The moments that are offered by name, each with what speaks against it."""
    return {
        name: (at, problem(at, now, due_at, closes_at)) for name, at in choices(now, zone).items()
    }
