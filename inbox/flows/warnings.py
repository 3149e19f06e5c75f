"""Warns of waits that go long: at each step of the policy's way and at the breach, each once.

Refolding a conversation sets `warn_at` to its first step. A look takes what is due, tells the
highest step that has passed and was not told, and sets `warn_at` to the next one: what was told
before, the row of the warning remembers, whatever happens to policy, assignee or process. A look
after hours of standstill so tells each wait once.

History tells nothing: a wait that an import brought, or that began before its account was
connected, is never looked at (`first_look`).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
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
from inbox.store import audit, events, notices, persons, scope, warnings
from inbox.store import promises as stored_promises
from inbox.store.accounts import IMPORTED
from inbox.store.scope import Seers
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from inbox.store.tables import CaseClockRow
from inbox.store.warnings import Open

BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Watched:
    """An open turn or a case clock. `told` is the highest part told, by target."""

    of: Open | CaseClockRow
    assignee: int | None
    plan: Sequence[Step]
    told: Mapping[str, int]


def first_look(
    row: AnyRow, opened_by: int, opened_at: datetime, promised: tuple[Promise, Sequence[Promise]]
) -> datetime | None:
    """When to look at a wait that was folded just now; None for history."""
    if is_history(row, opened_by, opened_at):
        return None
    return min(step.at for step in _plan(opened_at, *promised))


def is_history(row: AnyRow, opened_by: int, opened_at: datetime) -> bool:
    """Whether nobody is warned of what began with this message: an import brought it, or it is
    older than the account. `row` is its conversation with `account_state` and `account_since`."""
    is_old = opened_by <= row.quiet_up_to or opened_at < row.account_since
    return bool(is_old or row.account_state == IMPORTED)


def look(store: Store, now: datetime) -> int:
    """Tells every warning of a wait that is due; how many there were."""
    return in_batches(store, now, warnings.to_look_at, _look_at)


def in_batches(
    store: Store,
    now: datetime,
    to_look_at: Callable[[Session, datetime, int], Sequence[int]],
    look_at: Callable[[Session, Sequence[int], datetime], tuple[int, int]],
) -> int:
    """Looks at all whose time has come, some in a transaction; how many warnings that told.

    `look_at` takes ids, and returns how many of them it held and how many warnings it told. Two
    processes may look at once.
    """
    told = 0
    while True:
        with store.read() as session:
            ids = to_look_at(session, now, BATCH)
        if not ids:
            return told
        with store.write() as session:
            held, fresh = look_at(session, ids, now)
        told += fresh
        if held < len(ids):  # another process holds the others
            return told


def tell_all(
    session: Session, watched: Sequence[Watched], now: datetime
) -> tuple[int, list[datetime | None]]:
    """Tells what is due of each; how many warnings that were, and when to look at each again."""
    ids = {one.of.conversation_id for one in watched}
    everybody = _everybody(session, [one.id for one in duty.on_duty(session, now, "lead")])
    hushed, seers = persons.quiet(session, ids), scope.seers(session, ids)
    again: list[datetime | None] = []
    warned: list[int] = []
    for one in watched:
        about, told = one.of.conversation_id, dict(one.told)
        quiet = about in hushed  # the step is past, nobody hears of it later either
        team = Team(None, (), ()) if quiet else everybody.of(one.assignee, seers.get(about))
        for step in due(one.plan, told, now):
            if _tell(session, one.of, step, team, now, quiet=quiet) and not quiet:
                warned.append(about)
            told[step.target] = step.part
        again.append(next_at(one.plan, told, now))
    if warned:
        events.announce_all(session, "conversation", now, sorted(set(warned)))
        events.announce(session, "notice", now)
    return len(warned), again


def all_leads(session: Session, conversation_id: int) -> Sequence[int]:
    """All leads and admins who see a conversation; where teams serve it, their own leads, too."""
    seers = scope.seers(session, [conversation_id])
    return _everybody(session, ()).of(None, seers.get(conversation_id)).wide


def _look_at(session: Session, ids: Sequence[int], now: datetime) -> tuple[int, int]:
    turns = warnings.held(session, now, ids)
    promises = stored_promises.promises(session)
    plans = [_plan(turn.opened_at, *_promised(promises, turn)) for turn in turns]
    watched = [
        Watched(turn, turn.assignee, plan, turn.told)
        for turn, plan in zip(turns, plans, strict=True)
    ]
    told, again = tell_all(session, watched, now)
    by_instant: dict[datetime | None, list[int]] = defaultdict(list)
    for turn, at in zip(turns, again, strict=True):
        by_instant[at].append(turn.conversation_id)
    for at, some in by_instant.items():
        warnings.look_again(session, some, at)
    if len(turns) < len(ids):
        warnings.forget_ended(session, ids)
    return len(turns), told


@dataclass(frozen=True, slots=True)
class _Everybody:
    """Who can be told: the leads on duty, all leads, all leads and admins, the admins."""

    on_duty: Sequence[int]
    leads: Sequence[int]
    wide: Sequence[int]
    admins: Collection[int]

    def of(self, assignee: int | None, seers: Seers | None) -> Team:
        """Who is told of one conversation; where teams serve it, those who see it. There the teams'
        own leads lead while no lead of theirs is on duty."""
        if seers is None:
            return Team(assignee, self.on_duty or self.leads, self.wide)
        here = seers.people.union(self.admins)
        leading = [one for one in self.on_duty if one in here] or list(seers.leads)
        leading = leading or [one for one in self.leads if one in here]
        wide = [*(one for one in self.wide if one in here), *seers.leads]
        return Team(assignee if assignee in here else None, leading, list(dict.fromkeys(wide)))


def _everybody(session: Session, on_duty: Sequence[int]) -> _Everybody:
    people = warnings.team(session)
    return _Everybody(
        on_duty,
        [one.id for one in people if one.role == "lead"],
        [one.id for one in people],
        {one.id for one in people if one.role == "admin"},
    )


def _tell(
    session: Session,
    about: Open | CaseClockRow,
    step: Step,
    team: Team,
    now: datetime,
    *,
    quiet: bool,
) -> bool:
    """Claims the warning and writes to whom it goes; False when it was told before. `quiet`: it
    goes to no program either."""
    warning_id = warnings.claim(session, about, step, now)
    if warning_id is None:
        return False
    people = to_tell(step, team)
    what = {"conversation_id": about.conversation_id, "warning_id": warning_id}
    notices.add(session, people, step.part, now, kind="warning", **what)
    audit.record(
        session,
        "system",
        "breach" if step.part == BREACH else "warn",
        f"conversation:{about.conversation_id}",
        now,
        target=step.target,
        part=step.part,
        due_at=step.due_at.isoformat(),
        policy=step.policy.id,
        told=sorted(people),
    )
    if not quiet:
        hooks.warned(session, about.conversation_id, step, now)
    return True


def _promised(promises: Promises, turn: Open) -> tuple[Promise, Sequence[Promise]]:
    about = (turn.matter, turn.opened_at, turn.is_first, None)
    return promises.public(*about), promises.internal(*about)


def _plan(opened_at: datetime, public: Promise, internal: Sequence[Promise]) -> tuple[Step, ...]:
    """The steps of the public target, and of the earliest internal one."""
    plan = steps(PUBLIC, opened_at, public)
    return plan + (steps(INTERNAL, opened_at, internal[0]) if internal else ())
