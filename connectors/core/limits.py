"""Quotas as platforms tell them in the headers of their answers."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connectors.core.contract import Budget

Headers = Mapping[str, str]
ReadBudgets = Callable[[str, Headers, datetime], Sequence[Budget]]
"""(path asked, headers with lower-case names, now) → the quotas told."""

EPOCH_FROM = 1_000_000_000  # larger numbers are unix seconds, smaller ones seconds from now


LONGEST = timedelta(days=31)  # LINE counts by the month; all others by the day or faster


def no_budgets(path: str, headers: Headers, now: datetime) -> Sequence[Budget]:
    """For platforms that tell nothing."""
    return ()


def prefixed(prefix: str, name: str) -> ReadBudgets:
    """Reads `<prefix>-limit`, `<prefix>-remaining` and `<prefix>-reset` (an ISO time, unix seconds,
    or seconds from now: platforms differ, and their forks too)."""

    def read(path: str, headers: Headers, now: datetime) -> Sequence[Budget]:
        remaining = number(headers.get(f"{prefix}-remaining"))
        if remaining is None:
            return ()
        limit = number(headers.get(f"{prefix}-limit"))
        used = number(headers.get(f"{prefix}-used")) or 0
        whole = limit if limit is not None else remaining + used
        return (Budget(name, whole, remaining, instant(headers.get(f"{prefix}-reset"), now)),)

    return read


def number(text: str | None) -> float | None:
    """A header's number; None when there is none that one can count with."""
    try:
        found = float(text) if text else None
    except ValueError:
        return None
    return found if found is not None and math.isfinite(found) else None


def instant(text: str | None, now: datetime) -> datetime | None:
    """When a quota resets: ISO time, unix seconds, or seconds from `now`; None when unreadable or
    farther away than any platform's quota lasts."""
    at = _instant(text, now) if text else None
    return at if at is not None and abs(at - now) <= LONGEST else None


def _instant(text: str, now: datetime) -> datetime | None:
    seconds = number(text)
    try:
        if seconds is None:
            at = datetime.fromisoformat(text)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        if seconds >= EPOCH_FROM:
            return datetime.fromtimestamp(seconds, UTC)
        return now + timedelta(seconds=seconds)
    except (ValueError, OverflowError, OSError):
        return None
