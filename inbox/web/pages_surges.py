"""Many people who write about the same thing: the list of such surges, and one answer to all."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from inbox.flows.surges import Fit
from inbox.web.pages import Channel, Frame


@dataclass(frozen=True, slots=True)
class SurgeCard:
    """A surge in a line: how many people, since when, and the most typical message."""

    id: int
    people: int
    since: datetime
    text: str
    last_at: datetime | None = None
    growing: bool = False
    waiting: int = 0
    closed_at: datetime | None = None
    closed_by: str = ""


@dataclass(frozen=True, slots=True)
class SurgesPage:
    """`/surges`. `rows` are open, `before` are over or were put aside."""

    TEMPLATE: ClassVar[str] = "pages/surges.html"

    frame: Frame
    rows: tuple[SurgeCard, ...] = ()
    before: tuple[SurgeCard, ...] = ()
    least: int = 5


@dataclass(frozen=True, slots=True)
class Offered:
    """A conversation that may be answered. `shown` is its last message, `new` joined since the page
    was opened; `why` an answer before could not be sent."""

    conversation: int
    shown: int
    who: str
    channel: Channel
    words: str
    lang: str = ""
    ticked: bool = False
    new: bool = False
    public: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """The answer in one language: for so `many` of those who are offered. `gets` is the language of
    the text that they get, with `words` empty that of another; `sample` is it as `who` gets it,
    with the variables that have no value in `missing`; `fits` is how it goes out."""

    lang: str
    many: int
    words: str = ""
    gets: str = ""
    sample: str = ""
    who: str = ""
    missing: tuple[str, ...] = ()
    fits: tuple[tuple[Channel, Fit], ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """A conversation that is answered, or was otherwise. state: "" | waiting | done | refused |
    undone, as in a job."""

    conversation: int
    who: str
    state: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class SurgePage:
    """`/surges/{id}`. `waiting_people` are whom the offered conversations are with; `previewed`:
    the words stand as customers get them, and can be sent. `unknown` of the offered write in no
    language that is known; `joined` came since the page was opened. `canned` are answers to begin
    with (number, name). `job` is the newest job, `counts` what became of all by state.
    done: "" | kept | closed | opened."""

    TEMPLATE: ClassVar[str] = "pages/surge.html"

    frame: Frame
    card: SurgeCard
    key: str
    opened: int
    offered: tuple[Offered, ...] = ()
    waiting_people: int = 0
    previewed: bool = False
    texts: tuple[Text, ...] = ()
    texts_by: str = ""
    unknown: int = 0
    joined: int = 0
    canned: tuple[tuple[int, str], ...] = ()
    settled: tuple[Settled, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    job: int = 0
    done: str = ""
    trouble: str = ""

    @property
    def chosen(self) -> int:
        """How many conversations are ticked."""
        return sum(one.ticked for one in self.offered)

    @property
    def has_words(self) -> bool:
        return any(text.words for text in self.texts)
