"""The page of the roster: the week, who is on now, holes in cover, and the forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from inbox.domain.roster import Span
from inbox.web.pages import Frame, Person
from inbox.web.pages_forecast import ForecastPart


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody on a shift; `time` says when, where an absence leaves only a part of it. `duty` is
    what the form of a swap calls it."""

    person: Person
    time: str = ""
    duty: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One shift of a day. `time` is in the reader's zone, `brand_time` in the brand's, if that is
    another."""

    name: str
    time: str
    brand_time: str
    workers: tuple[Worker, ...]
    now: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A date with the shifts and the holes that begin on it in the reader's zone; `over` before
    today."""

    day: date
    today: bool
    entries: tuple[Entry, ...]
    holes: tuple["Hole", ...] = ()
    over: bool = False


@dataclass(frozen=True, slots=True)
class Hole:
    """Hours of a day in which fewer people are there than are asked."""

    time: str
    here: int = 0
    asked: int = 1

    @property
    def hours(self) -> tuple[str, str]:
        """Beginning and end, as a form has them."""
        starts, ends = self.time.split("–")
        return starts, ends.replace("24:00", "00:00")


@dataclass(frozen=True, slots=True)
class AskedRow:
    """What is asked of the roster, as its form has it; `always` is one person around the clock."""

    people: int = 1
    zone: str = ""
    week: tuple[str, ...] = ("open",) * 7
    always: bool = True


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A shift with its form. `weeks` are the people of each group; `over` once it has ended. It has
    so many single `dates` to come, and does not begin on so many."""

    id: str
    name: str
    starts: str
    ends: str
    zone: str
    weekdays: frozenset[int]
    weeks: tuple[tuple[str, ...], ...]
    since: str
    until: str
    first_week: str
    over: bool = False
    dates: int = 0
    without: int = 0


@dataclass(frozen=True, slots=True)
class Again:
    """A form that was refused, with what was typed. form: shift | asked | absence | swap; the last
    two are `said` by field."""

    form: str
    shift: ShiftRow | None = None
    asked: AskedRow | None = None
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """A swap; `may` are the events that the reader may cause."""

    id: int
    shift: str
    day: date
    gives: Person
    takes: Person
    state: str
    may: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Away:
    """An absence; `mine` if the reader may withdraw it."""

    id: int
    person: Person
    starts_at: datetime
    ends_at: datetime
    reason: str
    mine: bool


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One's own shifts, or the whole roster, in a calendar program; `expires_at` of its link."""

    whole: bool
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A calendar file that was taken in, which the reader may take back until that is `undone`."""

    id: int
    file: str
    made_at: datetime
    added: int
    changed: int
    ended: int
    undone: bool
    shifts: bool = False


@dataclass(frozen=True, slots=True)
class Weekly:
    """How a shift repeats: on these weekdays, every so many `weeks`, but for so many dates."""

    weekdays: frozenset[int]
    weeks: int
    until: date | None
    without: int


@dataclass(frozen=True, slots=True)
class Said:
    """A time in a calendar file, and what becomes of it: new, changed, gone, same, aside."""

    what: str
    title: str
    person: str
    starts_at: datetime | None
    ends_at: datetime | None
    why: str
    weekly: Weekly | None = None


@dataclass(frozen=True, slots=True)
class ImportPage:
    """What a calendar file would do, before it does. `content` is the file in base64; `unknown` are
    people of whom nobody here knows."""

    TEMPLATE: ClassVar[str] = "pages/roster_import.html"

    frame: Frame
    name: str
    person: str
    content: str
    lines: tuple[Said, ...]
    counts: tuple[tuple[str, int], ...]
    more: int
    changes: bool
    shifts: bool = False
    unknown: tuple[str, ...] = ()
    weekdays: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class RosterPage:
    """`/roster`. `frame.zone` is the reader's zone; `week` the Monday shown.

    `swappable` are (value, shift, date, person) of the next 14 days. done: "" | shifts | absence |
    back | withdrawn | swap | offer | settled | zone | unlinked | taken |
    shifts-taken | untaken; `undo` is what
    its button sends.
    `made` is a fresh link to a calendar, shown on this page only.
    """

    TEMPLATE: ClassVar[str] = "pages/roster.html"

    frame: Frame
    brand_zone: str
    own_zone: str
    zones: tuple[str, ...]
    on_now: tuple[Person, ...]
    next_at: datetime | None
    week: date
    before: date
    after: date
    days: tuple[Day, ...]
    holes: tuple[Span, ...]
    shifts: tuple[ShiftRow, ...]
    blank: ShiftRow
    staff: tuple[Person, ...]
    swappable: tuple[tuple[str, str, date, str], ...]
    offers: tuple[Offer, ...]
    away: tuple[Away, ...]
    version: int
    weekdays: tuple[date, ...]
    done: str = ""
    undo: int = 0
    trouble: str = ""
    again: Again | None = None
    forecast: ForecastPart | None = None
    calendars: tuple[CalendarRow, ...] = ()
    made: str = ""
    made_whole: bool = False
    taken: tuple[Taken, ...] = ()
    asked: AskedRow = AskedRow()
