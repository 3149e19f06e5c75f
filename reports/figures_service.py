"""How program and platforms served the team: tags and their corrections, masked secrets, accounts
that did not deliver, and the figures of each team. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from reports.figures import MessageRow, Period, Totals, TurnRow, totals

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


def by_team(
    turns: Sequence[TurnRow],
    messages: Sequence[MessageRow],
    period: Period,
    served: Mapping[str, Sequence[str]],
) -> dict[str, Totals]:
    """The figures of the accounts that each team serves today; `served` has the teams of an
    account (channel and handle). What several serve counts in each, what none serves stands under
    "everyone", so they need not add up to the totals. Without teams there are none."""
    names = sorted({name for some in served.values() for name in some})
    nothing = totals((), (), period)
    found = {
        name: totals(
            [row for row in turns if name in teams_of(row, served)],
            [row for row in messages if name in teams_of(row, served)],
            period,
        )
        for name in (*names, *((EVERYONE,) if names else ()))
    }
    return {name: figures for name, figures in found.items() if figures != nothing}


def teams_of(row: TurnRow | MessageRow, served: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """The teams that serve its account."""
    return served.get(f"{row.channel} {row.account}") or (EVERYONE,)
