"""The page of one's own notices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import ClassVar

from inbox.web.pages import Channel, Frame

FOLD_FROM = 4
"""So many notices of one look are one line that opens."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One line. `kind` is one of `store.tables.Notice`.

    `why` of an answer that was stopped: customer, answered.
    Of a warning `why`: assignee, lead, wide; `due_at` is the wait's due time now, `waits` False: it
    has ended; `clock` names a case clock, empty for a wait. `by` and `words` are of colleagues' and
    customers' doings, `times` since it was read. Of a surge `times` are its people,
    `category` is what it is about.
    """

    id: int
    at: datetime
    kind: str
    read: bool
    conversation: int = 0
    why: str = ""
    by: str = ""
    words: str = ""
    times: int = 1
    who: str = ""
    channel: Channel | None = None
    category: str = ""
    target: str = "public"
    part: int = 0
    due_at: datetime | None = None
    waits: bool = True
    endpoint: int = 0
    endpoint_name: str = ""
    reason: str = ""
    clock: str = ""
    surge: int = 0

    @property
    def late(self) -> bool:
        return self.part == 100


@dataclass(frozen=True, slots=True)
class Look:
    """What was told at once: after a standstill that can be many waits."""

    at: datetime
    notices: tuple[Notice, ...]

    @property
    def folded(self) -> bool:
        return len(self.notices) >= FOLD_FROM

    @property
    def late(self) -> int:
        return sum(1 for one in self.notices if one.late)

    @property
    def unread(self) -> int:
        return sum(1 for one in self.notices if not one.read)


@dataclass(frozen=True, slots=True)
class NoticesPage:
    """`/notices`. `older` leads to the notices before these."""

    TEMPLATE: ClassVar[str] = "pages/notices.html"

    frame: Frame
    looks: tuple[Look, ...]
    older: str | None = None

    @property
    def newest(self) -> int:
        """What "all" means to who reads this page: nothing that came after it."""
        return max((one.id for look in self.looks for one in look.notices), default=0)


def looks(notices: Iterable[Notice]) -> tuple[Look, ...]:
    """Notices, newest first; the warnings of one look together."""
    together = groupby(notices, key=lambda one: (one.at, one.kind == "warning" or one.id))
    return tuple(Look(at, tuple(group)) for (at, _), group in together)
