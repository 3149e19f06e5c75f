"""The pages of canned answers: the list, and one of them with its form, preview and versions."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from inbox.domain.answers import VARIABLES
from inbox.web.pages import Frame
from inbox.web.pages_why import CATEGORIES, Choice

MAY_WAIT = (0, 5, 10, 20, 30, 60)
"""Seconds that the form offers, beside those that are set."""


@dataclass(frozen=True, slots=True)
class CannedRow:
    """An answer in the list. `owner` is "" for the team's, else whose it is; `lead` are the first
    words of the text that is shown in the reader's language."""

    id: int
    name: str
    shortcut: str
    category: str
    about: str
    langs: tuple[str, ...]
    lead: str
    uses: int = 0
    owner: str = ""
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Starter:
    """A ready answer that may be taken over, by its shortcut."""

    shortcut: str
    name: str
    category: str
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class AnswersPage:
    """`/answers`. `starters` are offered while the team has no answer; done: "" | removed | adopted
    | leaving | read; `counts` (new, changed, same) and `refused` (line, why) tell of a file that
    was read. `undo_s`: seconds in which a sent answer can be taken back, `may_wait` what is
    offered."""

    TEMPLATE: ClassVar[str] = "pages/answers.html"

    frame: Frame
    rows: tuple[CannedRow, ...] = ()
    query: str = ""
    total: int = 0
    starters: tuple[Starter, ...] = ()
    done: str = ""
    trouble: str = ""
    counts: tuple[int, int, int] = (0, 0, 0)
    refused: tuple[tuple[int, str], ...] = ()
    undo: int = 0
    undo_s: int = 0
    may_wait: tuple[int, ...] = MAY_WAIT


@dataclass(frozen=True, slots=True)
class CannedVersionRow:
    """A version; `removed` when the answer was taken out then."""

    number: int
    by: str
    at: datetime
    name: str = ""
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as a customer would get it; `missing` are variables without a value."""

    lang: str
    text: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """`/answers/{id}` and `/answers/new` (id 0). `place` is `category` or `category.topic`;
    `texts` are (language, words); `shown` is the preview with conversation `sample` of `who`.
    done: "" | saved | restored | shared."""

    TEMPLATE: ClassVar[str] = "pages/answer.html"

    frame: Frame
    id: int
    name: str
    shortcut: str
    texts: tuple[tuple[str, str], ...]
    place: str = ""
    own: bool = False
    owner: str = ""
    version: int = 0
    uses: int = 0
    removed: bool = False
    may_write: bool = True
    shown: tuple[Shown, ...] = ()
    sample: int = 0
    who: str = ""
    versions: tuple[CannedVersionRow, ...] = ()
    done: str = ""
    trouble: str = ""
    categories: tuple[Choice, ...] = CATEGORIES
    variables: tuple[tuple[str, str], ...] = tuple(VARIABLES.items())
