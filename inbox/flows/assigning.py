"""Gives open conversations to people at work by the rules of `domain.assignment`, and takes back
what they hold when their shift has ended.

What is due is a query: a look at all that nobody has. Each step is a compare-and-set on whose the
conversation is, so a person who claims it meanwhile keeps it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from classifier.labels import Category
from connectors.core.contract import word
from inbox.domain import assignment, roster
from inbox.domain.assignment import Given, Held, Waiting, Worker
from inbox.domain.presence import ONLINE
from inbox.domain.teams import hidden
from inbox.domain.written import Unclear, language_of
from inbox.flows import steps
from inbox.flows.presence import here
from inbox.store import assigning as stored
from inbox.store import audit, events, scope, teams
from inbox.store import roster as stored_roster
from inbox.store.session import Store, lock_assignment
from inbox.store.tables import User

MOST: Final = 1_000
"""Conversations of the queue that one look considers; the oldest due."""
BATCH: Final = 50
"""Conversations that change hands in one transaction."""
MOST_CAPACITY: Final = 200
MOST_LANGUAGES: Final = 30
SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class AtWork:
    """A person who may be given work. `presence`: online, away, offline."""

    id: int
    email: str
    name: str
    on_duty: bool
    presence: str
    open: int
    capacity: int
    languages: tuple[str, ...]
    skills: tuple[str, ...]
    hidden: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()

    @property
    def worker(self) -> Worker:
        is_there = self.on_duty and self.presence == ONLINE
        known = frozenset(self.languages), frozenset(self.skills), self.hidden, self.teams
        return Worker(self.id, is_there, self.open, self.capacity, *known)


def staff(session: Session, now: datetime) -> list[AtWork]:
    """Everybody who may answer, by name: who is there, what they take, what they have."""
    return _staff(session, roster.on_duty(stored_roster.load(session, now), now), now)


def _staff(session: Session, on_duty: Collection[str], now: datetime) -> list[AtWork]:
    rows = stored_roster.staff(session)
    ids = [row.id for row in rows]
    there, counts = here(session, ids, now), stored.open_counts(session, ids)
    known = teams.everyone(session)
    return [
        AtWork(
            row.id,
            row.email,
            row.name,
            row.email in on_duty,
            there[row.id],
            counts.get(row.id, 0),
            row.capacity,
            tuple(row.languages),
            tuple(row.skills),
            hidden(known, row.id, is_admin=row.role == "admin"),
            frozenset(team.id for team in known if row.id in team.members),
        )
        for row in rows
    ]


def look(store: Store, now: datetime) -> int:
    """Takes back and gives what is due; how many conversations changed hands. Nothing while the
    brand assigns by hand. In small transactions, so that nobody waits long for the writer."""
    total = 0
    while True:
        with store.read() as session:
            if not stored.is_on(session) or not any(_plan(session, now)):
                return total
        with store.write() as session:
            lock_assignment(session)
            back, given = _plan(session, now)
            done = [_take_back(session, one, now) for one in back[:BATCH]]
            if not back:  # what goes back may be due earlier: all of it first
                done = [_give(session, one, now) for one in given[:BATCH]]
        total += sum(done)
        if not any(done):
            return total


def switch(store: Store, on: bool, *, actor: str, now: datetime) -> None:
    """Assigns by rule from now on, or by hand alone again."""
    with store.write() as session:
        stored.switch(session, on)
        audit.record(session, actor, "assignment", "brand:1", now, on=on)
        events.announce(session, "presence", now)


def set_work(
    store: Store,
    *,
    user_id: int,
    languages: Sequence[str],
    skills: Sequence[str],
    capacity: int,
    actor: str,
    now: datetime,
) -> None:
    """What a person takes: languages and categories (none: any), and how many open conversations
    at once (0: none by rule). Raises `Unclear`, NoResultFound."""
    spoken = list(dict.fromkeys(language_of(one) for one in languages if one.strip()))
    if len(spoken) > MOST_LANGUAGES:
        raise Unclear(word("At most {n} languages."), n=MOST_LANGUAGES)
    unknown = next((one for one in skills if one not in set(Category)), None)
    if unknown is not None:
        raise Unclear(word("“{text}” is no category."), text=unknown[:20])
    if not 0 <= capacity <= MOST_CAPACITY:
        raise Unclear(word("Choose a number from 0 to {n}."), n=MOST_CAPACITY)
    known = [str(one) for one in Category if one in skills]
    with store.write() as session:
        session.get_one(User, user_id)
        stored.set_work(session, user_id, spoken, known, capacity)
        detail = {"languages": spoken, "skills": known, "capacity": capacity}
        audit.record(session, actor, "work", f"user:{user_id}", now, **detail)


def queue(session: Session, people: Sequence[AtWork], most: int) -> list[tuple[Waiting, str]]:
    """What waits, oldest due first, up to `most`; each with how it stands: `soon` (somebody who
    fits has room), `full`, `nobody` (who could take it is at work), `team` (nobody of its team)."""
    there = [one.worker for one in people if one.worker.is_there]
    return [(one, _stands(one, there)) for one in stored.waiting(session, most)]


def _stands(one: Waiting, there: Sequence[Worker]) -> str:
    if any(worker.open < worker.capacity for worker in assignment.fitting(one, there)):
        return "soon"
    if one.team is not None and there and not any(one.team in w.teams for w in there):
        return "team"
    return "full" if there else "nobody"


def may_have(store: Store, user_id: int, conversation_id: int) -> bool:
    """Whether somebody may be given a conversation: who answers here, and sees it."""
    with store.read() as session:
        is_staff = stored_roster.one_of_staff(session, id=user_id) is not None
        return is_staff and bool(scope.among(session, conversation_id, [user_id]))


def _plan(session: Session, now: datetime) -> tuple[list[tuple[Held, int]], list[Given]]:
    """What goes back, each with who has it, and what is given."""
    plan = stored_roster.load(session, now)
    on_duty = roster.on_duty(plan, now)
    people = _staff(session, on_duty, now)
    online = {one.email for one in people if one.presence == ONLINE}
    rows = stored.held(session, now, on_duty)
    held = {
        row.id: (
            Held(row.id, row.email, row.assigned_at, row.busy, row.email in online),
            row.assignee_id,
        )
        for row in rows
    }
    back = assignment.to_take_back((one for one, _ in held.values()), plan, now)
    workers = [one.worker for one in people]
    free = [one for one in workers if one.is_there and one.open < one.capacity]
    at_work = {team for one in free for team in one.teams}  # what waits for others keeps nobody off
    queue = stored.waiting(session, MOST, at_work) if free else []
    return [held[one.conversation] for one in back], assignment.give(queue, workers)


def _take_back(session: Session, one: tuple[Held, int], now: datetime) -> bool:
    held, holder = one
    return steps.hand_over(
        session, held.conversation, None, holder, SYSTEM, now, rule={"because": "shift_ended"}
    )


def _give(session: Session, one: Given, now: datetime) -> bool:
    rule: dict[str, Any] = {
        "because": "assigned",
        "language": one.language,
        "category": one.category,
        "open": one.open,
        "capacity": one.capacity,
    }
    return steps.hand_over(session, one.conversation, one.worker, None, SYSTEM, now, rule=rule)
