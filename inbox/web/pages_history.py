"""The page of a conversation's history."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import ClassVar
from zoneinfo import ZoneInfo

from inbox.flows.history import Happened
from inbox.web.pages import Frame


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`/conversations/{id}/history`: facts newest first; `older` leads to those before them, and
    `newest` back from there."""

    TEMPLATE: ClassVar[str] = "pages/history.html"

    frame: Frame
    id: int
    who: str
    lines: tuple[Happened, ...]
    older: str | None = None
    newest: str | None = None

    @property
    def days(self) -> list[tuple[date, list[Happened]]]:
        """The lines by the brand's local day."""
        zone = ZoneInfo(self.frame.zone)
        by_day = groupby(self.lines, lambda one: one.at.astimezone(zone).date())
        return [(day, list(lines)) for day, lines in by_day]
