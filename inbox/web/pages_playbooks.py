"""The pages of playbooks, and the one that stands beside a conversation."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from inbox.domain.playbooks import PARTS
from inbox.web.pages import Frame
from inbox.web.pages_answers import CannedVersionRow
from inbox.web.pages_composer import Pick


@dataclass(frozen=True, slots=True)
class PlaybookRow:
    """A playbook in the list. `about` is its topic in words, "" for the whole category; `lead` its
    first step in the reader's language."""

    place: str
    category: str
    about: str
    lead: str
    langs: tuple[str, ...] = ()
    steps: int = 0


@dataclass(frozen=True, slots=True)
class PlaybooksPage:
    """`/playbooks`. `missing` are places without a playbook of ours (place, category, topic);
    `ready`: for how many of them there is one to take over. done: "" | saved | removed | restored
    | adopted | read; `counts` (new, changed, same) and `refused` tell of a file that was read."""

    TEMPLATE: ClassVar[str] = "pages/playbooks.html"

    frame: Frame
    rows: tuple[PlaybookRow, ...] = ()
    missing: tuple[tuple[str, str, str], ...] = ()
    ready: int = 0
    done: str = ""
    counts: tuple[int, int, int] = (0, 0, 0)
    refused: tuple[tuple[int, str], ...] = ()

    @property
    def groups(self) -> tuple[tuple[str, tuple[PlaybookRow, ...]], ...]:
        """The rows of each category."""
        keys = dict.fromkeys(row.category for row in self.rows)
        return tuple((key, tuple(r for r in self.rows if r.category == key)) for key in keys)


@dataclass(frozen=True, slots=True)
class Written:
    """A language of the form: the lines of each part, joined by newlines."""

    lang: str
    parts: dict[str, str]


@dataclass(frozen=True, slots=True)
class PlaybookPage:
    """`/playbooks/edit?place=…`: the form, or for readers its words, and the versions. `version` 0
    is new; `more` is what was typed for another language whose code is none; `answers` are
    shortcuts, those in `unknown` no answer of the team has."""

    TEMPLATE: ClassVar[str] = "pages/playbook.html"

    frame: Frame
    place: str
    category: str
    about: str
    texts: tuple[Written, ...]
    answers: str = ""
    unknown: tuple[str, ...] = ()
    version: int = 0
    removed: bool = False
    may_write: bool = True
    versions: tuple[CannedVersionRow, ...] = ()
    done: str = ""
    trouble: str = ""
    more: Written | None = None
    parts: tuple[tuple[str, str], ...] = tuple(PARTS.items())


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step in a conversation; `by` and `at` of who did it."""

    key: str
    text: str
    by: str = ""
    at: datetime | None = None

    @property
    def done(self) -> bool:
        return self.at is not None


@dataclass(frozen=True, slots=True)
class PlaybookPanel:
    """Beside a conversation. `parts` are (name of the part, its steps), `rules` (name, lines)."""

    place: str
    category: str
    about: str
    version: int
    older: bool
    lang: str
    parts: tuple[tuple[str, tuple[StepRow, ...]], ...]
    rules: tuple[tuple[str, tuple[str, ...]], ...] = ()
    answers: tuple[Pick, ...] = field(default=())

    @property
    def steps(self) -> tuple[StepRow, ...]:
        return tuple(step for _, steps in self.parts for step in steps)
