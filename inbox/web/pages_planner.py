"""The page of the planner: the answer, both rosters side by side, the load, and what to change."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from inbox.domain.planning import Hour
from inbox.flows.planning import Plan, Side
from inbox.flows.planning_tests import Tried
from inbox.web.pages import A_WEEK, Frame


@dataclass(frozen=True, slots=True)
class Chart:
    """The hours of one roster as paths, in boxes as wide as there are hours and 100 high.

    `came` are bars and `can` a line, up to `top` messages an hour; `left` is a field, up to
    `most_left` that wait. `days` are the local dates, each with where it begins (0 … 1).
    """

    hours: tuple[Hour, ...]
    came: str
    can: str
    left: str
    top: int
    most_left: int
    days: tuple[tuple[date, float], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One roster: what it does, its chart, and its weakest stretches of time in UTC."""

    side: Side
    chart: Chart
    weak: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What is tried, as its form has it."""

    without: frozenset[str] = frozenset()
    people: str = ""
    days: frozenset[int] = frozenset()
    starts: str = "09:00"
    ends: str = "17:00"
    minutes: str = ""
    within: int = 24


@dataclass(frozen=True, slots=True)
class PlannerPage:
    """`/planner`. `columns` are the roster as it is and, where something is tried, as changed; none
    while something is missing (`plan.needs`). `tried` is asked for by itself, at `tried_path`;
    empty: too little is known of the weeks that are over."""

    TEMPLATE: ClassVar[str] = "pages/planner.html"

    frame: Frame
    plan: Plan
    columns: tuple[Column, ...]
    form: Form
    target_share: float
    weekdays: tuple[date, ...] = A_WEEK
    trouble: str = ""
    tried: Tried | None = None
    tried_path: str = ""


@dataclass(frozen=True, slots=True)
class TriedPart:
    """The part of `/planner` that costs as much as the rest: it comes when somebody gets there."""

    PART: ClassVar[str] = "parts/_planner_tried.html"

    frame: Frame
    tried: Tried | None
