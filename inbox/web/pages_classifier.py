"""The classifier's versions and its drift, for those who lead the team."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from classifier.gate import Gate
from inbox.web.pages import Frame

SPAN_POINTS = 6.0
"""An interval is drawn between so many points worse and better."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the table. `category`, `urgency` are macro-F1, `ece` is the category's; the
    `…_right` are shares of messages. None where the version tells none. state: shipped, candidate,
    serving, earlier, refused."""

    version: str
    state: str
    serves: bool
    whole: bool
    usable: bool
    made_at: datetime | None
    made_by: str
    corrections: int
    category: float | None
    urgency: float | None
    ece: float | None
    gate: Gate | None
    category_right: float | None = None
    urgency_right: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A training under way: state is queued or running; `lines` are what it said, newest last."""

    state: str
    asked_by: str
    since: datetime
    corrections: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of the last training: activated, replaced (it served, another one does now), kept,
    refused, failed."""

    state: str
    at: datetime
    version: str
    reason: str


@dataclass(frozen=True, slots=True)
class Beside:
    """One label or language in two versions, by F1; `n` messages of the serving version's set."""

    key: str
    n: int
    serving: float | None
    other: float | None

    @property
    def change(self) -> float | None:
        known = self.serving is not None and self.other is not None
        return (self.serving or 0) - (self.other or 0) if known else None


@dataclass(frozen=True, slots=True)
class Held:
    """A correction that was held back, the tagging of this number; `before` is what stood there."""

    number: int
    conversation_id: int
    text: str
    category: str
    urgency: str
    before: tuple[str | None, str | None]
    agent: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ClassifierPage:
    """`/classifier`: which version serves, what the others are worth, and training.

    `news` corrections were given since the last training, of `enough` that the clock waits for;
    `next_at` is when it asks at the earliest (None: never by itself). `other` is compared with the
    serving version.
    """

    TEMPLATE: ClassVar[str] = "pages/classifier.html"

    frame: Frame
    rows: tuple[VersionRow, ...]
    progress: Progress | None
    ended: Ended | None
    news: int
    enough: int
    next_at: datetime | None
    other: VersionRow | None
    categories: tuple[Beside, ...]
    urgencies: tuple[Beside, ...]
    languages: tuple[Beside, ...]
    held: tuple[Held, ...] = ()
    trouble: str = ""
    limited: str = ""

    @property
    def serving(self) -> VersionRow:
        return next(row for row in self.rows if row.serves)

    def place(self, change: float) -> float:
        """Where a change of macro-F1 lies on the drawn line, 0 … 1; beyond its ends it is cut."""
        return min(max(0.5 + change * 100 / (2 * SPAN_POINTS), 0.0), 1.0)

    @property
    def is_due(self) -> bool:
        """Whether the clock may ask already, and waits for corrections alone."""
        return self.next_at is not None and self.next_at <= self.frame.now


@dataclass(frozen=True, slots=True)
class DriftWeek:
    """A week that begins on a local Monday. Shares are 0 … 1, None where nothing was counted."""

    first: date
    messages: int
    confidence: float | None
    asked: float | None
    turns: int
    corrected: float | None
    labels: tuple[float, ...]  # shares, in the order of the page's `categories`
    running: bool = False


@dataclass(frozen=True, slots=True)
class DriftPage:
    """`/classifier/drift`: twelve weeks, oldest first; the last one still runs."""

    TEMPLATE: ClassVar[str] = "pages/drift.html"

    frame: Frame
    categories: tuple[str, ...]
    weeks: tuple[DriftWeek, ...]

    @property
    def messages(self) -> int:
        return sum(week.messages for week in self.weeks)

    def heat(self, share: float) -> int:
        """The step of the ramp, 0 … 6: half of all messages, or more, is the darkest."""
        return 0 if share == 0 else min(1 + int(share * 12), 6)
