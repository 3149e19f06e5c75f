"""The planner's page: its form read, its charts drawn."""

import math
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from connectors.core.contract import word
from inbox.domain.calendars import local_date
from inbox.domain.planning import LEAST_DAYS, Hour
from inbox.domain.planning_changes import made
from inbox.domain.written import Unclear
from inbox.flows.planning import (
    DAYS,
    LEAST_HANDLING_S,
    MOST_HANDLING_S,
    MOST_WITHIN_H,
    Side,
    Wish,
    plan,
)
from inbox.flows.planning_tests import tried
from inbox.flows.planning_told import weak_spans
from inbox.flows.planning_waits import known
from inbox.store import accounts
from inbox.store.session import Store
from inbox.web.pages import Frame
from inbox.web.pages_planner import Chart, Column, Form, PlannerPage, TriedPart

WEEKDAYS = tuple("0123456")
TRIED: Final = "tried"
"""In the address: with the weeks that are over."""


def planner_page(store: Store, frame: Frame, given: QueryParams) -> PlannerPage:
    """Where the form is not clear, today's roster alone, with what was wrong."""
    form, trouble = form_of(given), ""
    with store.read() as session:
        read = known(session, frame.now)
        brand = accounts.brand(session)
    try:
        wish = wish_of(form)
        found = plan(read, wish)
    except Unclear as e:
        trouble, wish = str(e), Wish()
        found = plan(read, wish)
    can_try = len(found.history) >= LEAST_DAYS + DAYS
    return PlannerPage(
        frame=frame,
        plan=found,
        columns=columns([one for one in (found.now, found.changed) if one], found.zone),
        form=form,
        target_share=brand.target_share if brand else 1.0,
        trouble=trouble,
        tried=tried(read, wish) if can_try and TRIED in given else None,
        tried_path=f"/planner?{urlencode([*given.multi_items(), (TRIED, 1)])}" if can_try else "",
    )


def tried_part(store: Store, frame: Frame, given: QueryParams) -> TriedPart:
    """Of the planner on weeks that are over."""
    with store.read() as session:
        read = known(session, frame.now)
    try:
        wish = wish_of(form_of(given))
    except Unclear:
        wish = Wish()
    return TriedPart(frame, tried(read, wish))


def form_of(given: QueryParams) -> Form:
    """As it was sent; what is no number is left as it stands, and refused later."""
    within = given.get("within", "")
    return Form(
        without=frozenset(given.getlist("without")),
        people=given.get("people", "").strip(),
        days=frozenset(int(day) for day in given.getlist("day") if day in WEEKDAYS),
        starts=given.get("from", "09:00")[:5],
        ends=given.get("to", "17:00")[:5],
        minutes=given.get("minutes", "").strip(),
        within=int(within) if within in {str(n) for n in range(1, MOST_WITHIN_H + 1)} else 24,
    )


def wish_of(form: Form) -> Wish:
    """Raises `Unclear`."""
    people = int(form.people) if form.people.isdecimal() and len(form.people) < 5 else None
    if people is None and form.people:
        raise Unclear(word("Add 1 to {n} people."), n=50)
    more = (made(people, form.days, form.starts, form.ends),) if people else ()
    return Wish(tuple(sorted(form.without)), more, _handling_s(form.minutes), form.within)


def _handling_s(minutes: str) -> float | None:
    if not minutes:
        return None
    try:
        found = float(minutes) * 60
    except ValueError:
        found = math.nan
    if not LEAST_HANDLING_S <= found <= MOST_HANDLING_S:
        raise Unclear(word("Say how long an answer takes in minutes, up to {n}."), n=240)
    return found


def columns(sides: Sequence[Side], zone: str) -> tuple[Column, ...]:
    """Both drawn to one scale."""
    hours = [hour for side in sides for hour in side.hours]
    top = _round_up(max((max(one.came, one.can) for one in hours), default=1))
    most_left = _round_up(max((one.left for one in hours), default=1))
    return tuple(
        Column(side, _chart(side.hours, top, most_left, zone), tuple(weak_spans(side)))
        for side in sides
    )


def _chart(hours: tuple[Hour, ...], top: int, most_left: int, zone: str) -> Chart:
    came = [100 - 100 * one.came / top for one in hours]
    can = [100 - 100 * one.can / top for one in hours]
    left = [100 - 100 * one.left / most_left for one in hours]
    dates = [local_date(one.starts_at, zone) for one in hours]
    firsts = [n for n, day in enumerate(dates) if n == 0 or dates[n - 1] != day]
    line = " ".join(f"V{y:.1f}H{n + 1}" for n, y in enumerate(can))
    field = " ".join(f"L{n + 1} {y:.1f}" for n, y in enumerate(left))
    return Chart(
        hours=hours,
        came=" ".join(f"M{n + 0.12} 100V{y:.1f}h.76V100z" for n, y in enumerate(came)),
        can=f"M0 {can[0]:.1f}{line}",
        left=f"M0 100 {field} L{len(hours)} 100z",
        top=top,
        most_left=most_left,
        days=tuple((dates[n], n / len(hours)) for n in firsts),
    )


def _round_up(value: float) -> int:
    """The next of 2, 5, 10, 20, 50 …: the top of an axis."""
    step = 10 ** math.floor(math.log10(max(value, 1)))
    return int(next(n * step for n in (1, 2, 5, 10) if n * step >= max(value, 2)))
