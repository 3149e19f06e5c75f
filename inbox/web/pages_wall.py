"""The page for a screen in the room."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from inbox.store.wall import Since
from inbox.web.pages import Channel, Clock, Frame, Person


@dataclass(frozen=True, slots=True)
class WallRow:
    """Somebody who waits: where they wrote, and how long they have still to wait at most."""

    channel: Channel
    clock: Clock


@dataclass(frozen=True, slots=True)
class WallPage:
    """`/wall`. Of `late` and `soon` the first are listed and all counted, up to one more than a
    thousand; with nothing due soon, `next_at` is when the first falls due."""

    TEMPLATE: ClassVar[str] = "pages/wall.html"

    frame: Frame
    late: int
    soon: int
    late_rows: tuple[WallRow, ...]
    soon_rows: tuple[WallRow, ...]
    next_at: datetime | None
    on_duty: tuple[Person, ...]
    has_roster: bool
    hour: Since
    is_light: bool = False
