"""Samples of the page of notices."""

from dataclasses import replace
from datetime import timedelta

from inbox.flows.noticing import Told
from inbox.web.pages import Frame, channel
from inbox.web.pages_notices import Notice, NoticesPage, looks
from inbox.web.style_people import NOW

MINUTE = timedelta(minutes=1)
X = channel("x", "X")
MAIL = channel("email", "E-mail")


def _by_rule() -> tuple[Notice, Notice]:
    """What nobody of the team did: a surge began, and a rule pointed to a message."""
    surge = Notice(*(7, NOW - 70 * MINUTE, "surge", False), surge=3, times=12, category="account")
    rule = Notice(
        *(7, NOW - 75 * MINUTE, "rule", False, 17),
        who="Ines Faria",
        by="Stolen cards",
        words="My card was stolen, please help",
    )
    return surge, rule


def sample_notices(frame: Frame) -> NoticesPage:
    """Unread ones, a standstill's at once, some that have ended, colleagues', and a webhook."""
    mention = Notice(
        *(11, NOW - MINUTE, "mention", False, 14),
        who="Tomás Reis",
        by="Bo Narin",
        words="@ada the bank says it left on Monday",
    )
    wrote = Notice(
        *(10, NOW - 2 * MINUTE, "message", False, 13),
        who="林月 Lin Yue",
        words="我的退款还没有到账",
        times=3,
    )
    late = Notice(
        *(9, NOW - 3 * MINUTE, "warning", False, 13, "wide"),
        who="林月 Lin Yue",
        channel=X,
        category="refund",
        part=100,
        due_at=NOW - 3 * MINUTE,
    )
    soon = Notice(
        *(8, NOW - 40 * MINUTE, "warning", False, 14, "lead"),
        who="Tomás Reis",
        channel=MAIL,
        category="payment",
        target="internal",
        part=75,
        due_at=NOW + 20 * MINUTE,
    )
    stopped = Notice(
        *(8, NOW - 50 * MINUTE, "stopped", False, 16, "answered"), who="小陈", by="Bo Narin"
    )
    given = Notice(*(7, NOW - 80 * MINUTE, "assigned", True, 14), who="Tomás Reis", by="Lee Ortiz")
    first = Notice(*(7, NOW - 85 * MINUTE, "answered", True, 15), who="Ines Faria", by="Bo Narin")
    ended = replace(soon, id=7, at=NOW - 90 * MINUTE, read=True, waits=False, target="public")
    hook = Notice(
        *(6, NOW - 120 * MINUTE, "webhook", True),
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
    return NoticesPage(
        replace(frame, notices=7),
        looks(
            [mention, wrote, late, soon, stopped, *_by_rule(), given, first, ended, hook, *at_once]
        ),
        "/notices?before=2",
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
