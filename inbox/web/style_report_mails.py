"""Samples of the page of mailed reports."""

from datetime import date, timedelta
from typing import Any

from inbox.web.pages import Frame
from inbox.web.pages_report_mails import (
    Done,
    Look,
    Preview,
    Reader,
    ReaderForm,
    ReportMailsPage,
    Tried,
    TryForm,
)
from inbox.web.style_people import NOW
from templates.periods import Days

HOUR = timedelta(hours=1)
ADA = Reader(
    1,
    "ada@lumenpay.example",
    ("day", "week", "month"),
    "en",
    "",
    NOW + timedelta(hours=17, minutes=40),
)
LIN = Reader(
    2,
    "lin@lumenpay.example",
    ("week",),
    "zh_Hans_CN",
    "08:30",
    NOW + timedelta(days=3, hours=19, minutes=10),
)
DESK = "Lumen Pay <desk@lumenpay.example>"
SUBJECT = "96.4 % within 24 hours · 3 late now · Lumen Pay · Wednesday 18 November"


def report_mails_pages(frame: Frame) -> dict[str, ReportMailsPage]:
    """With readers, one of them being changed, tests and a log; in plain text with a test that did
    not leave; and empty."""
    taken = Tried(NOW - 2 * HOUR, ADA.address, "week", "zh_Hans_CN", "")
    refused = Tried(NOW - HOUR, "nobody@lumenpay.example", "day", "en", REFUSED)
    look = Preview(DESK, SUBJECT, "Lumen Pay, daily report\n\n96.4 %\n")
    return {
        "report-mails": ReportMailsPage(
            frame,
            (ADA, LIN),
            "07:00",
            True,
            _log(),
            "/reports/mails?before=3#log",
            ReaderForm(2, LIN.address, (), LIN.locale, LIN.at, "kinds", NONE),
            preview=look,
            test=TryForm(ADA.address),
            tests=(taken,),
            done=Done("changed", ADA.address, 1, ADA, ("kinds", "at")),
        ),
        "report-mails-text": ReportMailsPage(
            frame,
            (ADA, LIN),
            "07:00",
            True,
            _log()[:1],
            look=Look(width="text"),
            preview=look,
            test=TryForm("nobody@lumenpay.example", REFUSED),
            tests=(refused, taken),
            done=Done("removed", "old@lumenpay.example", 3),
        ),
        "report-mails-empty": ReportMailsPage(
            frame, (), "07:00", False, [], preview=look, test=TryForm(ADA.address)
        ),
    }


REFUSED = "The mail server answered 550: 5.1.1 No such user"
NONE = "Choose at least one report."


def _log() -> list[dict[str, Any]]:
    days = Days.day(date(2026, 11, 18))
    mail: dict[str, Any] = {"kind": "day", "days": days, "accepted_at": None, "not_before": None}
    mail |= {"edition": 1, "recipient": ADA.address, "tries": 0, "reason": None}
    return [
        mail | {"id": 7, "state": "queued", "not_before": NOW + HOUR},
        mail | {"id": 6, "state": "accepted", "accepted_at": NOW - 6 * HOUR, "tries": 1},
        mail
        | {"id": 5, "state": "queued", "tries": 2, "not_before": NOW + HOUR / 60, "reason": DOWN},
        mail | {"id": 4, "state": "refused", "tries": 1, "reason": REFUSED},
        mail | {"id": 3, "state": "removed", "recipient": "old@lumenpay.example"},
    ]


DOWN = "The mail server could not be reached."
