"""Samples of a report's editions: by itself, by hand, and of days of which none is kept."""

from inbox.web import render
from inbox.web.pages import Frame
from inbox.web.pages_report_editions import EditionsPage
from inbox.web.style_report import AS_OF, DAY, HOUR
from reports.editions import Kept
from templates.periods import Days


def edition_pages(frame: Frame) -> dict[str, render.Context]:
    """Each page under a file name."""
    days, ada = Days.day(DAY), "ada@lumenpay.example"
    kept = (
        Kept(3, AS_OF + 30 * HOUR, "cli", None, 0, 488, 412, 398, 0, 398 / 412),
        Kept(2, AS_OF + 3 * HOUR, ada, "Ada Voss", 0, 488, 412, 398, 1, 398 / 412),
        Kept(1, AS_OF, None, None, 3, 486, 412, 397, 3, 397 / 412),
    )
    return {
        "report-editions": EditionsPage(frame, days, kept, made=3),
        "report-editions-theirs": EditionsPage(frame, days, kept[1:], theirs=2),
        "report-editions-none": EditionsPage(frame, days.after, ()),
    }
