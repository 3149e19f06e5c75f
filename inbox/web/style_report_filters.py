"""Samples of reports of a part of the desk."""

from dataclasses import replace

from inbox.web import render
from inbox.web.pages import Frame
from inbox.web.pages_report import BehindView, ReportView
from inbox.web.style_report import (
    sample_behind,
    sample_broken,
    sample_quiet,
    sample_report,
    sample_waits,
)
from templates.filters import Choices, Filter
from templates.histogram import Waits
from templates.report import Answers, ReportPage

ADA, BO = "ada@lumenpay.example", "bo@lumenpay.example"
PEOPLE = {ADA: "Ada Voss", BO: "Bo Narin"}
CHOICES = Choices(
    {
        "channel": {"email": "E-mail", "webhook": "Webhook", "x": "X"},
        "account": {"email help@lumenpay.example": "", "webhook shop": "", "x @lumenpay": ""},
        "category": {"account": "", "payment": "", "refund": "", "spam": "", "untagged": ""},
        "urgency": {"critical": "", "high": "", "normal": "", "low": "", "untagged": ""},
        "language": {"de": "", "en": "", "zh": "", "unknown": ""},
        "team": {"Cards": "", "everyone": ""},
        "agent": PEOPLE | {"outside": ""},
    }
)
PART = Filter(channel=("x", "email"), category=("payment",), team=("Cards",))


def filtered_pages(frame: Frame) -> dict[str, render.Context]:
    """Each page under a file name."""
    whole = replace(sample_report(), edition=None)
    late = tuple(
        one
        for one in sample_broken()
        if one.channel in PART.channel and one.category in PART.category
    )
    behind = replace(sample_behind(), filter=PART).with_waits(late, len(late))
    return {
        "report-part": _page(frame, replace(whole, filter=PART)),
        "report-person": _page(frame, _of_ada(whole)),
        "report-nothing": _page(frame, replace(sample_quiet(), filter=PART, drills=True)),
        "report-behind-part": BehindView(frame, behind),
    }


def _page(frame: Frame, report: ReportPage) -> ReportView:
    return ReportView(frame, report, choices=CHOICES)


def _of_ada(whole: ReportPage) -> ReportPage:
    return replace(
        whole,
        filter=Filter(agent=(ADA,)),
        people=PEOPLE,
        figures=replace(
            whole.figures,
            answers=Answers(221, 218),
            first_response_s=replace(whole.figures.first_response_s, count=146),
            next_response_s=replace(whole.figures.next_response_s, count=75),
        ),
        waits=Waits.of(sample_waits()[::3]),
        by_agent=tuple(one for one in whole.by_agent if one.name == "Ada Voss"),
        by_hour={},
        backlog=None,
        ahead=None,
        late_now=(),
        broken=(),
    )
