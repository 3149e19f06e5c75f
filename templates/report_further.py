"""What a report tells beside the totals of turns and messages, by the names of `report --json`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from templates.hours import WeekDay, week_of


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, in seconds; all None when `count` is 0."""

    count: int = 0
    median: float | None = None
    p90: float | None = None
    p95: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class OpenHours:
    """The same in seconds of opening hours."""

    first_response_s: Times = Times()
    next_response_s: Times = Times()
    resolution_s: Times = Times()


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the week: how long the first answers to what began then took."""

    first_response_s: Times = Times()


@dataclass(frozen=True, slots=True)
class Reason:
    """How many waits needed no reply for one reason."""

    excused: int


@dataclass(frozen=True, slots=True)
class Deadlines:
    """One deadline of the rules for complaints, and how it went."""

    rules: str
    deadline: str
    met: int
    missed: int
    running: int


@dataclass(frozen=True, slots=True)
class Classified:
    """What the classifier said, and of how many waits agents changed the tag."""

    messages: int = 0
    confidence: float | None = None
    asked: int = 0
    turns: int = 0
    corrected: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """How long an account did not deliver."""

    silent_s: float
    silences: int


@dataclass(frozen=True, slots=True)
class Further:
    """See docs/figures.md."""

    resolution_s: Times = Times()
    open_hours: OpenHours = OpenHours()
    windows_missed: int = 0
    masked: int = 0
    classifier: Classified = Classified()
    by_hour: Mapping[str, Hour] = field(default_factory=dict)
    by_reason: Mapping[str, Reason] = field(default_factory=dict)
    by_complaint: Mapping[str, Deadlines] = field(default_factory=dict)
    by_silence: Mapping[str, Health] = field(default_factory=dict)

    @property
    def slow(self) -> tuple[WeekDay, ...]:
        """The map of the median first answer in minutes, Monday first; empty without answers."""
        waits = {hour: one.first_response_s.median for hour, one in self.by_hour.items()}
        return week_of({hour: round(s / 60) for hour, s in waits.items() if s is not None})

    def answers_on(self, weekday: str) -> int:
        """How many first answers the map has of a weekday, as in "mon"."""
        hours = (one for hour, one in self.by_hour.items() if hour.startswith(weekday))
        return sum(one.first_response_s.count for one in hours)
