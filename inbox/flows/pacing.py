"""When an account is asked next, within the platform's quota and the team's money."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.orm import Session

from connectors.core.contract import Budget
from connectors.core.registry import capabilities
from inbox.domain import pace
from inbox.store import reads
from inbox.store.tables import Account

DAYS = 7  # the estimate is an average over so many days


def next_poll_at(
    session: Session, account: Account, budgets: Sequence[Budget], calls: int, now: datetime
) -> datetime:
    """The time of the next poll, from how much arrives and what the quotas leave.

    To be connected counts as an arrival: whoever does it writes to the account and wants to see it.
    """
    offered = capabilities(account.channel)
    last = max(reads.last_arrival(session, account.id) or account.created_at, account.created_at)
    found = pace.pace(offered.poll_interval_s, offered.busy_interval_s, last, budgets, calls, now)
    return now + timedelta(seconds=found.interval_s)


def rests_for_money(
    session: Session, account: Account, stream: str, now: datetime
) -> datetime | None:
    """The next UTC day, when what the account may cost a day (`daily_usd`) is spent on reading."""
    price = capabilities(account.channel).price
    most = daily_usd(account)
    if price is None or most is None or not price.per_item.get(stream):
        return None
    spent = pace.reading_cost(price, reads.on_day(session, account.id, now))
    return tomorrow(now) if spent >= most else None


def daily_usd(account: Account) -> float | None:
    """What reading may cost a day; None for no limit."""
    try:
        return float(account.settings.get("daily_usd") or 0) or None
    except (TypeError, ValueError):
        return None


def estimate(session: Session, account: Account, now: datetime) -> float | None:
    """USD a day, from what was read and answered in the last days; None where nothing costs."""
    price = capabilities(account.channel).price
    if price is None:
        return None
    read = reads.per_day(session, account.id, now, DAYS)
    answered = reads.answers_per_day(session, account.id, now, DAYS)
    return pace.reading_cost(price, read) + pace.answering_cost(price, answered)


def tomorrow(now: datetime) -> datetime:
    """The next midnight in UTC."""
    day = now.astimezone(UTC).date() + timedelta(days=1)
    return datetime.combine(day, time.min, UTC)
