"""The context of a report, shared by its page, its mail and the file that the CLI writes.

It lives here because the page (`inbox.web`) and the mail (`reports`) may both import it. The names
of the figures are those of `replydesk report --json`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import ClassVar, Literal
from urllib.parse import urlencode

from templates.filters import EVERYTHING, Filter
from templates.histogram import NO_WAITS, Histogram, Waits, by_two_hours, histogram
from templates.hours import WeekDay, week_of
from templates.periods import Days
from templates.report_further import Further, OpenHours
from templates.report_trend import Trend

MOST_BELOW = 3
"""Channels below the target that a report puts up for decision."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How long answers took, in clock seconds; all None when `count` is 0."""

    count: int = 0
    median: float | None = None
    p90: float | None = None
    p95: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """Waits that an answer ended in the period, and those of them that it ended in time."""

    answered: int = 0
    answered_in_time: int = 0

    @property
    def share_in_time(self) -> float | None:
        return self.answered_in_time / self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one period for one group, or for all. `share_in_time` is 0 … 1 or None;
    `open_hours` None in reports that were stored before it was counted."""

    received: int = 0
    turns_opened: int = 0
    reopened: int = 0
    turns_due: int = 0
    answered_in_time: int = 0
    share_in_time: float | None = None
    overdue_open: int = 0
    running: int = 0
    excused: int = 0
    withdrawn: int = 0
    answers: Answers = Answers()
    first_response_s: Spread = Spread()
    next_response_s: Spread = Spread()
    open_hours: OpenHours | None = None

    @property
    def answered(self) -> int:
        """Waits that an answer ended in the period, whenever due."""
        return self.first_response_s.count + self.next_response_s.count

    @property
    def late(self) -> int:
        """Promises broken: due, and not answered in time, whether answered since or not."""
        return self.turns_due - self.answered_in_time

    @property
    def answered_late(self) -> int:
        return self.late - self.overdue_open


@dataclass(frozen=True, slots=True)
class Group:
    """One line of a table: `key` is a channel, account, language, category or urgency; `name` when
    it has its own."""

    key: str
    figures: Figures
    name: str | None = None
    glyph: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """Who sent answers in the period; `name` None is a person outside Replydesk."""

    name: str | None
    answered: int
    answered_in_time: int
    first_response_s: Spread = Spread()
    next_response_s: Spread = Spread()
    key: str = ""
    open_hours: OpenHours | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """One broken promise with its evidence. `over_s` runs to its end, or to `as_of` while open."""

    conversation: int
    who: str
    channel: str
    glyph: str
    category: str
    opened_by: int
    opened_at: datetime
    stored_at: datetime
    due_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    over_s: float
    policy: str
    calendar: str
    excused: bool = False
    channel_name: str | None = None
    withdrawn: bool = False

    @property
    def unnamed(self) -> "Broken":
        """For a reader who does not see whose it is (`conversation` 0)."""
        return replace(self, conversation=0, who="")

    @property
    def lag_s(self) -> float:
        """How long after it was written the customer's message reached us."""
        return (self.stored_at - self.opened_at).total_seconds()

    @property
    def open(self) -> bool:
        """Whether the customer still waits as of the report's instant."""
        return self.answered_at is None and not self.excused and not self.withdrawn


@dataclass(frozen=True, slots=True)
class Alone:
    """Something that falls due while nobody is on duty. `clock` names a case clock, empty for an
    answer; `answer_by` is when the last people before it leave, None: nobody is there until
    then."""

    conversation: int
    who: str
    channel: str
    glyph: str
    clock: str
    due_at: datetime
    answer_by: datetime | None
    cover_at: datetime | None
    channel_name: str | None = None

    @property
    def unnamed(self) -> "Alone":
        """For a reader who does not see whose it is (`conversation` 0)."""
        return replace(self, conversation=0, who="")


