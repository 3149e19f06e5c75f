"""The context of the page behind a figure: which conversations it counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from templates.filters import EVERYTHING, Filter
from templates.periods import Days
from templates.report import Broken


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
    Of messages the rows are `heard`, of turns `waits`, else `matters`. `edition` is that of the
    report which the figure stands in, None if that is not stored; `filter` is what that report is
    of, with the names of its `people` and channels."""

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

    def with_matters(self, matters: tuple[Matter, ...], count: int) -> "Behind":
        return replace(self, matters=matters, count=count)

    def with_waits(self, waits: tuple[Broken, ...], count: int) -> "Behind":
        return replace(self, waits=waits, count=count)

    def with_heard(self, heard: tuple[Heard, ...], count: int) -> "Behind":
        return replace(self, heard=heard, count=count)

    @property
    def more(self) -> int:
        shown = len(self.waits) + len(self.matters) + sum(one.messages for one in self.heard)
        return self.count - shown

    @property
    def report_path(self) -> str:
        """The report that the figure stands in, of the same instant."""
        if self.edition is not None:
            then = "&" if "?" in self.days.path else "?"
            return f"{self.days.path}{then}edition={self.edition}"
        return self.filter.path(self.days, as_of=self.as_of.isoformat())
