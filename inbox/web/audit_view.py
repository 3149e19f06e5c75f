"""The audit log as its page shows it, from the flow's acts."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from inbox.flows import auditing as flow
from inbox.flows.auditing import Act
from inbox.store import audit_log as stored
from inbox.web import permissions
from inbox.web.pages import Frame
from inbox.web.pages_audit import ActRow, AuditPage

PAGE: Final = 50
PLACES: Final[Mapping[str, str]] = {
    "account": "/accounts/{id}",
    "answer": "/answers/{id}",
    "contact": "/contacts/{id}",
    "conversation": "/conversations/{id}",
    "job": "/bulk/{id}",
    "macro": "/macros/{id}",
    "surge": "/surges/{id}",
    "team": "/teams/{id}",
    "user": "/people/{id}",
    "webhook": "/webhooks/{id}",
}
"""Where what an act was about has its page."""


def audit_page(
    session: Session, frame: Frame, who: str, kind: str, first: str, last: str, before: str
) -> AuditPage:
    """`/audit`. Raises `BadDay`, `BadCursor`."""
    wanted = flow.asked(frame.zone, who, kind, first, last)
    found = flow.listed(session, wanted, PAGE, before or None)
    return AuditPage(
        frame,
        tuple(row(one, frame.me.role) for one in found.acts),
        tuple((one.email, one.name) for one in stored.actors(session)),
        who,
        kind,
        first,
        last,
        found.next_cursor,
        bool(before),
    )


def row(act: Act, role: str) -> ActRow:
    """An act; its link only where this role may go."""
    if act.about is None:
        noun, _, number = str(act.row.subject).partition(":")
        return ActRow(act.line, noun, "" if noun == "brand" else number)
    place = PLACES.get(act.about.noun, "")
    may = bool(place) and permissions.allowed(role, "GET", place)
    href = place.format(id=act.about.id) if may else ""
    return ActRow(act.line, act.about.noun, str(act.about.id), act.about.name, href)
