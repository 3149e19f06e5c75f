"""What falls due in each coming shift, and what falls due while nobody is on duty.

Cover is a partition of the time ahead (`roster.cover`), so everything that is due in it falls into
exactly one span: [starts_at, ends_at).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inbox.domain.roster import Span


@dataclass(frozen=True, slots=True)
class Due:
    """Something that falls due. `target` is public, or that of a case clock."""

    conversation_id: int
    target: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Alone:
    """Something that falls due while nobody is on duty.

    `answer_by` is when the last people before it leave; None where nobody is on duty from now until
    then: it will be late. `cover_at` is when somebody is there again; None not within the forecast.
    """

    due: Due
    answer_by: datetime | None
    cover_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """How much falls due in a span; nobody is there where `people` is empty."""

    span: Span
    due: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`alone` by due time; `ahead` in order of time, without gap."""

    alone: tuple[Alone, ...]
    ahead: tuple[Ahead, ...]

    @property
    def late(self) -> int:
        """What will be late because nobody is there until it is due."""
        return sum(1 for one in self.alone if one.answer_by is None)


def forecast(due: Iterable[Due], cover: Sequence[Span]) -> Forecast:
    """What is due outside the cover is left out."""
    starts = [span.starts_at for span in cover]
    counts = [0] * len(cover)
    alone = []
    for one in sorted(due, key=lambda d: (d.due_at, d.conversation_id, d.target)):
        at = bisect_right(starts, one.due_at) - 1
        if at < 0 or one.due_at >= cover[at].ends_at:
            continue
        counts[at] += 1
        if not cover[at].people:
            leave = next((s.ends_at for s in reversed(cover[:at]) if s.people), None)
            come = next((s.starts_at for s in cover[at + 1 :] if s.people), None)
            alone.append(Alone(one, leave, come))
    return Forecast(tuple(alone), tuple(map(Ahead, cover, counts)))
