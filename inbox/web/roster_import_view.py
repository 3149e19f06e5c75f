"""Calendar files with absences: what one would do, and those that were taken in."""

import base64
import binascii

from sqlalchemy.orm import Session

from inbox.flows.roster_import import Plan
from inbox.store import roster_imports as stored
from inbox.web.pages import Frame
from inbox.web.pages_roster import ImportPage, Said, Taken

MOST_LINES = 200
ORDER = ("new", "changed", "gone", "same", "aside")


def taken(session: Session, frame: Frame) -> tuple[Taken, ...]:
    """The newest files of the reader, for leads of all."""
    if not frame.me.writes:
        return ()
    return tuple(
        Taken(
            row.id,
            row.file,
            row.made_at,
            row.added,
            row.changed,
            row.ended,
            row.undone_at is not None,
        )
        for row in stored.newest(session, None if frame.me.leads else frame.me.email)
    )


def import_page(frame: Frame, plan: Plan, raw: bytes, name: str, person: str) -> ImportPage:
    """What the file would do; what changes something first."""
    lines = sorted(plan.lines, key=lambda one: ORDER.index(one.what))
    return ImportPage(
        frame=frame,
        name=name,
        person=person,
        content=base64.b64encode(raw).decode(),
        lines=tuple(
            Said(one.what, one.title, one.person, one.starts_at, one.ends_at, one.why)
            for one in lines[:MOST_LINES]
        ),
        counts=tuple((what, n) for what in ORDER if (n := sum(one.what == what for one in lines))),
        more=max(len(lines) - MOST_LINES, 0),
        changes=plan.changes,
    )


def kept(content: str) -> bytes:
    """The file that the preview kept; nothing where somebody wrote it by hand."""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return b""
