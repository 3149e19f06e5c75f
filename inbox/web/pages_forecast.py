"""The forecast on the page of the roster."""

from dataclasses import dataclass
from datetime import datetime

from inbox.web.pages import Channel


@dataclass(frozen=True, slots=True)
class AloneRow:
    """Something that falls due while nobody is on duty; `clock` names a case clock, empty for an
    answer. See `domain.forecast.Alone`."""

    id: int
    who: str
    channel: Channel
    clock: str
    due_at: datetime
    answer_by: datetime | None
    cover_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShiftAhead:
    """How much falls due in a stretch; `people` by name, of `asked`: fewer are a hole."""

    starts_at: datetime
    ends_at: datetime
    people: tuple[str, ...]
    due: int
    asked: int = 1


@dataclass(frozen=True, slots=True)
class ForecastPart:
    """`late` will be late because nobody is there until they are due; `more` are not listed."""

    late: int
    alone: tuple[AloneRow, ...]
    more: int
    shifts: tuple[ShiftAhead, ...]
