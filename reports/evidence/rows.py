"""The rows of an evidence pack, and how they stand in CSV: what is written reads back exactly.

Instants are ISO 8601 in UTC, yes and no are `yes` and `no`, nothing is an empty cell, and no cell
is a formula (`inbox.domain.cells`).
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from types import UnionType
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

from inbox.domain import cells
from inbox.domain.sla import Outcome
from inbox.domain.turns import End
from reports.figures import TurnRow

NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file."""

    @property
    def place(self) -> tuple[Any, ...]:
        """Where it stands in the file; no two have the same."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Clock(Line):
    """A turn under its public promise as of the instant; what came later has not happened.

    `conversation`, `opened_by` and `ended_by` are the product's numbers. `stored_at` is when the
    opening message reached us, `used_s` clock seconds from opening to end or as-of. `reason` is
    why no reply was needed. `agent` (an e-mail address) and `outside` say who answered. `rule`
    chose the policy; `team` is whose calendar counted instead of the policy's.
    """

    conversation: int
    turn: int
    episode: int
    is_first: bool
    channel: str
    account: str
    category: str | None
    urgency: str | None
    language: str | None
    opened_by: int
    opened_at: datetime
    stored_at: datetime | None
    due_at: datetime
    end: End | None
    ended_by: int | None
    ended_at: datetime | None
    reason: str | None
    used_s: float
    verdict: Outcome
    agent: str | None
    outside: bool
    policy: str
    policy_version: int
    target: str
    rule: str | None
    calendar: str
    calendar_version: int
    zone: str
    team: str | None

    @property
    def place(self) -> tuple[datetime, int, int]:
        return self.opened_at, self.conversation, self.opened_by

    def counted(self) -> TurnRow:
        """As the figures take it."""
        return TurnRow(
            conversation_id=self.conversation,
            channel=self.channel,
            account=self.account,
            category=self.category,
            urgency=self.urgency,
            language=self.language,
            episode=self.episode,
            opened_at=self.opened_at,
            due_at=self.due_at,
            end=self.end,
            ended_at=self.ended_at,
            agent=self.agent,
            outside=self.outside,
            is_first=self.is_first,
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True)
class Received(Line):
    """A customer's message, with the tag of its turn. `tagged` to `corrected` are what the
    classifier said of it and what agents made of that, `confidence` in millionths; `masked`: a card
    number was masked in it."""

    message: int
    conversation: int
    channel: str
    account: str
    category: str | None
    urgency: str | None
    language: str | None
    sent_at: datetime
    tagged: bool
    confidence: int | None
    asked: bool
    opens: bool
    corrected: bool
    masked: bool

    @property
    def place(self) -> tuple[datetime, int]:
        return self.sent_at, self.message


@dataclass(frozen=True, slots=True)
class Resolution(Line):
    """A matter that was resolved; it began with the message `opened_by`."""

    conversation: int
    episode: int
    opened_by: int
    opened_at: datetime
    ended_at: datetime

    @property
    def place(self) -> tuple[datetime, int, int]:
        return self.ended_at, self.conversation, self.episode


@dataclass(frozen=True, slots=True)
class Window(Line):
    """A wait during which the platform's window closed, `window_s` after the message `sent_at`."""

    conversation: int
    sent_at: datetime
    window_s: float
    ended_at: datetime | None

    @property
    def place(self) -> tuple[datetime, int]:
        return self.sent_at, self.conversation


@dataclass(frozen=True, slots=True)
class Deadline(Line):
    """A deadline of a complaint. `key` names rules and deadline, `due_at` is empty while it stands
    still."""

    conversation: int
    opened_by: int
    key: str
    rules: str
    deadline: str
    marked_at: datetime
    opened_at: datetime
    due_at: datetime | None
    end: str | None
    ended_at: datetime | None

    @property
    def place(self) -> tuple[datetime, int, int, str]:
        return self.marked_at, self.conversation, self.opened_by, self.key


@dataclass(frozen=True, slots=True)
class Silence(Line):
    """A time in which an account (channel and handle) did not deliver."""

    account: str
    silent_since: datetime
    ended_at: datetime | None

    @property
    def place(self) -> tuple[datetime, str, datetime]:
        return self.silent_since, self.account, self.ended_at or NEVER


Row = TypeVar("Row", bound=Line)


def head(kind: type[Row]) -> str:
    """The first line, with the byte order mark that spreadsheets want."""
    return cells.BOM + cells.line([field.name for field in fields(kind)])


def line(row: Line) -> str:
    """A row with its line end."""
    return cells.line([_written(getattr(row, field.name)) for field in fields(row)])


def read(kind: type[Row], lines: Iterable[str]) -> Iterator[Row | str]:
    """The rows of a file without its byte order mark, in order; of one that cannot be read, why.
    Raises ValueError for another head, `csv.Error` for what is no CSV."""
    table = csv.reader(lines, strict=True)
    readers = _readers(kind)
    if next(table, None) != list(readers):
        raise ValueError("the head names other columns")
    for found in table:
        yield _row(kind, readers, found)


def instant(at: datetime) -> str:
    """In UTC, to the microsecond where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant_of(text: str) -> datetime:
    """What `instant` wrote. Raises ValueError for anything else, also the same in other words."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or instant(found) != text:
        raise ValueError(f"{text!r} is no instant")
    return found


def _row(kind: type[Row], readers: dict[str, Callable[[str], Any]], found: list[str]) -> Row | str:
    if len(found) != len(readers):
        return f"has {len(found)} cells instead of {len(readers)}"
    values = {}
    for (name, reads), cell in zip(readers.items(), found, strict=True):
        try:
            values[name] = reads(cell)
        except (ValueError, OverflowError):
            return f"{name}: {cell[:40]!r} cannot be read"
    return kind(**values)


def _written(value: Any) -> str | int | float | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return instant(value)
    return cells.exact(value) if isinstance(value, str) else value


def _readers(kind: type[Line]) -> dict[str, Callable[[str], Any]]:
    return {name: _reader(hint) for name, hint in get_type_hints(kind).items()}


def _reader(hint: Any) -> Callable[[str], Any]:
    if get_origin(hint) is Literal:
        return lambda cell: _one_of(get_args(hint), cell)
    if isinstance(hint, UnionType) or type(None) in get_args(hint):
        (some,) = (_reader(one) for one in get_args(hint) if one is not type(None))
        return lambda cell: some(cell) if cell else None
    return _PLAIN[hint]


def _one_of(words: tuple[str, ...], cell: str) -> str:
    if cell not in words:
        raise ValueError(f"{cell!r} is none of {', '.join(words)}")
    return cell


_PLAIN: Final[dict[Any, Callable[[str], Any]]] = {
    int: int,
    float: float,
    str: cells.read,
    bool: lambda cell: _one_of(("yes", "no"), cell) == "yes",
    datetime: instant_of,
}
