"""Clocks of the whole matter beside the conversation."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PauseLine:
    """A stretch in which it was not on us. `on`: customer, third; `why` is what put it there; `by`
    is empty for the customer or somebody outside; `until` None while it lasts."""

    on: str
    since: datetime
    until: datetime | None
    lasted_s: float
    why: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One clock. `verdict` is of `domain.case_clocks.Outcome`; `due_at` None while it stands still
    with time left. `calendar` is empty for clock time; `of_team` is whose it is where it counts
    `instead_of` another."""

    kind: str
    name: str
    verdict: str
    target: str
    version: int
    calendar: str
    calendar_version: int
    opened_by: int
    opened_at: datetime
    due_at: datetime | None
    used_s: float
    budget_s: float
    left_s: float | None
    ended_at: datetime | None
    ended_by: int | None
    pauses: tuple[PauseLine, ...] = ()
    of_team: str = ""
    instead_of: str = ""

    @property
    def late(self) -> bool:
        return self.verdict in ("overdue", "breached")

    @property
    def stands_still(self) -> PauseLine | None:
        """The pause that lasts, if one does."""
        last = self.pauses[-1] if self.pauses else None
        return last if last and last.until is None and self.ended_at is None else None


@dataclass(frozen=True, slots=True)
class Said:
    """A message that can be chosen."""

    id: int
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A complaint that stands. `final_id` is the answer that was the final response."""

    template: str
    source: str
    message_id: int
    reason: str
    at: datetime
    by: str
    final_id: int | None
    final_by: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A template. `deadlines` are (name, target)."""

    id: str
    name: str
    deadlines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cases:
    """The clocks of the episode in hand and all that still run, and the complaint, if it is one.

    With `may`, a person may mark the conversation: with which `templates`, by which message of the
    customer, and which answer ended it. `proposed`: the classifier's tag looks like a complaint.
    """

    clocks: tuple[CaseLine, ...] = ()
    marked: Marked | None = None
    proposed: bool = False
    may: bool = False
    templates: tuple[Choice, ...] = ()
    said: tuple[Said, ...] = ()
    answers: tuple[Said, ...] = ()


NO_CASES = Cases()
