"""What the answer's form shows: the ways to answer, its files, its words."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from inbox.web.pages import Frame

Counting = Literal["chars", "graphemes", "utf16", "bytes", "x"]
FileState = Literal["", "waiting", "stored", "refused", "draft"]


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message. `id` 0: only its name is known.

    state: waiting (for the platform), stored, refused (`why` in plain words), draft (chosen for an
    answer). `pictured`: there is a picture of it, or one is awaited. `mime` is what its bytes say,
    before that what the sender says.
    """

    id: int
    name: str
    mime: str = ""
    size: int | None = None
    state: FileState = "stored"
    why: str = ""
    pictured: bool = False

    @property
    def kind(self) -> str:
        """In one word: `PDF`, `MP4`, `DOCX`: the name's ending, else the type's."""
        _, dot, ending = self.name.rpartition(".")
        shown = ending if dot and ending.isalnum() and len(ending) <= 5 else ""
        return (shown or self.mime.rpartition("/")[2][:12]).upper()


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to answer. `limit` in the platform's `unit` (None: no limit).

    `counting` tells the browser how to count (x: weighted, links 23). The server's count rules.
    `moves` takes a public matter into private. `shut` says in plain words why this way is closed;
    `closes_at` is the end of the platform's reply window. `takes` are the types of files that it
    takes (empty: none), of `most_bytes` each. `mention` is put before an answer that lacks it: text
    and length. `also_to` are the (address, name) of who gets it, too.
    """

    key: Literal["public", "private", "all"]
    limit: int | None = None
    unit: str = ""
    counting: Counting = "chars"
    closes_at: datetime | None = None
    shut: str = ""
    moves: bool = False
    takes: tuple[str, ...] = ()
    most_bytes: int = 0
    mention: tuple[str, int] = ("", 0)
    also_to: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pick:
    """A canned answer to choose, filled in for the customer; `missing` have no value here."""

    id: int
    name: str
    shortcut: str
    lang: str
    text: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picks:
    """What opens above the answer's words when a canned one is asked for."""

    PART: ClassVar[str] = "parts/_picks.html"

    frame: Frame
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class Later:
    """When an answer may leave instead: (name, instant, what speaks against it). `asked` is
    the local time that was asked for and needs a second word."""

    choices: tuple[tuple[str, datetime, str], ...] = ()
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Composer:
    """The answer's form. `key` is a fresh idempotency key; on the page `shown` is the last stored
    message, `seen_reply` the newest row of the outbox.

    errors: empty | long | braces | file | shut | secret | newer | answered | others | time | late |
    again | twice
    (what the platform or a colleague said is in `why`).
    `kept` are files that came with the form before and stay with it. `canned` is the canned answer
    in the words, `picks` are some to choose from where no script opens their list.
    `twice` is the answer that has these very words.
    """

    conversation: int
    modes: tuple[Mode, ...]
    active: str
    key: str
    shown: int
    seen_reply: int = 0
    text: str = ""
    error: str = ""
    why: str = ""
    kept: tuple[File, ...] = ()
    most_files: int = 10
    canned: int | None = None
    picks: tuple[Pick, ...] = ()
    later: Later = Later()
    twice: int = 0

    @property
    def takes_files(self) -> bool:
        """Whether some way to answer takes files."""
        return any(mode.takes for mode in self.modes if not mode.shut)

    @property
    def mode(self) -> Mode | None:
        """The way that is chosen at first."""
        return next((mode for mode in self.modes if mode.key == self.active), None)
