"""Sample plans; all invented."""

from datetime import UTC, date, datetime, timedelta

from inbox.domain.planning import Hour
from inbox.domain.planning_changes import made
from inbox.domain.planning_runs import Interval, Played
from inbox.flows.planning import Plan, Side, Wish
from inbox.flows.planning_tests import Tried, Week
from inbox.web.pages import Frame
from inbox.web.pages_planner import Form, PlannerPage
from inbox.web.planner_view import columns
from inbox.web.style_people import NOW, ZONE

TOMORROW = date(2026, 11, 20)
START = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
SHIFTS = (("day", "Day"), ("night", "Night"), ("weekend", "Weekend"))
CAME = (231.0, 126.0, 118.0, 284.0, 240.0, 226.0, 229.0)


def sample_planner(frame: Frame) -> PlannerPage:
    """Without the night shift and with two more on Monday."""
    wish = Wish(("night",), (made(2, [0], "09:00", "17:00"),))
    now = _side(1.0, (0.962, 0.984), (0.97, 1.0))
    changed = _side(0.72, (0.871, 0.934), (0.95, 0.99))
    plan = Plan(
        as_of=NOW,
        zone=ZONE,
        wish=wish,
        shifts=SHIFTS,
        history=tuple(TOMORROW - n * DAY for n in range(57, 1, -1)),
        needs=(),
        handling_s=342,
        seen=1840,
        came=tuple((TOMORROW + n * DAY, came) for n, came in enumerate(CAME)),
        waits_now=42,
        promised_h=24,
        policies=(("social", "Social media", "24h"), ("urgent", "Critical", "1h")),
        runs=48,
        now=now,
        changed=changed,
    )
    form = Form(frozenset({"night"}), "2", frozenset({0}), within=4)
    weeks = tuple(
        Week(TOMORROW - n * 7 * DAY, 1400 + 9 * n, 1431 - 40 * (n % 2), 120, share, 0.968)
        for n, share in enumerate((Interval(0.95, 0.966, 0.98), None), 1)
    )
    tried = Tried(weeks, 0.084, 0.012)
    return PlannerPage(frame, plan, columns((now, changed), ZONE), form, 0.95, tried=tried)


def sample_no_plan(frame: Frame) -> PlannerPage:
    """A new brand: nothing is known yet."""
    plan = Plan(
        as_of=NOW,
        zone=ZONE,
        wish=Wish(),
        shifts=(),
        history=(TOMORROW - DAY,),
        needs=("history", "handling", "shifts"),
        handling_s=None,
        seen=4,
        came=(),
        waits_now=2,
        promised_h=24,
    )
    trouble = "Tick the days on which the added people work."
    return PlannerPage(frame, plan, (), Form(), 0.95, trouble=trouble)


def _side(staffed: float, week: tuple[float, float], tomorrow: tuple[float, float]) -> Side:
    """By day 16 an hour come and 20 can be answered; at night fewer come and nobody is there."""
    hours, left = [], 12.0
    for n in range(7 * 24):
        day, hour = divmod(n, 24)
        came = CAME[day] / 24 * (1.6 if 8 <= hour < 20 else 0.4)
        people = (2.0 if day not in (1, 2) else 1.0) * staffed if 8 <= hour < 22 else 0.0
        left = max(0.0, left + came - people * 10)
        hours.append(Hour(START + timedelta(hours=n), came, people, people * 10, left))
    late = tuple(
        (hour.came, 2.0 if n % 24 >= 20 and n // 24 in (0, 1) else 0.0)
        for n, hour in enumerate(hours)
    )
    both = Interval(week[0], sum(week) / 2, week[1])
    of_day = Interval(tomorrow[0], sum(tomorrow) / 2, tomorrow[1])
    kept = {"social": (both, 1410.0), "urgent": (Interval(0.7, 0.76, 0.81), 44.0)}
    within = {4: Interval(0.6, 0.64, 0.7)}
    played = Played(both, 1454.0, kept, 5_400, 40_000, within, late)
    first = Played(of_day, 231.0, kept, 4_000, 30_000, within)
    return Side(tuple(hours), (0.98, week[1]), first, played, Interval(0.9, 0.95, 1.0))
