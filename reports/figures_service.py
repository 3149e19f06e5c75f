"""How program and platforms served the team: tags and their corrections, masked secrets, accounts
that did not deliver, and the figures of each team. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from reports.figures import Period

EVERYONE: Final = "everyone"


@dataclass(frozen=True, slots=True)
class Tagged:
    """What the classifier said of customers' messages sent in the period, and what agents made of
    it by as-of.

    messages: those that it tagged; `confidence` is the mean of what it thought of their categories,
    0 to 1; of `asked` it wanted a person's word. turns: those that such a message opened; agents
    changed category or urgency of `corrected` of them. masked: all messages of which a card number
    was masked before they were stored, tagged or not.
    """

    messages: int
    confidence: float | None
    asked: int
    turns: int
    corrected: int
    masked: int


@dataclass(frozen=True, slots=True)
class Silence:
    """A time in which an account did not deliver; `ended_at` None: it still does not."""

    account: str
    silent_since: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Health:
    """How long an account did not deliver in the period, and in how many stretches."""

    silent_s: float
    silences: int


def health(rows: Iterable[Silence], period: Period) -> dict[str, Health]:
    """By account (channel and handle); those that delivered all the time are left out.

    A silence counts from the last success before it, whenever it was noticed, up to as-of."""
    stretches: dict[str, list[tuple[datetime, datetime]]] = {}
    until = min(period.end, period.as_of)
    for row in rows:
        start, end = max(row.silent_since, period.start), min(row.ended_at or until, until)
        if start < end:
            stretches.setdefault(row.account, []).append((start, end))
    return {account: _silent(some) for account, some in sorted(stretches.items())}


def _silent(stretches: Sequence[tuple[datetime, datetime]]) -> Health:
    """What overlaps or touches is one stretch."""
    total, count, reached = timedelta(), 0, None
    for start, end in sorted(stretches):
        count += reached is None or start > reached
        total += max(end - (start if reached is None else max(start, reached)), timedelta())
        reached = end if reached is None else max(reached, end)
    return Health(total.total_seconds(), count)


def teams_of(account: str, served: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """The teams that serve an account (channel and handle); `served` has those of each."""
    return served.get(account) or (EVERYONE,)
