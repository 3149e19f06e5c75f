"""The report in the browser: the shared context inside the signed-in frame."""

from dataclasses import dataclass
from typing import ClassVar

from inbox.web.pages import Frame
from templates.behind import Behind
from templates.filters import NO_CHOICES, Choices
from templates.report import ReportPage


@dataclass(frozen=True, slots=True)
class ReportView:
    """`/reports/{date}`: one day's report; the figures are those of its mail."""

    TEMPLATE: ClassVar[str] = "pages/report.html"

    frame: Frame
    report: ReportPage
    public_key: str = ""  # evidence packs are signed by; empty: the reader may take none
    key_wrong: str = ""  # why nothing can be signed, for who may take one
    pdf: bool = False  # whether it can be taken as PDF here
    choices: Choices = NO_CHOICES
    newest: int = 0  # edition of these days; 0: none is kept


@dataclass(frozen=True, slots=True)
class BehindView:
    """`/reports/behind`: which conversations a figure counts."""

    TEMPLATE: ClassVar[str] = "pages/report_behind.html"

    frame: Frame
    behind: Behind
