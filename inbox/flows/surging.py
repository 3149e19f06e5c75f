"""Finds surges: many people who wait for an answer and write about the same thing.

A look in the background, over a bounded number of the newest waits. What it finds is offered on a
page; nothing is ever answered by it. New waits are first compared with the surges of the last
hours, closed ones too, so that what a lead has put aside does not come back with five more people.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.orm import Session

from classifier.alike import centre, fits, groups, most_typical, unaddressed
from classifier.features import embeddings
from classifier.text import fold, has_words
from inbox.domain import surges as rules
from inbox.store import events, notices, scope, surges, warnings
from inbox.store.session import Store, lock_surges
from inbox.store.sql import AnyRow
from inbox.store.tables import Surge

if TYPE_CHECKING:
    from classifier.features import Floats

MOST: Final = 2_000
"""Waits that one look considers: the newest."""
SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True, eq=False)
class Wait:
    """A wait that may belong to a surge, with the embedding of what was said in it."""

    row: AnyRow
    topic: str
    vector: "Floats"

    @property
    def id(self) -> int:
        number: int = self.row.id
        return number

    def member(self, now: datetime) -> dict[str, Any]:
        return {
            "conversation_id": self.row.id,
            "opener": self.row.opener,
            "person": self.row.person,
            "at": self.row.at,
            "joined_at": now,
        }


@dataclass
class Watch:
    """Looks for surges on one store, one look at a time. It keeps the sentence embeddings of what
    waits, for they are what takes time (3 ms a text)."""

    store: Store
    embed: Callable[[Sequence[str]], "Floats"] = embeddings
    _kept: "dict[tuple[int, int], Floats | None]" = field(default_factory=dict)

    def look(self, now: datetime) -> int:
        """How many waits joined a surge, new or known. The reckoning is done between two short
        transactions; who is no longer waiting in the second is left out."""
        with self.store.read() as session:
            rows = _candidates(session, now)
            known = surges.fresh(session, now - rules.WINDOW)
            alive = bool(surges.alive(session, now - rules.WINDOW))
        if not alive and len({row.person for row in rows}) < rules.LEAST:
            return 0
        waits = self._heard(rows)
        joining = _fitting(waits, known)
        taken = {wait.id for some in joining.values() for wait in some}
        found = _grouped([wait for wait in waits if wait.id not in taken])
        if not alive and not found:
            return 0  # nobody joins, and there is nothing to count
        with self.store.write() as session:
            lock_surges(session)
            still = {row.id for row in _candidates(session, now)}
            joined = _join(session, joining, still, now)
            joined += sum(_add(session, some, still, now) for some in found)
            if joined:
                scope.forget_surges(session)
            if _count(session, now) or joined:
                events.announce(session, "conversation", now)
        return joined

    def _heard(self, rows: Sequence[AnyRow]) -> list[Wait]:
        """The waits in which something was said."""
        fresh = [row for row in rows if (row.id, row.last_message_id) not in self._kept]
        with self.store.read() as session:
            said = surges.words(session, [row.id for row in fresh])
        texts = {row.id: fold(unaddressed(said.get(row.id, ""))) for row in fresh}
        speaking = [row.id for row in fresh if has_words(texts[row.id])]
        embedded = self.embed([texts[i] for i in speaking])
        # Copies: a row of the whole would keep all of it.
        vectors = {i: row.copy() for i, row in zip(speaking, embedded, strict=True)}
        heard = self._kept | {(row.id, row.last_message_id): vectors.get(row.id) for row in fresh}
        self._kept = {
            (row.id, row.last_message_id): heard[row.id, row.last_message_id] for row in rows
        }
        return [
            Wait(row, rules.topic_of(row.category, row.topic), vector)
            for row, vector in zip(rows, self._kept.values(), strict=True)
            if vector is not None
        ]


def _candidates(session: Session, now: datetime) -> list[AnyRow]:
    """What waits, is in no surge, and could be in one."""
    rows = surges.waiting(session, now - rules.WINDOW, MOST)
    return [row for row in rows if rules.counts(row.category, row.topic)]


def _fitting(waits: Sequence[Wait], known: Sequence[Surge]) -> dict[int, list[Wait]]:
    """The waits that fit each surge."""
    if not waits or not known:
        return {}
    vectors, topics = _stacked(waits), [wait.topic for wait in waits]
    return {
        surge.id: list(compress(waits, fits(vectors, topics, surge.centre, surge.topic)))
        for surge in known
    }


def _grouped(waits: Sequence[Wait]) -> list[list[Wait]]:
    """Waits of enough people who say the same."""
    if len(waits) < rules.LEAST:
        return []
    found = groups(_stacked(waits), [wait.topic for wait in waits], rules.LEAST)
    some = [[waits[number] for number in group] for group in found]
    return [one for one in some if _people(one) >= rules.LEAST]


def _join(session: Session, joining: dict[int, list[Wait]], still: set[int], now: datetime) -> int:
    """Each wait joins the first surge that it fits; how many did."""
    left = set(still)
    for surge_id, some in joining.items():
        members = [wait for wait in some if wait.id in left]
        left -= {wait.id for wait in members}
        surges.join(session, surge_id, [wait.member(now) for wait in members])
    return len(still) - len(left)


def _add(session: Session, waits: Sequence[Wait], still: set[int], now: datetime) -> int:
    """A new surge of those who wait still, if they are enough; how many they are."""
    members = [wait for wait in waits if wait.id in still]
    if _people(members) < rules.LEAST:
        return 0
    vectors, topics = _stacked(members), [wait.topic for wait in members]
    about = max(topics, key=lambda one: (topics.count(one), _of_category(topics, one), one))
    times = [wait.row.at for wait in members]
    surges.add(
        session,
        {
            "found_at": now,
            "since": min(times),
            "last_at": max(times),
            "people": _people(members),
            "growing": False,
            "sample": members[most_typical(vectors)].row.opener,
            "topic": about,
            "centre": centre(vectors),
            "texts": {},
        },
        [wait.member(now) for wait in members],
    )
    return len(members)


def _of_category(topics: Sequence[str], topic: str) -> int:
    """How many of the topics are of the category of this one."""
    category = topic.partition(".")[0]
    return sum(one.partition(".")[0] == category for one in topics)


def _count(session: Session, now: datetime) -> bool:
    """Counts the people of each surge anew, and closes what is over; whether any changed."""
    changed = False
    alive = surges.alive(session, now - rules.WINDOW)
    ids = [surge.id for surge in alive]
    times, waiting = surges.came(session, ids), surges.count_offered(session, ids)
    for surge in alive:
        came = times[surge.id]
        last_at = max(came.values(), default=surge.last_at)
        told: dict[str, Any] = {
            "people": len(came),
            "last_at": last_at,
            "growing": rules.is_growing(came, now),
        }
        if surge.closed_at is None and rules.is_over(last_at, waiting[surge.id], now):
            told |= {"closed_at": now, "closed_by": SYSTEM}
        if rules.is_worth_a_word(len(came), told["growing"]) and _tell(session, surge, told, now):
            told["told_at"] = now
        if any(getattr(surge, name) != value for name, value in told.items()):
            surges.change(session, surge.id, **told)
            changed = True
    return changed


def _tell(session: Session, surge: Surge, told: dict[str, Any], now: datetime) -> bool:
    """Tells the leads who see all of a surge, once; whether that was now."""
    if surge.told_at is not None or surge.closed_at is not None or "closed_at" in told:
        return False
    leads = [
        one.id
        for one in warnings.team(session)
        if not scope.hides(session, "surge", surge.id, scope.hidden_from(session, one.id, one.role))
    ]
    about = {"surge_id": surge.id, "times": told["people"], "not_before": now + notices.MAIL_AFTER}
    category = surge.topic.partition(".")[0]
    people = dict.fromkeys(leads, category)
    notices.add(session, people, notices.LOUD["surge"], now, kind="surge", **about)
    events.announce(session, "notice", now)
    return True


def _people(waits: Sequence[Wait]) -> int:
    return len({wait.row.person for wait in waits})


def _stacked(waits: Sequence[Wait]) -> "Floats":
    import numpy as np

    return np.stack([wait.vector for wait in waits])
