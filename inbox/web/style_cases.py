"""Clocks of whole matters for the pages of `/style`."""

from datetime import timedelta

from inbox.web.pages_cases import CaseLine, Cases, PauseLine
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
_BANK = PauseLine(
    on="third",
    since=NOW - timedelta(hours=5),
    until=None,
    lasted_s=5 * 3600.0,
    why="third",
    by="Bo Lind",
    reason="the card issuer",
)
SAMPLE_CASES = Cases(
    clocks=(
        CaseLine(
            kind="resolution",
            name="Refund review",
            verdict="paused",
            target="3bd",
            version=1,
            calendar="working days",
            calendar_version=2,
            opened_by=101,
            opened_at=_OPENED,
            due_at=None,
            used_s=33 * 3600.0,
            budget_s=3.4 * DAY,
            left_s=3.4 * DAY - 33 * 3600,
            ended_at=None,
            ended_by=None,
            pauses=(_ANSWERED, _BANK),
        ),
    )
)
