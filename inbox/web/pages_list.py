"""What the list shows: views, groups of rows, the tide above and the foot below."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from inbox.domain.conversation import OPEN, SNOOZED, SPAM, THIRD
from inbox.domain.snippets import Piece
from inbox.web.pages import SOON_S, Channel, Clock, Frame, Person, Tags
from inbox.web.pages_accounts import Account
from inbox.web.pages_surges import SurgeCard

VIEWS = ("due", "mine", "unassigned", "waiting", "snoozed", "resolved", "spam", "all")
SAVED = "saved:"
"""A view that begins so is a saved one; its number follows."""
TIDE_FROM = 3
"""Fewer than this many due answers make no tide."""
FIND = "find:"
"""A view that begins so is a search; what was typed follows."""
MOST_COUNTED = 1000
"""Built-in views, and the hours of the tide, are counted so far."""
EVEN_TO = 12
"""Where more than this many are due in an hour, or late, the tide's heights are square roots: one
due now stays to be seen beside hundreds due later."""
LEAST_HEIGHT = 0.08
"""Of a bar: two pixels, about."""
LANE = 0.92
"""The part of the tide's width in which the hours stand, behind what is late."""
TOUCHED = 25
"""So many clock hours may 24 hours touch."""
FOLD_FROM = 8
"""Tomorrow's rows are folded when so many stand before them."""


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation in the list. `preview` is its last message, `ours_last` who of us wrote it;
    a search shows the `snippet` that it found instead (`noted`: in a note on them), and leads to
    the message `at`. `draft` is
    what the reader is writing there. `escalated`: a lead was warned of it; `status` is the
    conversation's state, `back_at` when a snooze ends, `last_at` when the last message came where
    no clock runs. `complaint_due_at` is the next deadline of a
    complaint that has no final response."""

    id: int
    channel: Channel
    who: str
    preview: str
    tags: Tags
    clock: Clock
    unread: int = 0
    ours_last: Literal["", "me", "team"] = ""
    findings: tuple[str, ...] = ()
    owner: Person | None = None
    mine: bool = False
    selected: bool = False
    snippet: tuple[Piece, ...] = ()
    at: int | None = None
    noted: bool = False
    escalated: bool = False
    status: str = ""
    back_at: datetime | None = None
    last_at: datetime | None = None
    vip: bool = False
    blocked: bool = False
    draft: str = ""
    complaint: bool = False
    complaint_due_at: datetime | None = None
    complaint_late: bool = False

    def __hash__(self) -> int:
        """Enough to find what was drawn of it: fifty of them are looked for in every page."""
        return hash((self.id, self.preview, self.clock.used))

    @property
    def is_spam(self) -> bool:
        """Whether the classifier is sure of it, or a person."""
        return self.tags.category == "spam" and self.tags.state in ("sure", "person")


@dataclass(frozen=True, slots=True)
class View:
    """A tab above the list. `count` None shows none; `more`: there are more than that. A saved view
    has a `name` of its own; `shared` is the team's."""

    key: str
    count: int | None
    active: bool
    more: bool = False
    name: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a head: critical, late, soon, today, tomorrow, later, back, third, wait, snoozed,
    spam, done; found for a search. `folded` starts shut."""

    key: str
    rows: tuple[Row, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class TideBar:
    """What falls due in one hour: place, width and height as parts of 1. `more`: there is more than
    `count`."""

    at: datetime
    count: int
    state: Literal["calm", "soon"]
    x: float
    width: float
    height: float
    more: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hours with nobody on duty, and where they stand. `starts_at` None: since now already;
    `ends_at` None: beyond the 24 hours."""

    starts_at: datetime | None
    ends_at: datetime | None
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Tide:
    """The next 24 hours by the hour; `late` stands before them. `ticks` are (moment, place).
    `squeezed`: heights are square roots of the counts, up to `top`."""

    late: int
    late_more: bool
    late_height: float
    bars: tuple[TideBar, ...]
    ticks: tuple[tuple[datetime, float], ...]
    now_x: float
    alone: tuple[Stretch, ...] = ()
    top: int = 0
    squeezed: bool = False


@dataclass(frozen=True, slots=True)
class Foot:
    """Below the list: how many accounts deliver, and the worst of the others."""

    delivering: int
    total: int
    worst: Account | None = None

    @property
    def others(self) -> int:
        """How many accounts do not deliver beside the worst one."""
        return max(self.total - self.delivering - 1, 0)


@dataclass(frozen=True, slots=True)
class ListPage:
    """`/`: the list beside a calm pane, and the list part of every conversation's page.

    `more` is the address of the next page of rows, if any. `query` is what was searched for, as it
    was typed, and `wrong` says why it could not be understood. `surge`: many people write about the
    same thing. `connected` False: there is no account at all.
    """

    TEMPLATE: ClassVar[str] = "pages/list.html"
    PART: ClassVar[str] = "parts/_list.html"

    frame: Frame
    view: str
    views: tuple[View, ...]
    groups: tuple[Group, ...]
    foot: Foot
    tide: Tide | None = None
    more: str | None = None
    query: str = ""
    wrong: str = ""
    surge: SurgeCard | None = None
    connected: bool = True

    @property
    def saved(self) -> View | None:
        """The saved view that is open."""
        return next((view for view in self.views if view.active and view.name), None)

    @property
    def first(self) -> Row | None:
        """The row whose answer is due first: the pane's next step. What is surely spam is none."""
        rows = [row for group in self.groups for row in group.rows]
        return next((row for row in rows if not row.is_spam), rows[0] if rows else None)


_ASIDE = {THIRD: "third", SNOOZED: "snoozed", SPAM: "spam"}
"""States that have a head of their own."""


