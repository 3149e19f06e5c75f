"""The context of the page behind a figure: which conversations it counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from templates.filters import EVERYTHING, Filter
from templates.histogram import AXIS_S, BIN_S, Bar
from templates.hours import A_MONDAY, WEEKDAYS
from templates.periods import Days
from templates.report import Broken, behind_path

AGES: Final[Mapping[str, tuple[int, int | None]]] = {
    "to_3600": (0, 3600),
    "to_14400": (3600, 14_400),
    "to_86400": (14_400, 86_400),
    "to_259200": (86_400, 259_200),
    "over_259200": (259_200, None),
}
"""Keys of the backlog → from so many seconds of waiting to so many."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A conversation whose customer wrote in the period: the last time, and how many messages."""

    conversation: int
    who: str
    channel: str
    last_at: datetime
    messages: int
    glyph: str
    channel_name: str | None = None

    @property
    def unnamed(self) -> "Heard":
        """For a reader who does not see whose it is (`conversation` 0)."""
        return replace(self, conversation=0, who="")


@dataclass(frozen=True, slots=True)
class Matter:
    """A whole matter: a resolution, or a complaint's deadline (`what`; `due_at` None: it stands
    still, or has none)."""

    conversation: int
    who: str
    channel: str
    opened_by: int
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    what: str
    glyph: str
    channel_name: str | None = None

    @property
    def unnamed(self) -> "Matter":
        """For a reader who does not see whose it is (`conversation` 0)."""
        return replace(self, conversation=0, who="")


@dataclass(frozen=True, slots=True)
class Behind:
    """What a figure counts, as of an instant. `group` and `key` name the line of a table that the
    figure is in, empty for all. `count` is the figure; more than the rows if there are too many.
    Of messages the rows are `heard`, of turns `waits`, else `matters`: those of a `page`, with
    `most` on one and so many `rows` on all. `days` are those of the report which the figure stands
    in, `counted` those of the figure: the same, those before (`of` says so), or one of them.
    `edition` is that of the report, None if it is not stored; `filter` is what the report is of,
    with the names of its `people` and channels."""

    zone: str
    days: Days
    as_of: datetime
    figure: str
    group: str = ""
    key: str = ""
    key_name: str | None = None
    waits: tuple[Broken, ...] = ()
    heard: tuple[Heard, ...] = ()
    count: int = 0
    matters: tuple[Matter, ...] = ()
    edition: int | None = None
    filter: Filter = EVERYTHING
    people: Mapping[str, str] = field(default_factory=dict)
    of: str = ""
    counted: Days | None = None
    page: int = 1
    most: int = 300
    rows: int = 0

    def with_matters(self, matters: tuple[Matter, ...], count: int) -> "Behind":
        return replace(self, matters=matters, count=count, rows=count)

    def with_waits(self, waits: tuple[Broken, ...], count: int) -> "Behind":
        return replace(self, waits=waits, count=count, rows=count)

    def with_heard(self, heard: tuple[Heard, ...], count: int, rows: int) -> "Behind":
        return replace(self, heard=heard, count=count, rows=rows)

    @property
    def weekday(self) -> date:
        """Some date of the weekday that the key names."""
        return A_MONDAY + timedelta(days=WEEKDAYS.index(self.key.partition(" ")[0]))

    @property
    def bar(self) -> Bar:
        """The bar of the histogram that the key names."""
        at = int(self.key)
        last = at + BIN_S >= AXIS_S
        return Bar(at, None if last else at + BIN_S, self.count, 0, 0, 0)

    @property
    def age(self) -> tuple[int, int | None]:
        """More than so many seconds, and at most so many."""
        return AGES[self.key]

    @property
    def pages(self) -> int:
        return -(-self.rows // self.most)

    def path(self, page: int) -> str:
        """Where another page of the same list is."""
        instant = {"as_of": self.as_of.isoformat()}
        instant |= {} if self.edition is None else {"edition": str(self.edition)}
        more = {"page": str(page)} if page > 1 else {}
        query = self.filter.query(self.days, **instant, **more)
        return behind_path(self.figure, self.group, self.key, self.of, query)

    @property
    def report_path(self) -> str:
        """The report that the figure stands in, of the same instant."""
        if self.edition is not None:
            then = "&" if "?" in self.days.path else "?"
            return f"{self.days.path}{then}edition={self.edition}"
        return self.filter.path(self.days, as_of=self.as_of.isoformat())
