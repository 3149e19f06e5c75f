"""What figures are summed from: a short record for each turn and message that counts in a period.

A definition in `reports.figures` looks at one row and a period; its word on each row is noted here,
as `marks`. So tallies of periods that do not overlap add up to the tally of all of them, and what
some conversations brought can be taken out again. Instants and lengths are whole microseconds.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from inbox.domain.conversation import REASONS
from inbox.domain.turns import End
from reports.columns import Column, Mask, Records, of_rows
from reports.figures import MessageRow, Period, TurnRow
from reports.figures_cases import Resolved, Windowed
from reports.figures_hours import HOURS, CalendarAt, hour_of, open_s

T = TypeVar("T")
Cell: TypeAlias = tuple[str, str, str | None, str | None, str | None]
"""Channel, handle of the account, language, category, urgency: of a wait, with all that is counted
of it. A matter has those of its first wait."""
ELSEWHERE: Final[Cell] = ("", "", None, None, None)
"""Of what is not known to have been anywhere."""

OPENED, REOPENED, DUE, KEPT, OVERDUE, OPEN = 1, 2, 4, 8, 16, 32
EXCUSED, WITHDRAWN, ANSWERED, FIRST, IN_TIME = 64, 128, 256, 512, 1024
"""Of a turn. `OPEN`: opened in the period and not over, so `running` until it is due. `IN_TIME`:
answered in the period by its own due time."""

_WAITED: Final = [("wait", "<i8"), ("open", "<i8")]
_AT: Final = [("opened", "<i8"), ("due", "<i8"), ("ended", "<i8")]
_ABOUT: Final = [("cell", "<i4"), ("agent", "<i4"), ("target", "<i2"), ("marks", "<u2")]
_FEW: Final = [("hour", "<u1"), ("reason", "<u1")]
TURN: Final = np.dtype([("conversation", "<i8"), ("id", "<i8"), *_ABOUT, *_FEW, *_WAITED, *_AT])
"""A turn that counts. `wait` and `open` (opening hours) are those of an answer in the period;
`reason`, of an excuse, is a place in `REASONS`; the instants are kept of what is open or was late,
else 0; `ended` 0: not over."""
COUNTS: Final = ("many", "tagged", "asked", "turns", "corrected", "masked")
_MANY: Final = [(name, "<i4") for name in COUNTS]
HEARD: Final = np.dtype(
    [("conversation", "<i8"), ("cell", "<i4"), ("hour", "<u1"), *_MANY, ("confidence", "<i8")]
)
"""Customers' messages of one hour and cell, and how many of them `Tagged` counts; `confidence` is
a sum of millionths."""
_OF: Final = [("conversation", "<i8"), ("cell", "<i4")]
RESOLVED: Final = np.dtype([*_OF, *_WAITED])
MISSED: Final = np.dtype(_OF)
KINDS: Final = {
    "turns": TURN,
    "heard": HEARD,
    "resolved": RESOLVED,
    "missed": MISSED,
}
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_US: Final = timedelta(microseconds=1)
_HOUR_CODES: Final = {name: n for n, name in enumerate(HOURS)}
_REASONS: Final = {why: n for n, why in enumerate(REASONS)}


def us(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - EPOCH) // _US


def none(of: str) -> Records:
    """No records of a kind."""
    return of_rows(np.empty(0, KINDS[of]))


@dataclass(frozen=True, slots=True)
class Tally:
    """The records of a period; `cell`, `agent` and `target` in them are places in these tuples."""

    cells: tuple[Cell, ...] = ()
    agents: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    turns: Records = field(default_factory=lambda: none("turns"))
    heard: Records = field(default_factory=lambda: none("heard"))
    resolved: Records = field(default_factory=lambda: none("resolved"))
    missed: Records = field(default_factory=lambda: none("missed"))

    def without(self, conversations: Collection[int]) -> "Tally":
        """The same without what these conversations brought."""
        gone = np.fromiter(conversations, np.int64, len(conversations))

        def stays(records: Records) -> Mask:
            own = records["conversation"]
            least, most = (own.min(), own.max()) if len(own) else (0, -1)
            among = gone[(gone >= least) & (gone <= most)]  # a day's conversations are neighbours
            return np.isin(own, among, invert=True)

        return self._of(stays)

    def only(self, fits: Callable[[Cell], bool]) -> "Tally":
        """What was counted in cells that fit."""
        fitting = np.fromiter(map(fits, self.cells), np.bool_, len(self.cells))
        return self._of(lambda records: fitting[records["cell"]])

    def answered_by(self, agents: Collection[str]) -> "Tally":
        """The answers of these people, as nothing but answers."""
        theirs = np.array([name in agents for name in self.agents], np.bool_)
        turns = self.turns.where(theirs[self.turns["agent"]])
        only = turns.but(marks=lambda marks: marks & (ANSWERED | FIRST | IN_TIME))
        return Tally(self.cells, self.agents, self.targets, turns=only)

    def _of(self, fits: Callable[[Records], Mask]) -> "Tally":
        of_kind = {kind: getattr(self, kind) for kind in KINDS}
        kept: dict[str, Any] = {kind: some.where(fits(some)) for kind, some in of_kind.items()}
        return Tally(self.cells, self.agents, self.targets, **kept)

    def conversations(self) -> Column:
        """Those that brought anything, in order."""
        return np.unique(np.concatenate([getattr(self, kind)["conversation"] for kind in KINDS]))


def added(tallies: Sequence[Tally]) -> Tally:
    """The tally of all these periods together."""
    return added_by({"": tallies})[""]


def added_by(parts: Mapping[T, Sequence[Tally]]) -> dict[T, Tally]:
    """The same of several. The numbers in all their records stand for the same."""
    books = Books()
    places = {key: [books.places(tally) for tally in some] for key, some in parts.items()}
    known = books.known
    return {key: Tally(*known, **_all_joined(parts[key], places[key])) for key in parts}


def _all_joined(parts: Sequence[Tally], places: Sequence[Mapping[str, Column]]) -> dict[str, Any]:
    of_kind = {kind: [getattr(tally, kind) for tally in parts] for kind in KINDS}
    return {kind: _joined(kind, records, places) for kind, records in of_kind.items()}


def _joined(kind: str, parts: Sequence[Records], places: Sequence[Mapping[str, Column]]) -> Records:
    """`places`: what the numbers in each part stand for now; without a word, for the same."""
    known = [both for both in zip(parts, places, strict=True) if len(both[0])]

    def column(name: str) -> Column:
        some = [now[name][part[name]] if name in now else part[name] for part, now in known]
        if len(some) == 1:
            return some[0]
        return np.concatenate(some or [np.empty(0, KINDS[kind][name])])

    return Records(sum(map(len, parts)), column)


class Codes(Generic[T]):
    """A number for each value, in the order of their coming."""

    def __init__(self) -> None:
        self.known: dict[T, int] = {}
        self._last: tuple[Sequence[T], Column] = (), np.zeros(0, np.int32)

    def __call__(self, value: T) -> int:
        return self.known.setdefault(value, len(self.known))

    def all(self, values: Sequence[T]) -> Column:
        """Of each of these."""
        known = self.known
        if values is not self._last[0]:
            found = [known.setdefault(value, len(known)) for value in values]
            self._last = values, np.array(found, np.int32)
        return self._last[1]


class Books:
    """What the numbers in records stand for."""

    def __init__(self) -> None:
        self.cells = Codes[Cell]()
        self.agents = Codes[str]()
        self.targets = Codes[str]()

    @property
    def known(self) -> tuple[tuple[Cell, ...], tuple[str, ...], tuple[str, ...]]:
        """In the order of their numbers."""
        return tuple(self.cells.known), tuple(self.agents.known), tuple(self.targets.known)

    def places(self, tally: Tally) -> dict[str, Column]:
        """What the numbers in its records are here, but for those that are the same."""
        found = {
            "cell": self.cells.all(tally.cells),
            "agent": self.agents.all(tally.agents),
            "target": self.targets.all(tally.targets),
        }
        return {
            name: now for name, now in found.items() if not np.array_equal(now, np.arange(len(now)))
        }

    def tally(self, records: Mapping[str, Records]) -> Tally:
        """With these records."""
        whole: dict[str, Any] = dict(records)
        return Tally(*self.known, **whole)


class Counting:
    """Takes rows in any order, part by part, and keeps their records alone."""

    def __init__(
        self, period: Period, zone: str = "UTC", calendar_at: CalendarAt | None = None
    ) -> None:
        self.period = period
        self.local = ZoneInfo(zone)
        self.calendar_at = calendar_at
        self._books = Books()
        self._parts: dict[str, list[Records]] = {kind: [] for kind in KINDS}

    def turns(self, rows: Sequence[TurnRow]) -> None:
        """Those that count in the period are noted."""
        answered = [row for row in rows if row.ended_in(self.period, "answered")]
        waited = dict(zip(map(id, answered), self._waited(answered), strict=True))
        self.add("turns", (self._turn(row, waited.get(id(row), (0, 0))) for row in rows))

    def _turn(self, row: TurnRow, waited: tuple[int, int]) -> tuple[Any, ...] | None:
        marks = marks_of(row, self.period)
        if not marks:
            return None
        first = marks & ANSWERED and marks & FIRST
        times = (0, 0, 0)
        if marks & OPEN or marks & (DUE | KEPT) == DUE:
            times = us(row.opened_at), us(row.due_at), us(row.ended_at) if row.ended_at else 0
        return (
            row.conversation_id,
            getattr(row, "id", 0),
            self.cell(cell_of(row)),
            self._books.agents(row.answered_by if marks & ANSWERED else ""),
            self._books.targets(getattr(row, "target", "")),
            marks,
            self.hour(row.opened_at) if first else 0,
            _REASONS[row.why] if marks & EXCUSED else 0,
            *waited,
            *times,
        )

    def _waited(self, rows: Sequence[TurnRow]) -> Iterable[tuple[int, int]]:
        waits = [max(0, us(row.ended_at or row.opened_at) - us(row.opened_at)) for row in rows]
        return zip(waits, self._open_us([_stretch(row) for row in rows]), strict=True)

    def messages(self, rows: Iterable[MessageRow]) -> None:
        """Each for itself; nothing is known of their tags' confidence."""
        alike = Counter(
            (row.conversation_id, self.cell(cell_of(row)), self.hour(row.sent_at))
            for row in rows
            if self.period.holds(row.sent_at)
        )
        rest = (0,) * len(COUNTS)
        self.add("heard", ((*where, many, *rest) for where, many in alike.items()))

    def resolved(self, found: Sequence[Resolved], cells: Mapping[int, Cell]) -> None:
        """Matters that were resolved in the period; `cells` by the messages that opened them."""
        opened = self._open_us([(one.opened_at, one.ended_at) for one in found])
        self.add(
            "resolved",
            (
                (*self._of(one, cells), us(one.ended_at) - us(one.opened_at), open_us)
                for one, open_us in zip(found, opened, strict=True)
            ),
        )

    def missed(self, found: Sequence[Windowed], cells: Mapping[int, Cell]) -> None:
        """Waits whose platform's window closed in the period; `cells` as of `resolved`."""
        self.add("missed", (self._of(one, cells) for one in found))

    def _of(self, one: Resolved | Windowed, cells: Mapping[int, Cell]) -> tuple[int, int]:
        return one.conversation_id, self.cell(cells.get(one.opened_by, ELSEWHERE))

    def cell(self, cell: Cell) -> int:
        """Its place."""
        return self._books.cells(cell)

    def hour(self, at: datetime) -> int:
        """The place of an instant among the hours of the zone's week."""
        return _HOUR_CODES[hour_of(at, self.local)]

    def _open_us(self, stretches: Sequence[tuple[datetime, datetime]]) -> list[int]:
        """Opening hours in each; 0 where no calendar is asked for."""
        if self.calendar_at is None:
            return [0] * len(stretches)
        return [round(s * 1_000_000) for s in open_s(stretches, self.calendar_at)]

    def add(self, kind: str, records: Iterable[tuple[Any, ...] | None]) -> None:
        """Records as `KINDS` has them; None is none."""
        rows = [one for one in records if one is not None]
        self._parts[kind].append(of_rows(np.array(rows, KINDS[kind])))

    def done(self) -> Tally:
        """All that was taken."""
        return self._books.tally(
            {kind: _joined(kind, some, [{}] * len(some)) for kind, some in self._parts.items()}
        )


