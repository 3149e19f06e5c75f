"""Links to reports: the list for leads, and what a stranger sees at one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from inbox.web.pages import Frame
from inbox.web.pages_door import Door
from templates.periods import Days
from templates.report import ReportPage


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a report. `state`: works, expired or revoked; `edition` None: not a stored one."""

    id: int
    days: Days
    edition: int | None
    state: str
    person: str
    made_at: datetime
    expires_at: datetime
    opened: int
    opened_at: datetime | None


@dataclass(frozen=True, slots=True)
class LinksPage:
    """`/reports/links`. `made` is a fresh address, shown on this page only; `revoked` the number of
    the link that was just ended."""

    TEMPLATE: ClassVar[str] = "pages/report_links.html"

    frame: Frame
    links: tuple[Link, ...]
    made: str = ""
    revoked: int = 0

    @property
    def undo(self) -> Link | None:
        """What can be taken back."""
        found = (one for one in self.links if one.id == self.revoked and one.state == "revoked")
        return next(found, None)


@dataclass(frozen=True, slots=True)
class SharedReportPage:
    """`/shared/reports/{token}`: one report, without anybody's name and without a way on."""

    TEMPLATE: ClassVar[str] = "pages/report_shared.html"

    door: Door
    report: ReportPage
    until: datetime


@dataclass(frozen=True, slots=True)
class EndedLinkPage:
    """The same after its end. `state`: expired, at `until`, or revoked."""

    TEMPLATE: ClassVar[str] = "pages/report_ended.html"

    door: Door
    state: str
    until: datetime
