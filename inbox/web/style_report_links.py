"""Samples of shared reports: the list of links, and what a stranger sees at one."""

from dataclasses import replace
from datetime import timedelta

from inbox.web import render
from inbox.web.pages import Frame
from inbox.web.pages_door import Door
from inbox.web.pages_report_links import EndedLinkPage, Link, LinksPage, SharedReportPage
from inbox.web.style_people import NOW
from inbox.web.style_report import AS_OF, DAY, HOUR, sample_report
from templates.periods import Days
from templates.report import ReportPage


def link_pages(frame: Frame, door: Door) -> dict[str, render.Context]:
    """Each page under a file name."""
    return {
        "report-links": sample_links(frame),
        "report-links-none": LinksPage(frame, ()),
        "report-shared": SharedReportPage(door, sample_shared(), AS_OF + timedelta(days=7)),
        "report-link-expired": EndedLinkPage(door, "expired", AS_OF),
        "report-link-revoked": EndedLinkPage(door, "revoked", AS_OF),
    }


def sample_shared() -> ReportPage:
    """The invented day without anybody's name."""
    return replace(
        sample_report(),
        broken=(),
        late_now=(),
        late_count=0,
        by_agent=(),
        by_team=(),
        mails=(),
        ahead=None,
        drills=False,
        outside=True,
    )


def sample_links(frame: Frame) -> LinksPage:
    """A fresh link, one that was opened, one just revoked, one that ended."""
    day, week = timedelta(days=1), Days.week(DAY)
    links = (
        Link(4, Days.month(DAY), None, "works", "Ada Voss", NOW, NOW + 7 * day, 0, None),
        Link(3, week, 1, "works", "Ada Voss", NOW - day, NOW + 6 * day, 12, NOW - HOUR),
        Link(2, Days.day(DAY), 1, "revoked", "Bo Narin", NOW - day, NOW + 29 * day, 1, NOW),
        Link(1, week.before, 1, "expired", "cli", NOW - 9 * day, NOW - 2 * day, 3, NOW - 4 * day),
    )
    made = "https://desk.lumenpay.example/shared/reports/k4JwExampleOnlyExampleOnlyExampleOnly"
    return LinksPage(frame, links, made, revoked=2)
