"""The page of mailed reports: who gets them, how they look, and what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode

from inbox.web.pages import Frame
from templates import LOCALES
from templates.periods import KINDS, ReportKind

Width = Literal["", "desktop", "phone", "text"]
"""How a mail is looked at; empty: as wide as the reader's own screen has it."""
Theme = Literal["light", "dark"]
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
"""What the frame of a mail may: its links open windows of their own. Nothing runs in it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets reports: `kinds` are some of `KINDS`, `at` a local time, empty at the brand's.
    `next_at`: when their next mail leaves."""

    id: int
    address: str
    kinds: tuple[str, ...]
    locale: str
    at: str
    next_at: datetime


@dataclass(frozen=True, slots=True)
class ReaderForm:
    """What was entered. `id` is the reader who is changed, 0 for a new one; `wrong` names the field
    that `reason` is about."""

    id: int = 0
    address: str = ""
    kinds: tuple[str, ...] = KINDS
    locale: str = "en"
    at: str = ""
    wrong: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """Which mail is shown, how wide, in which colours; `text` is its plain words."""

    kind: ReportKind = "day"
    locale: str = "en"
    width: Width = ""
    theme: Theme = "light"

    @property
    def query(self) -> str:
        return urlencode(asdict(self))

    @property
    def html(self) -> str:
        """Where the mail is as a page of its own."""
        asked = {"kind": self.kind, "locale": self.locale, "theme": self.theme}
        return f"/reports/mails/preview?{urlencode(asked)}"

    def other(self, **changes: Any) -> str:
        """The page with another choice."""
        return f"/reports/mails?{replace(self, **changes).query}#look"


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail's head and its plain words."""

    sender: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A mail that was tried out, and why it did not leave; an empty reason: the server took it."""

    at: datetime
    address: str
    kind: str
    locale: str
    reason: str


@dataclass(frozen=True, slots=True)
class TryForm:
    """Where a test goes, and why the one before did not leave."""

    to: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done just now: added, changed, same (nothing was new), removed, restored, again,
    late (nothing can be sent again), tested. `reader` is who they are now, if they are there."""

    what: str
    address: str
    id: int = 0
    reader: Reader | None = None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportMailsPage:
    """`/reports/mails`. `log` are mails as `reports.mails.told` tells them, each with its `days`,
    the newest first; `older` is where it goes on. `form` is of who is changed, or what was wrong
    with somebody new, whose form begins as `blank`. Forms and `preview` are for admins."""

    TEMPLATE: ClassVar[str] = "pages/report_mails.html"

    frame: Frame
    readers: tuple[Reader, ...]
    report_at: str
    mail_server: bool
    log: Sequence[Mapping[str, Any]]
    older: str | None = None
    form: ReaderForm | None = None
    blank: ReaderForm = ReaderForm()
    look: Look = Look()
    preview: Preview | None = None
    test: TryForm = TryForm("")
    tests: tuple[Tried, ...] = ()
    done: Done | None = None
    sandbox: str = SANDBOX
    kinds: tuple[str, ...] = KINDS
    locales: tuple[tuple[str, str], ...] = tuple(LOCALES.items())