def marks_of(row: TurnRow, period: Period) -> int:
    """What a turn counts as in a period; 0: as nothing."""
    stands, marks = row.outcome(period), 0
    if period.holds(row.opened_at):
        marks |= OPENED | (OPEN if stands in ("running", "overdue") else 0)
        marks |= REOPENED if row.is_reopening_in(period) else 0
    if row.is_due_in(period):
        marks |= DUE | _DUE_AS.get(stands, 0)
    for end, mark in _ENDS.items():
        marks |= mark if row.ended_in(period, end) else 0
    if marks & ANSWERED:
        marks |= (FIRST if row.is_first else 0) | (IN_TIME if stands == "kept" else 0)
    return marks


_DUE_AS: Final = {"kept": KEPT, "overdue": OVERDUE}
_ENDS: Final[dict[End, int]] = {"answered": ANSWERED, "excused": EXCUSED, "withdrawn": WITHDRAWN}


def cell_of(row: Any) -> Cell:
    """Of whatever has these columns."""
    return row.channel, row.account, row.language, row.category, row.urgency


def _stretch(row: TurnRow) -> tuple[datetime, datetime]:
    return row.opened_at, row.ended_at or row.opened_at


def tally(
    turns: Sequence[TurnRow],
    messages: Iterable[MessageRow],
    period: Period,
    zone: str = "UTC",
    calendar_at: CalendarAt | None = None,
) -> Tally:
    """Of rows at hand; they may reach beyond the period."""
    counting = Counting(period, zone, calendar_at)
    counting.turns(turns)
    counting.messages(messages)
    return counting.done()
