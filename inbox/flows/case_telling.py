"""What people and programs are told of case clocks: the whole calculation, with every pause."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from inbox.domain.case_clocks import COMPLAINT, RESOLUTION, outcome
from inbox.domain.pauses import Pause, ran
from inbox.domain.promises import Promises
from inbox.flows.case_clocks import pauses_of
from inbox.store import case_clocks as stored
from inbox.store import promises as stored_promises
from inbox.store.tables import CaseClockRow

Told = dict[str, Any]


def of_conversation(
    session: Session, conversation_id: int, now: datetime, *, history: bool = False
) -> list[Told]:
    """Its case clocks in order of their begin; with `history`, superseded evaluations too."""
    rows = stored.evidence(session, conversation_id, history=history)
    promises = stored_promises.promises(session) if rows else None
    return [clock(row, promises, now) for row in rows if promises is not None]


def by_turn(
    session: Session, conversation_id: int, now: datetime, *, history: bool = False
) -> dict[int, list[Told]]:
    """The same by the opening message of the turn in which each clock began."""
    found: dict[int, list[Told]] = {}
    told = of_conversation(session, conversation_id, now, history=history)
    openers = stored.openers(session, [one["opened_by"] for one in told])
    for one in told:
        found.setdefault(openers[one["opened_by"]], []).append(one)
    return found


def clock(row: CaseClockRow, promises: Promises, now: datetime) -> Told:
    """One clock. `left_s` is null once it has ended; `paused_s` is how long it stood still, by the
    clock on the wall."""
    stopped, until = pauses_of(row), row.ended_at or now
    calendar = None
    if row.calendar["name"] != "clock":
        calendar = promises.calendar_of(row.calendar, row.ended_at)
    used_s = ran(row.opened_at, until, calendar, stopped).total_seconds()
    return {
        "target": row.target,
        "kind": COMPLAINT if row.target.startswith(f"{COMPLAINT}:") else RESOLUTION,
        "name": row.policy["name"],
        "episode": row.episode,
        "opened_by": row.opened_by,
        "opened_at": row.opened_at,
        "due_at": row.due_at,
        "end": row.end,
        "ended_by": row.ended_by,
        "ended_at": row.ended_at,
        "reason": row.reason,
        "verdict": outcome(row.end, row.ended_at, row.due_at, now),
        "budget_s": row.budget_s,
        "used_s": used_s,
        "left_s": None if row.end else max(0.0, row.budget_s - used_s),
        "paused_s": _stood_still(stopped, until),
        "pauses": [asdict(pause) for pause in stopped],
        "policy": row.policy,
        "calendar": row.calendar,
        "evaluated_at": row.evaluated_at,
        "superseded_at": row.superseded_at,
    }


def _stood_still(stopped: Sequence[Pause], until: datetime) -> float:
    return sum((min(p.until or until, until) - p.since).total_seconds() for p in stopped)
