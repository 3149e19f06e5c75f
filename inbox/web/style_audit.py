"""Samples of the audit log."""

from dataclasses import replace
from datetime import timedelta

from inbox.flows.history import Happened
from inbox.web.pages import Frame
from inbox.web.pages_audit import ActRow, AuditPage
from inbox.web.render import Context
from inbox.web.style_people import NOW
from templates.happened import Said, Value

MINUTE = timedelta(minutes=1)
BO = "bo@lumenpay.example"


def audit_pages(frame: Frame) -> dict[str, Context]:
    """The log, and one in which nothing fits."""
    ada = "Ada Voss"
    role: dict[str, Value] = {"before": Said("agent", "role"), "role": Said("lead", "role")}
    scopes: dict[str, Value] = {"person": BO, "scopes": "conversations:read, reports:read"}
    invited: dict[str, Value] = {"email": "mara@lumenpay.example", "role": Said("agent", "role")}
    warned: dict[str, Value] = {"part": 90, "n": 2}
    talk = {"noun": "conversation", "number": "13", "name": "林月 Lin Yue"}
    rows = (
        ActRow(
            Happened(NOW - 4 * MINUTE, "role", name=ada, values=role),
            *("user", "2", "Bo Narin", "/people/2"),
        ),
        ActRow(
            Happened(NOW - 9 * MINUTE, "invite", name=ada, values=invited),
            *("invitation", "7"),
        ),
        ActRow(
            Happened(NOW - 31 * MINUTE, "warn", by="system", values=warned),
            **talk,
            href="/conversations/13",
        ),
        ActRow(
            Happened(NOW - 50 * MINUTE, "excuse", name="Bo Narin", quote=Said("thanks", "reason")),
            **talk,
            href="/conversations/13",
        ),
        ActRow(
            Happened(NOW - 26 * 60 * MINUTE, "token_add", name=ada, values=scopes),
            *("token", "3"),
        ),
        ActRow(
            Happened(NOW - 27 * 60 * MINUTE, "sla.change", by="cli"),
            *("policies", "4"),
        ),
        ActRow(
            Happened(NOW - 28 * 60 * MINUTE, "other", name=ada, values={"action": "tea.made"}),
            *("pot", "1"),
        ),
    )
    people = (("ada@lumenpay.example", ada), (BO, "Bo Narin"))
    page = AuditPage(frame, rows, people, older="x")
    empty = replace(page, rows=(), who=BO, kind="data", first="2026-11-02", older=None)
    return {"audit": page, "audit-empty": empty}
