"""What is due when: what is overdue by now, and the tide of the next 24 hours.

What is counted up to the minute, or from it on, is kept until something changes or the minute ends
(`store.kept`); a page looks itself only through what falls due in it. Of a tide so large that one
answer more or less does not show, and of what is told no further than `COUNT_TO`, the counts are
those of its minute.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from inbox.domain.conversation import OPEN
from inbox.store import persons, scope
from inbox.store.kept import MOST, keeping, kept
from inbox.store.sql import ask
from inbox.store.tables import Conversation

COUNT_TO: Final = 1001
"""Counting stops here: "1000+" is all that anybody needs to know."""
LARGE: Final = 2_000
"""From so many due answers on the tide is counted once a minute, not after every change."""
A_MINUTE, AN_HOUR, A_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)


class Due(NamedTuple):
    """What falls due within an hour: when the first does, and how many, up to `COUNT_TO`."""

    first: datetime
    many: int


def in_a_queue() -> ColumnElement[bool]:
    """Not of a blocked person. The few who are blocked are looked up once, not per row."""
    return Conversation.contact_id.not_in(persons.having("blocked"))


def capped(*where: ColumnElement[bool], of: Any = None) -> ColumnElement[int]:
    """`of` is what the condition is about beside conversations, if anything."""
    one: Select[Any] = select(literal_column("1")).select_from(Conversation)
    some = one.where(*where).limit(COUNT_TO)
    some = some if of is None else some.correlate(of)
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


def overdue(session: Session, now: datetime) -> int:
    """How many open conversations are past due, up to `COUNT_TO`."""
    minute = minute_of(now)
    late = sum(at < now for at in _due_within(session, minute))
    return min(_overdue(session, minute) + late, COUNT_TO)


def beyond(many: int) -> bool:
    """A count that goes on where it is told no further: one answer more or less does not show."""
    return many >= COUNT_TO


@keeping(MOST, lasts=beyond)
def _overdue(session: Session, minute: datetime) -> int:
    many: int = ask(session, _late(scope.hidden(session)), {"now": minute}).scalar_one()
    return many


@lru_cache(maxsize=64)
def _late(hidden: frozenset[int]) -> Select[Any]:
    """Built once, as all here: to build a statement takes longer than to run it."""
    late = Conversation.due_at < bindparam("now", type_=Conversation.due_at.type)
    return select(capped(Conversation.status == OPEN, late, in_a_queue(), *scope.without(hidden)))


def by_hour(session: Session, hour: datetime, now: datetime) -> list[Due]:
    """The clock hours in the 24 hours from now in which anything is due. `hour` is when the one in
    which now lies began."""
    minute = minute_of(now)
    this = [Due(at, 1) for at in _due_within(session, minute) if at >= now]
    last = [Due(at, 1) for at in _due_within(session, minute + A_DAY) if at <= now + A_DAY]
    found: dict[int, Due] = {}
    for first, many in (*this, *_due_in_between(session, hour, minute + A_MINUTE), *last):
        n = (first - hour) // AN_HOUR
        before = found.get(n, Due(first, 0))
        found[n] = Due(before.first, min(before.many + many, COUNT_TO))
    return list(found.values())


def minute_of(now: datetime) -> datetime:
    """When it began."""
    return now.replace(second=0, microsecond=0)


@kept
def _due_within(session: Session, minute: datetime) -> list[datetime]:
    """What falls due in a minute, up to `COUNT_TO`, the first first."""
    here = {"since": minute, "until": minute + A_MINUTE}
    return list(ask(session, _times(scope.hidden(session)), here).scalars())


@lru_cache(maxsize=64)
def _times(hidden: frozenset[int]) -> Select[Any]:
    at = Conversation.due_at.type
    due = select(Conversation.due_at).where(
        *_due(bindparam("since", type_=at), bindparam("until", type_=at), hidden)
    )
    return due.order_by(Conversation.due_at).limit(COUNT_TO)


def _large(tide: list[Due]) -> bool:
    return sum(due.many for due in tide) >= LARGE


@keeping(64, lasts=_large)
def _due_in_between(session: Session, hour: datetime, since: datetime) -> list[Due]:
    """By the hour, what falls due in the 24 hours less a minute from then."""
    edges = [since, *(hour + n * AN_HOUR for n in range(1, 25)), since + A_DAY - A_MINUTE]
    asked = {f"edge_{n}": at for n, at in enumerate(edges)}
    found = ask(session, _by_hour(len(edges), scope.hidden(session)), asked)
    return sorted(Due(first, many) for first, many in found if many)


@lru_cache(maxsize=64)
def _by_hour(many: int, hidden: frozenset[int]) -> Select[Any]:
    """Between so many edges. Each hour is a short walk of the index that has all the columns asked
    for."""
    edges = [bindparam(f"edge_{n}", type_=Conversation.due_at.type) for n in range(many)]
    each = (select(a.label("since"), b.label("until")) for a, b in pairwise(edges))
    hours = union_all(*each).cte("hours")
    within = _due(hours.c.since, hours.c.until, hidden)
    first = select(Conversation.due_at).where(*within).order_by(Conversation.due_at).limit(1)
    columns: list[ColumnElement[Any]] = [
        first.correlate(hours).scalar_subquery().label("first"),
        capped(*within, of=hours).label("many"),
    ]
    return select(*columns).select_from(hours)


def _due(since: Any, until: Any, hidden: frozenset[int]) -> tuple[ColumnElement[bool], ...]:
    at = Conversation.due_at
    return (
        Conversation.status == OPEN,
        at >= since,
        at < until,
        in_a_queue(),
        *scope.without(hidden),
    )
