"""What a calendar file would do to the roster, before it does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from connectors.core.contract import word
from inbox.domain import roster_written
from inbox.domain.roster import Shift
from inbox.domain.written import Document

What = Literal["new", "changed", "gone", "same", "aside"]

NOBODY = word("it names nobody of the team")
OURS = word("it comes from this roster")


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one time in the file. `why` it is put aside."""

    what: What
    title: str
    user_id: int = 0
    person: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    why: str = ""
    uid: str = ""
    before: int = 0
    """The absence that stands for it until now."""
    shift: Shift | None = None
    """The weekly shift that it is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do, by begin; of shifts, whom it names that nobody knows, and the roster
    that it would make."""

    lines: tuple[Line, ...]
    unknown: tuple[str, ...] = ()
    document: Document | None = None

    def count(self, what: What) -> int:
        return sum(1 for one in self.lines if one.what == what)

    @property
    def changes(self) -> bool:
        return any(one.what in ("new", "changed", "gone") for one in self.lines)


def told(line: Line) -> dict[str, Any]:
    """A line as programs are told it."""
    return {
        "what": line.what,
        "title": line.title,
        "person": line.person or None,
        "starts_at": line.starts_at,
        "ends_at": line.ends_at,
        "why": line.why or None,
        "shift": roster_written.whole_row(line.shift) if line.shift else None,
    }
