"""Samples of the page of warnings."""

from dataclasses import replace
from datetime import timedelta

from inbox.flows.noticing import Told
from inbox.web.pages import Frame, channel
from inbox.web.pages_warnings import Notice, WarningsPage, looks
from inbox.web.style_people import NOW

MINUTE = timedelta(minutes=1)
X = channel("x", "X")
MAIL = channel("email", "E-mail")


def sample_warnings(frame: Frame) -> WarningsPage:
    """Unread ones, a standstill's at once, some that have ended, and a webhook."""
    late = Notice(
        *(9, NOW - 3 * MINUTE, "wide", False, 13, "林月 Lin Yue", X, "refund", "public", 100),
        due_at=NOW - 3 * MINUTE,
    )
    soon = Notice(
        *(8, NOW - 40 * MINUTE, "lead", False, 14, "Tomás Reis", MAIL, "payment", "internal", 75),
        due_at=NOW + 20 * MINUTE,
    )
    ended = replace(soon, id=7, at=NOW - 90 * MINUTE, read=True, waits=False, target="public")
    hook = Notice(
        *(6, NOW - 120 * MINUTE, "wide", True),
        endpoint=2,
        endpoint_name="Team chat",
        reason="It answered 410: it wants nothing any more.",
    )
    before = NOW - timedelta(hours=8)
    at_once = [
        replace(late, id=5 - n, at=before, read=True, who=who, part=part, why="assignee")
        for n, (who, part) in enumerate(
            (("Ines Faria", 100), ("Marek", 100), ("Anouk de Wit", 90), ("小陈", 75))
        )
    ]
    return WarningsPage(
        replace(frame, notices=2), looks([late, soon, ended, hook, *at_once]), "/warnings?before=2"
    )


def sample_warned() -> tuple[Told, ...]:
    """What a conversation's side shows: told at 75 %, then when it was late."""
    lead = ("Bo Narin", "bo@lumenpay.example", "lead", ("app",))
    ada = ("Ada Voss", "ada@lumenpay.example", "assignee", ("app",))
    mailed = (*ada[:3], ("app", "mail"))
    cy = ("Mina Costa", "mina@lumenpay.example", "wide", ("app", "mail"))
    due = NOW - 5 * MINUTE
    return (
        Told("public", 100, "social", due, due, due, (mailed, lead, cy)),
        Told("public", 75, "social", due, due - 360 * MINUTE, due - 360 * MINUTE, (ada, lead)),
    )
