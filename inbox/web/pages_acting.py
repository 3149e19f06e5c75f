"""Several actions at once: macros, what one did to a conversation, and the form of actions."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from inbox.domain.actions import MOVES, UNTIL, Actions
from inbox.web.pages import Frame
from inbox.web.pages_why import CATEGORIES, URGENCIES, Choice


@dataclass(frozen=True, slots=True)
class Planned:
    """Actions in the reader's words: `answer` is the canned answer's name, `topic` its words."""

    actions: Actions
    answer: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class MacroRow:
    """A macro in a list."""

    id: int
    name: str
    plan: Planned
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was done, and once it is taken back whether it could be (`why` not)."""

    verb: str
    kind: str = ""
    back: bool | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a macro did to the conversation at hand, to be taken back."""

    id: int
    name: str
    at: datetime
    by: str
    parts: tuple[Part, ...] = ()
    undone: bool = False


@dataclass(frozen=True, slots=True)
class ActionChoices:
    """What the form of actions offers: `answers` (number, name), `people` (address, name)."""

    answers: tuple[tuple[int, str], ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    categories: tuple[Choice, ...] = CATEGORIES
    urgencies: tuple[Choice, ...] = URGENCIES
    moves: tuple[str, ...] = MOVES
    until: tuple[str, ...] = UNTIL


@dataclass(frozen=True, slots=True)
class MacrosPage:
    """`/macros`. done: "" | removed."""

    TEMPLATE: ClassVar[str] = "pages/macros.html"

    frame: Frame
    rows: tuple[MacroRow, ...] = ()
    done: str = ""
    undo: int = 0


@dataclass(frozen=True, slots=True)
class MacroPage:
    """`/macros/{id}` and `/macros/new` (id 0)."""

    TEMPLATE: ClassVar[str] = "pages/macro.html"

    frame: Frame
    id: int
    name: str
    actions: Actions
    choices: ActionChoices
    plan: Planned
    uses: int = 0
    removed: bool = False
    done: str = ""
    trouble: str = ""
