"""Who gets which conversation: whoever waits longest first, to whoever fits and has the fewest.

A decision is made from plain facts, so the same facts give the same one. Somebody fits who speaks
the customer's language and takes the category; who named no language, or no category, takes any.
Where nobody at work speaks the language, the others take it: an answer through a translation beats
none. The same for the category, among those who speak the language. But where who fits is only
full, the conversation waits for them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from inbox.domain.roster import Roster, duties, on_duty

OVERTIME: Final = timedelta(minutes=30)
"""So long after a shift who is still at the desk keeps what they hold, to finish it."""
LOOKS_BACK: Final = timedelta(days=7)
"""A shift that ended before then takes nothing back any more."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A person. `is_there`: on duty, and online. `open` counts the open conversations that they
    hold, of which they take up to `capacity`. They see nothing of the `hidden` accounts, and are in
    the `teams`."""

    id: int
    is_there: bool
    open: int = 0
    capacity: int = 10
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    hidden: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()

    def speaks(self, language: str | None) -> bool:
        return language is None or not self.languages or language in self.languages

    def takes(self, category: str | None) -> bool:
        return category is None or not self.skills or category in self.skills


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open conversation that nobody has; one left to a `team` is for its people alone."""

    id: int
    due_at: datetime
    language: str | None = None
    category: str | None = None
    account: int = 0
    team: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """Who gets a conversation, and why. `language` and `category` are what the choice was made by,
    None where nobody at work names them; `open` counts this conversation too."""

    conversation: int
    worker: int
    language: str | None
    category: str | None
    open: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Held:
    """An open conversation that somebody has and a customer waits in. `is_busy`: they are writing
    there, or answered just now; `is_online`: a hand is on one of their pages."""

    conversation: int
    person: str
    since: datetime
    is_busy: bool = False
    is_online: bool = False


def give(waiting: Iterable[Waiting], workers: Iterable[Worker]) -> list[Given]:
    """Who gets what, in the order of giving. Nobody gets more than their capacity."""
    there = {worker.id: worker for worker in workers if worker.is_there}
    found: list[Given] = []
    for one in sorted(waiting, key=lambda w: (w.due_at, w.id)):
        fits = fitting(one, list(there.values()))
        free = [worker for worker in fits if worker.open < worker.capacity]
        if not free:
            continue
        chosen = min(free, key=lambda worker: (worker.open, worker.id))
        there[chosen.id] = replace(chosen, open=chosen.open + 1)
        found.append(
            Given(
                one.id,
                chosen.id,
                one.language if one.language in chosen.languages else None,
                one.category if one.category in chosen.skills else None,
                chosen.open + 1,
                chosen.capacity,
            )
        )
    return found


def fitting(one: Waiting, there: Sequence[Worker]) -> list[Worker]:
    """Those at work who may take it, full or not; who takes none at all is nobody to wait for."""
    ours = [worker for worker in there if one.team is None or one.team in worker.teams]
    seers = [worker for worker in ours if one.account not in worker.hidden]
    takers = [worker for worker in seers if worker.capacity > 0]
    speak = [worker for worker in takers if worker.speaks(one.language)] or takers
    return [worker for worker in speak if worker.takes(one.category)] or speak


def to_take_back(held: Iterable[Held], roster: Roster, now: datetime) -> list[Held]:
    """What goes back because its person's shift has ended since they got it.

    Whoever took a conversation outside a shift of theirs keeps it, and so does who is busy in it.
    """
    here = on_duty(roster, now)
    found = []
    for one in held:
        if one.person in here or one.is_busy:
            continue
        ended_at = _shift_ended(roster, one, now)
        if ended_at is not None and not (one.is_online and now - ended_at < OVERTIME):
            found.append(one)
    return found


def _shift_ended(roster: Roster, one: Held, now: datetime) -> datetime | None:
    """When the last shift of their person ended that ran since they got it."""
    since = max(one.since, now - LOOKS_BACK)
    if since >= now:
        return None
    ends = (duty.ends_at for duty in duties(roster, since, now) if duty.person == one.person)
    return max(ends, default=None)