def group_key(clock: Clock, today: date, zone: ZoneInfo) -> str:
    """Under which head a row stands on this local day."""
    if clock.state in {"wait", "late", "soon"}:
        return clock.state
    if clock.due_at is None or clock.ended_at is not None:
        return "done"
    days = (clock.due_at.astimezone(zone).date() - today).days
    return ("today", "tomorrow")[days] if 0 <= days <= 1 else "later"


def groups(rows: Iterable[Row], now: datetime, zone: str) -> tuple[Group, ...]:
    """Rows in the order given, under their heads; heads in the order of their first row.

    Tomorrow is folded only under a full list: a newcomer's first messages are all due tomorrow.
    """
    under: dict[str, list[Row]] = {}
    place = ZoneInfo(zone)
    today = now.astimezone(place).date()
    for row in rows:
        key = _ASIDE.get(row.status) or group_key(row.clock, today, place)
        key = "back" if row.status == OPEN and key == "done" else key
        under.setdefault(key, []).append(row)
    found = []
    before = 0
    for key, group in under.items():
        folded = key == "tomorrow" and before >= FOLD_FROM and not any(r.selected for r in group)
        found.append(Group(key, tuple(group), folded))
        before += len(group)
    return tuple(found)


def pinned(critical: Sequence[Row], below: tuple[Group, ...], goes_on: bool) -> tuple[Group, ...]:
    """The groups with the critical ones above them, each row once. A page that goes on from the
    first one has them there."""
    above = {row.id for row in critical}
    rest = [replace(g, rows=tuple(r for r in g.rows if r.id not in above)) for g in below]
    top = (Group("critical", tuple(critical)),) if critical and not goes_on else ()
    return top + tuple(group for group in rest if group.rows)


def hour_of(now: datetime, zone: str) -> datetime:
    """When the hour began on the local clock, in UTC: some zones are half an hour apart."""
    here = now.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0)
    return here.astimezone(UTC)


def tide(
    late: int,
    due: Iterable[tuple[datetime, int]],
    now: datetime,
    zone: str,
    alone: Iterable[tuple[datetime, datetime]] = (),
) -> Tide | None:
    """What falls due in the next 24 hours, by local clock hour; None when there is little. `due`
    are (first due time, how many), one or several of an hour; `alone` when nobody is on duty.

    The first 8 % hold what is late, then come the 25 clock hours that 24 hours may touch.
    """
    start = hour_of(now, zone)
    width = LANE / TOUCHED
    first: dict[int, datetime] = {}
    counts: Counter[int] = Counter()
    for at, many in sorted(due):
        hour = int((at - start).total_seconds() // 3600)
        first.setdefault(hour, at)
        counts[hour] += many
    if late + counts.total() < TIDE_FROM:
        return None
    top = min(max(3, late, *counts.values(), 0), MOST_COUNTED)
    bars = tuple(
        TideBar(
            at=start + timedelta(hours=hour),
            count=min(many, MOST_COUNTED),
            state="soon" if (first[hour] - now).total_seconds() <= SOON_S else "calm",
            x=1 - LANE + hour * width,
            width=width * 0.7,
            height=_height(many, top),
            more=many > MOST_COUNTED,
        )
        for hour, many in counts.items()
    )
    counted = min(late, MOST_COUNTED)
    stretches = tuple(_stretch(start, now, since, until) for since, until in alone)
    return Tide(
        counted,
        late > MOST_COUNTED,
        _height(late, top),
        bars,
        _ticks(start, zone),
        round(1 - LANE, 2),
        stretches,
        top,
        top > EVEN_TO,
    )


@lru_cache(maxsize=64)
def _ticks(start: datetime, zone: str) -> tuple[tuple[datetime, float], ...]:
    """Every sixth hour of the local clock, and its place in a tide that begins at `start`."""
    place = ZoneInfo(zone)
    hours = ((start + timedelta(hours=hour), hour) for hour in range(2, 25))
    return tuple(
        (at, 1 - LANE + hour * LANE / TOUCHED)
        for at, hour in hours
        if at.astimezone(place).hour % 6 == 0
    )


def _height(many: int, top: int) -> float:
    """Of a bar, as a part of the tallest one's."""
    part = min(many, MOST_COUNTED) / top
    return max(math.sqrt(part) if top > EVEN_TO else part, LEAST_HEIGHT) if many else 0


def _stretch(start: datetime, now: datetime, since: datetime, until: datetime) -> Stretch:
    """One of the tide whose first hour begins at `start`."""
    hour = timedelta(hours=1) / (LANE / TOUCHED)
    ends = until if until - now < timedelta(hours=24) - timedelta(minutes=1) else None
    x = 1 - LANE + (since - start) / hour
    return Stretch(since if since > now else None, ends, x, min((until - since) / hour, 1 - x))


def views(active: str, counts: dict[str, int | None]) -> tuple[View, ...]:
    """The tabs in their fixed order; a view without a count in `counts` shows none."""
    return tuple(_view(key, counts.get(key), key == active) for key in VIEWS)


def _view(key: str, count: int | None, active: bool) -> View:
    more = count is not None and count > MOST_COUNTED
    return View(key, MOST_COUNTED if more else count, active, more)


def foot(accounts: Sequence[Account]) -> Foot:
    """The list's foot: paused and imported accounts are not expected to deliver."""
    expected = [one for one in accounts if one.health.state not in {"paused", "imported"}]
    ill = [one for one in expected if not one.health.well]
    order = ("revoked", "failing", "limited", "silent")
    worst = min(ill, key=lambda one: order.index(one.health.state), default=None)
    return Foot(len(expected) - len(ill), len(expected), worst)
