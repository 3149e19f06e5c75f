"""Doing the same to many conversations: choosing them and what is done, and how far a job is."""

from dataclasses import dataclass
from typing import ClassVar

from inbox.domain.actions import NOTHING, Actions
from inbox.web.pages import Frame
from inbox.web.pages_acting import ActionChoices, MacroRow, Part, Planned
from inbox.web.pages_list import Row


@dataclass(frozen=True, slots=True)
class BulkPage:
    """`/bulk/new`. `rows` are conversations of a view, or those that were chosen in the list;
    `chosen` are ticked. `called` names a saved view, or is what was searched for; one job
    takes at most `most`. `reason_missing`: customers wait in some, which can be left out."""

    TEMPLATE: ClassVar[str] = "pages/bulk.html"

    frame: Frame
    view: str
    key: str
    rows: tuple[Row, ...]
    chosen: frozenset[int]
    choices: ActionChoices
    macros: tuple[MacroRow, ...]
    actions: Actions = NOTHING
    called: str = ""
    most: int = 1_000
    macro: int = 0
    trouble: str = ""
    reason_missing: bool = False


@dataclass(frozen=True, slots=True)
class JobItem:
    """One conversation of a job. state: waiting | done | refused | undone."""

    conversation: int
    who: str
    state: str
    parts: tuple[Part, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class JobPage:
    """`/bulk/{id}`. `working`: it goes on; `undoing`: what was done is being taken back. `counts`
    by state; `items` begin with what was refused."""

    TEMPLATE: ClassVar[str] = "pages/job.html"
    PART: ClassVar[str] = "parts/_job.html"

    frame: Frame
    id: int
    name: str
    by: str
    plan: Planned
    total: int
    counts: dict[str, int]
    items: tuple[JobItem, ...]
    working: bool = False
    undoing: bool = False
    more: bool = False

    @property
    def undoable(self) -> bool:
        """Whether there is something to take back, or to stop."""
        some = self.counts.get("done") or self.counts.get("waiting")
        return bool(some) and self.frame.me.writes and not self.undoing

    @property
    def settled(self) -> int:
        """How many conversations the job is through with."""
        if self.undoing:
            return self.total - self.counts.get("done", 0)
        return self.total - self.counts.get("waiting", 0)
