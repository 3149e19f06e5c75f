"""A plan as programs are told it, and the stretches of time in which a roster is weakest."""

from datetime import UTC, datetime, timedelta
from typing import Any

from inbox.domain.planning_runs import Interval, Played, weakest
from inbox.flows.planning import Plan, Side, Wish, plan
from inbox.flows.planning_tests import Tried, tried
from inbox.flows.planning_waits import known
from inbox.store.session import Store


def told(store: Store, now: datetime, wish: Wish) -> dict[str, Any]:
    """Raises `Unclear` for a shift that there is not."""
    with store.read() as session:
        read = known(session, now)
    return as_document(plan(read, wish), tried(read, wish))


def as_document(found: Plan, test: Tried) -> dict[str, Any]:
    """Shares are parts of 1, times of waits in seconds."""
    return {
        "as_of": found.as_of,
        "zone": found.zone,
        "needs": found.needs,
        "history": {
            "from": found.history[0] if found.history else None,
            "to": found.history[-1] if found.history else None,
            "days": len(found.history),
        },
        "handling": {
            "seconds": found.handling_s,
            "seen": found.seen,
            "given": found.wish.handling_s is not None,
        },
        "shifts": [{"id": id_, "name": name} for id_, name in found.shifts],
        "without": found.wish.without,
        "more": [str(one) for one in found.wish.more],
        "seed": found.wish.seed,
        "runs": found.runs,
        "within_hours": found.wish.within_h,
        "waiting_now": found.waits_now,
        "days": [{"date": day, "messages": n} for day, n in found.came],
        "roster": _side(found.now) if found.now else None,
        "changed": _side(found.changed) if found.changed else None,
        "tested": _tried(test),
    }


def weak_spans(side: Side) -> list[tuple[datetime, datetime]]:
    """When most messages come that are answered too late, the worst first; in UTC."""
    last = side.hours[-1].starts_at + timedelta(hours=1)
    start = last - timedelta(hours=len(side.week.by_hour))
    return [
        (start + timedelta(hours=a), start + timedelta(hours=b))
        for a, b in weakest(side.week.by_hour)
    ]


def _side(side: Side) -> dict[str, Any]:
    return {
        "tomorrow": _played(side.tomorrow, side.quick[0]),
        "week": _played(side.week, side.quick[1]),
        "waiting_in_time": _interval(side.waiting),
        "weakest": [{"from": a, "to": b} for a, b in weak_spans(side)],
        "hours": [
            {
                "from": hour.starts_at.astimezone(UTC),
                "messages": hour.came,
                "people": hour.people,
                "can_answer": hour.can,
                "backlog": hour.left,
            }
            for hour in side.hours
        ],
    }


def _played(one: Played, quick: float | None) -> dict[str, Any]:
    return {
        "messages": one.waits,
        "in_time": _interval(one.share),
        "quick_within": quick,
        "within": [{"hours": h} | _sure(found) for h, found in one.within.items()],
        "policies": [
            {"id": policy, "messages": n} | _sure(found)
            for policy, (found, n) in sorted(one.by_policy.items())
        ],
        "wait_median_s": _finite(one.median_s),
        "wait_p90_s": _finite(one.p90_s),
    }


def _tried(test: Tried) -> dict[str, Any]:
    return {
        "load_error": test.load_error,
        "share_error": test.share_error,
        "weeks": [
            {
                "from": week.first,
                "messages_forecast": week.forecast,
                "messages": week.came,
                "days_missed_by": week.missed,
                "in_time_forecast": _interval(week.share),
                "in_time": week.was,
            }
            for week in test.weeks
        ],
    }


def _interval(found: Interval | None) -> dict[str, float] | None:
    return _sure(found) if found else None


def _sure(found: Interval) -> dict[str, float]:
    return {"low": found.low, "middle": found.middle, "high": found.high}


def _finite(seconds: float | None) -> float | None:
    """None where more than this part is never answered."""
    return seconds if seconds is not None and seconds < float("inf") else None
