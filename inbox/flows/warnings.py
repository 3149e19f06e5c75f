"""Warns of waits that go long: at each step of the policy's way and at the breach, each once.

Refolding a conversation sets `warn_at` to its first step. A look takes what is due, tells the
highest step that has passed and was not told, and sets `warn_at` to the next one: what was told
before, the row of the warning remembers, whatever happens to policy, assignee or process. A look
after hours of standstill so tells each wait once.

History tells nothing: a wait that an import brought, or that began before its account was
connected, is never looked at (`first_look`).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from inbox.domain.promises import Promise, Promises
from inbox.domain.warnings import (
    BREACH,
    INTERNAL,
    PUBLIC,
    Step,
    Team,
    due,
    next_at,
    steps,
    to_tell,
)
from inbox.flows import duty, hooks
from inbox.store import audit, events, notices, persons, warnings
from inbox.store import promises as stored_promises
from inbox.store.accounts import IMPORTED
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from inbox.store.tables import CaseClockRow
from inbox.store.warnings import Open

BATCH: Final = 200


def first_look(
    row: AnyRow, opened_by: int, opened_at: datetime, promised: tuple[Promise, Sequence[Promise]]
) -> datetime | None:
    """When to look at a wait that was folded just now; None for history. `row` is its conversation
    with `account_state` and `account_since`."""
    is_history = opened_by <= row.quiet_up_to or opened_at < row.account_since
    if is_history or row.account_state == IMPORTED:
        return None
    return min(step.at for step in _plan(opened_at, *promised))


def look(store: Store, now: datetime) -> int:
    """Tells every warning that is due; how many there were. Two processes may look at once."""
    told = 0
    while True:
        with store.read() as session:
            ids = warnings.to_look_at(session, now, BATCH)
        if not ids:
            return told
        with store.write() as session:
            found = warnings.held(session, now, ids)
            told += _tell_all(session, found, now)
            if len(found) < len(ids):  # another process holds the others
                warnings.forget_ended(session, ids)
                return told


def _tell_all(session: Session, turns: Sequence[Open], now: datetime) -> int:
    promises = stored_promises.promises(session)
    people = warnings.team(session)
    leading, wide = leads_on_duty(session, now), [person.id for person in people]
    hushed = persons.quiet(session, {turn.conversation_id for turn in turns})
    again: dict[datetime | None, list[int]] = defaultdict(list)
    warned: list[int] = []
    for turn in turns:
        plan = _plan(turn.opened_at, *_promised(promises, turn))
        quiet = turn.conversation_id in hushed  # the step is past, nobody hears of it later either
        team = Team(None, (), ()) if quiet else Team(turn.assignee, leading, wide)
        for step in due(plan, turn.told, now):
            if tell(session, turn, step, team, now, quiet=quiet) and not quiet:
                warned.append(turn.conversation_id)
            turn.told[step.target] = step.part
        again[next_at(plan, turn.told, now)].append(turn.conversation_id)
    for at, ids in again.items():
        warnings.look_again(session, ids, at)
    if warned:
        events.announce_all(session, "conversation", now, sorted(set(warned)))
        events.announce(session, "notice", now)
    return len(warned)


def leads_on_duty(session: Session, now: datetime) -> list[int]:
    """Who leads now; while no lead is on duty, every lead."""
    here = duty.on_duty(session, now, "lead")
    return [person.id for person in here or warnings.team(session) if person.role == "lead"]


def tell(
    session: Session,
    turn: Open | CaseClockRow,
    step: Step,
    team: Team,
    now: datetime,
    *,
    quiet: bool,
) -> bool:
    """Claims the warning and writes to whom it goes; False when it was told before. `quiet`: it
    goes to no program either."""
    warning_id = warnings.claim(session, turn, step, now)
    if warning_id is None:
        return False
    people = to_tell(step, team)
    about = {"conversation_id": turn.conversation_id, "warning_id": warning_id}
    notices.add(session, people, step.part, now, kind="warning", **about)
    audit.record(
        session,
        "system",
        "breach" if step.part == BREACH else "warn",
        f"conversation:{turn.conversation_id}",
        now,
        target=step.target,
        part=step.part,
        due_at=step.due_at.isoformat(),
        policy=step.policy.id,
        told=sorted(people),
    )
    if not quiet:
        hooks.warned(session, turn.conversation_id, step, now)
    return True


def _promised(promises: Promises, turn: Open) -> tuple[Promise, Sequence[Promise]]:
    about = (turn.matter, turn.opened_at, turn.is_first, None)
    return promises.public(*about), promises.internal(*about)


def _plan(opened_at: datetime, public: Promise, internal: Sequence[Promise]) -> tuple[Step, ...]:
    """The steps of the public target, and of the earliest internal one."""
    plan = steps(PUBLIC, opened_at, public)
    return plan + (steps(INTERNAL, opened_at, internal[0]) if internal else ())
