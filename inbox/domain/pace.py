"""How often an account is asked for news, and what that costs. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.core.contract import Budget, Price, Visibility

QUIET_AFTER = timedelta(hours=2)
ASLEEP_AFTER = timedelta(hours=24)
BUSY_WITHIN = timedelta(minutes=10)
QUIET, ASLEEP = 2.0, 4.0  # times the usual interval
LONGEST_S = 900.0
SHARE = 0.8  # of a quota is ours to use: people and other apps use the same account
SCARCE = 0.2  # below this share of a quota the interval doubles
LONGEST_REST = timedelta(days=1)
"""Whatever a platform says: some count by the month, but a wrong word must not silence an account
for long, and asking once a day for what is used up costs nothing."""
PASSED_REST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """The interval in seconds and what decided it: busy, usual, quiet, asleep, quota."""

    interval_s: float
    because: str


def pace(
    usual_s: float,
    busy_s: float,
    last_arrival: datetime | None,
    budgets: Sequence[Budget],
    calls: int,
    now: datetime,
) -> Pace:
    """How long to wait until the next poll.

    Accounts where nobody writes are asked less, those where somebody just wrote more; never so
    often that the `calls` of a poll use up a quota before it resets.
    """
    found = _by_arrivals(usual_s, busy_s or usual_s, last_arrival, now)
    least = max((_least_s(b, max(calls, 1), now) for b in budgets), default=0.0)
    if any(b.limit > 0 and b.remaining < SCARCE * b.limit for b in budgets):
        least = max(least, 2 * usual_s)
    if least > found.interval_s:
        return Pace(min(least, max(LONGEST_S, usual_s)), "quota")
    return found


def _by_arrivals(usual_s: float, busy_s: float, last: datetime | None, now: datetime) -> Pace:
    silent = now - last if last is not None else ASLEEP_AFTER
    longest = max(LONGEST_S, usual_s)
    if silent >= ASLEEP_AFTER:
        return Pace(min(usual_s * ASLEEP, longest), "asleep")
    if silent >= QUIET_AFTER:
        return Pace(min(usual_s * QUIET, longest), "quiet")
    if silent <= BUSY_WITHIN and busy_s < usual_s:
        return Pace(busy_s, "busy")
    return Pace(usual_s, "usual")


def rest_until(told: datetime | None, now: datetime, unknown_s: float) -> datetime:
    """When to try again what a platform limits until the moment it `told` (`unknown_s` from now
    where it told none). One that has passed already, by another clock, waits a minute."""
    if told is None:
        return now + timedelta(seconds=unknown_s)
    return min(told, now + LONGEST_REST) if told > now else now + PASSED_REST


def _least_s(budget: Budget, calls: int, now: datetime) -> float:
    """Seconds between polls so that this quota lasts until it resets."""
    if budget.resets_at is None or budget.resets_at <= now:
        return 0.0
    polls = budget.remaining * SHARE / calls
    left_s = (budget.resets_at - now).total_seconds()
    return left_s / polls if polls >= 1 else left_s


def reading_cost(price: Price, items_per_day: Mapping[str, float]) -> float:
    """USD a day for reading so many items of each stream."""
    per_item = sum(price.per_item.get(s, 0.0) * n for s, n in items_per_day.items())
    return per_item + sum(price.per_day.values())


def answering_cost(price: Price, answers_per_day: Mapping[str, float]) -> float:
    """USD a day for so many answers, by visibility."""
    return sum(price.per_answer.get(Visibility(v), 0.0) * n for v, n in answers_per_day.items())
