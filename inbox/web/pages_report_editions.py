"""The editions of a report: which there are, and what changed from one to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from inbox.web.pages import Frame
from reports.editions import Kept
from templates.periods import Days


@dataclass(frozen=True, slots=True)
class EditionsPage:
    """`/reports/editions`: those of a day, week or month, the newest first. `made` is the number of
    one that was made just now, `theirs` of one that somebody made before this reader's press."""

    TEMPLATE: ClassVar[str] = "pages/report_editions.html"

    frame: Frame
    days: Days
    editions: tuple[Kept, ...]
    made: int | None = None
    theirs: int | None = None

    @property
    def pairs(self) -> Sequence[tuple[Kept, Kept | None]]:
        """Each with the one before it."""
        first = ((one, None) for one in self.editions[-1:])
        return [*pairwise(self.editions), *first]

    def one(self, number: int | None) -> Kept | None:
        return next((one for one in self.editions if one.number == number), None)
