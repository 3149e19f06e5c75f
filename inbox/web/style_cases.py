"""Clocks of whole matters for the pages of `/style`."""

from dataclasses import replace
from datetime import timedelta

from inbox.web.pages_cases import CaseLine, Cases, Choice, Marked, PauseLine, Said
from inbox.web.style_people import NOW

DAY = 86_400.0
_OPENED = NOW - timedelta(hours=50)
_ANSWERED = PauseLine(
    on="customer",
    since=NOW - timedelta(hours=40),
    until=NOW - timedelta(hours=28),
    lasted_s=12 * 3600.0,
    why="answered",
    by="Ada Voss",
    reason="",
)
_REVIEW = CaseLine(
    kind="resolution",
    name="Refund review",
    verdict="running",
    target="3bd",
    version=1,
    calendar="working days",
    calendar_version=2,
    opened_by=101,
    opened_at=_OPENED,
    due_at=NOW + timedelta(hours=44),
    used_s=38 * 3600.0,
    budget_s=82 * 3600.0,
    left_s=44 * 3600.0,
    ended_at=None,
    ended_by=None,
    pauses=(_ANSWERED,),
)
_REPLY = replace(
    _REVIEW,
    kind="complaint",
    name="Complaint: Full reply",
    target="15bd",
    due_at=NOW + timedelta(days=19),
    used_s=50 * 3600.0,
    budget_s=15 * DAY,
    left_s=15 * DAY - 50 * 3600,
    pauses=(),
)
SAMPLE_CASES = Cases(
    clocks=(_REPLY, _REVIEW),
    marked=Marked(
        template="PSD2 (payment services, EU and EEA)",
        source="Directive (EU) 2015/2366, Article 101(2)",
        message_id=101,
        reason="says that she will write to the ombudsman",
        at=NOW - timedelta(hours=20),
        by="Ada Voss",
        final_id=None,
        final_by="",
    ),
    may=True,
    said=(Said(101, _OPENED, "银行说没有收到退款"),),
    answers=(Said(102, NOW - timedelta(hours=24), "Thank you for telling us, Lin Yue."),),
)
_FULL = (("Full reply", "15bd"), ("Latest final reply, after a holding reply", "35bd"))
SAMPLE_PROPOSED = Cases(
    proposed=True,
    may=True,
    templates=(Choice("psd2", "PSD2 (payment services, EU and EEA)", _FULL),),
    said=(Said(101, _OPENED, "银行说没有收到退款"),),
)