@dataclass(frozen=True, slots=True)
class Ahead:
    """The forecast of the next 7 days: `late` will be late because nobody is there until they are
    due; `more` are not listed."""

    late: int
    alone: tuple[Alone, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody has to decide: `alone`: `number` waits will be late because nobody is there;
    `channel`: a group is below the target. `path` shows which."""

    what: Literal["alone", "channel"]
    number: int
    path: str
    group: Group | None = None


@dataclass(frozen=True, slots=True)
class Mailed:
    """What became of one recipient's mail. `state`: queued, accepted or refused."""

    recipient: str
    state: str
    accepted_at: datetime | None = None
    not_before: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True)
class ReportPage:
    """A report of the days `first` … `last` (inclusive, in `zone`), as of an instant.

    `waits`: those of all turns answered in the period, by the clock.
    `target_share` is the promise that the first line is held against; None shows no verdict.
    `within_h` is the promised time when all that was due had the same; `before` the share of the
    days before, for the difference, and `previous` all their figures. `base` stands before links:
    empty on the page, the public address in the mail. `now_day` is the last day that a link "the
    next" may reach.
    `broken` are the longest late of `figures.late`, `late_now` of the `late_count` turns open past
    their due time at `as_of`, whenever due, the longest first;
    `due_today` falls due later on the local day of `as_of`, `due_before_noon` of those till noon.
    `filter` says what it is of, with the names of its `people` by address; one of people says
    nothing but their answers. `pinned`: its address names its instant.
    `further`, `earlier` (of the days before) and `trend` are None in reports that were stored
    before they were counted. `backlog` and `by_hour` are those of `report --json`. Where it
    `drills`, figures lead to what they count; readers `outside` the house see no names and no list
    of waits. `edition` None: not stored, taken just now. `mails` are those of the day's report;
    `mail_server` says whether one is set.
    """

    TEMPLATE: ClassVar[str] = "mail/report.html"

    brand: str
    zone: str
    first: date
    last: date
    as_of: datetime
    figures: Figures
    by_channel: tuple[Group, ...] = ()
    by_account: tuple[Group, ...] = ()
    by_language: tuple[Group, ...] = ()
    by_category: tuple[Group, ...] = ()
    by_urgency: tuple[Group, ...] = ()
    by_agent: tuple[Agent, ...] = ()
    by_team: tuple[Group, ...] = ()
    further: Further | None = None
    earlier: Further | None = None
    trend: Trend | None = None
    waits: Waits = NO_WAITS
    broken: tuple[Broken, ...] = ()
    target_share: float | None = 0.95
    within_h: int | None = 24
    before: float | None = None
    previous: Figures | None = None
    base: str = ""
    now_day: date | None = None
    late_now: tuple[Broken, ...] = ()
    late_count: int = 0
    due_today: int = 0
    due_before_noon: int = 0
    ahead: Ahead | None = None
    backlog: Mapping[str, int] | None = None
    by_hour: Mapping[str, int] = field(default_factory=dict)
    drills: bool = False
    outside: bool = False
    edition: int | None = None
    mails: tuple[Mailed, ...] = ()
    mail_server: bool = True
    filter: Filter = EVERYTHING
    people: Mapping[str, str] = field(default_factory=dict)
    pinned: bool = False

    def behind(self, figure: str, group: str = "", key: str = "", of: str | date = "") -> str:
        """Where what a figure counts is listed, as of the same instant: in all days, `of` those
        "before" them, or of one."""
        return behind_path(figure, group, key, str(of), self._here)

    @cached_property
    def _here(self) -> str:
        instant = {"as_of": self.as_of.isoformat()}
        instant |= {} if self.edition is None else {"edition": str(self.edition)}
        return self.filter.query(self.days, **instant)

    @property
    def week(self) -> tuple[WeekDay, ...]:
        """The map of `by_hour`, Monday first; empty without messages."""
        return week_of(self.by_hour)

    @property
    def kept(self) -> bool | None:
        """Whether the promise was kept; None when nothing was due or nothing was promised."""
        if self.figures.share_in_time is None or self.target_share is None:
            return None
        return self.figures.share_in_time >= self.target_share

    @property
    def better_points(self) -> float | None:
        """Percentage points against the days before; None when one of the two has no share."""
        if self.before is None or self.figures.share_in_time is None:
            return None
        return (self.figures.share_in_time - self.before) * 100

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What will be late for want of people, and the channels furthest below the target."""
        late = self.ahead.late if self.ahead else 0
        alone = (Decision("alone", late, "/roster#forecast"),) if late else ()
        below = sorted(filter(self.is_below, self.by_channel), key=_share_of)[:MOST_BELOW]
        return alone + tuple(
            Decision("channel", one.figures.late, self.behind("late", "channel", one.key), one)
            for one in below
        )

    def is_below(self, group: Group) -> bool:
        """Whether a group's share is below the target."""
        share = group.figures.share_in_time
        return share is not None and self.target_share is not None and share < self.target_share

    @property
    def days(self) -> Days:
        return Days(self.first, self.last)

    @property
    def following(self) -> Days | None:
        """The next days, when they have begun, for the pager."""
        after = self.days.after
        return after if self.now_day and after.first <= self.now_day else None

    @property
    def kinds(self) -> Sequence[tuple[str, Days]]:
        """The day, the week and the month that are nearest to what is shown: none in the future."""
        near = min(self.last, self.now_day or self.last)
        near = max(self.first, near)
        return (("day", Days.day(near)), ("week", Days.week(near)), ("month", Days.month(near)))

    @property
    def path(self) -> str:
        """Where this very report is, from a mail: a stored one stays what it was."""
        return self.days.path if self.edition is None else self.days.edition(self.edition)

    @property
    def query(self) -> str:
        """What names this very report, to the digit, to the sheet and the JSON of it."""
        if self.edition is not None:
            return self.filter.query(self.days, edition=str(self.edition))
        return self.filter.query(self.days, as_of=self.as_of.isoformat())

    @property
    def instant(self) -> dict[str, str]:
        """What keeps the instant when a filter is chosen or changed: a stored report's, or the one
        that was asked for."""
        kept = self.pinned or self.edition is not None
        return {"as_of": self.as_of.isoformat()} if kept else {}

    def without(self, kind: str, value: str) -> str:
        """Where the report is that does not ask for this value."""
        rest = self.filter.without(kind, value)
        return rest.path(self.days, **(self.instant if rest else {}))

    @property
    def empty(self) -> bool:
        """Whether nothing of the days fits the filter."""
        f = self.figures
        counted = f.received, f.turns_opened, f.turns_due, f.excused, f.withdrawn, f.answered
        waiting = self.backlog["all"] if self.backlog else 0
        return bool(self.filter) and not any(counted) and not waiting

    @property
    def longest_over_s(self) -> float:
        return max((one.over_s for one in self.broken), default=0.0)

    @property
    def histogram(self) -> Histogram:
        return histogram(self.waits)

    def share_within(self, seconds: int) -> float | None:
        """The part of all answers in the period that came within so many seconds, whole quarters
        of an hour."""
        return self.waits.within(seconds) / len(self.waits) if self.waits else None

    @property
    def by_two_hours(self) -> tuple[int, ...]:
        """Answers by how many hours they took: up to 2, 4 … 24, and more."""
        return by_two_hours(self.waits)


def behind_path(figure: str, group: str, key: str, of: str, report: str) -> str:
    """The list behind a figure; `report` names the report that it stands in."""
    return f"/reports/behind?{_asked(figure, group, key, of)}&{report}"


@lru_cache(4096)
def _asked(figure: str, group: str, key: str, of: str) -> str:
    """A month's page has some hundred of these, each page the same ones."""
    asked = {"figure": figure} | ({"group": group, "key": key} if group else {})
    return urlencode(asked | ({"of": of} if of else {}))


def _share_of(group: Group) -> float:
    return group.figures.share_in_time or 0.0
