"""Calendar files with absences or shifts: what one would do, and those that were taken in."""

import base64
import binascii

from sqlalchemy.orm import Session

from inbox.flows.roster_plan import Line, Plan
from inbox.store import roster_imports as stored
from inbox.web.pages import A_WEEK, Frame
from inbox.web.pages_roster import ImportPage, Said, Taken, Weekly

MOST_LINES = 200
MOST_UNKNOWN = 50
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
            row.version is not None,
        )
        for row in stored.newest(session, None if frame.me.leads else frame.me.email)
    )


def import_page(
    frame: Frame, plan: Plan, raw: bytes, name: str, person: str, shifts: bool
) -> ImportPage:
    """What the file would do; what changes something first."""
    lines = sorted(plan.lines, key=lambda one: ORDER.index(one.what))
    return ImportPage(
        frame=frame,
        name=name,
        person=person,
        content=base64.b64encode(raw).decode(),
        lines=tuple(
            Said(
                one.what,
                one.title,
                one.person,
                one.starts_at,
                one.ends_at,
                one.why,
                _weekly(one),
            )
            for one in lines[:MOST_LINES]
        ),
        counts=tuple((what, n) for what in ORDER if (n := sum(one.what == what for one in lines))),
        more=max(len(lines) - MOST_LINES, 0),
        changes=plan.changes,
        shifts=shifts,
        unknown=plan.unknown[:MOST_UNKNOWN],
        weekdays=A_WEEK,
    )


def _weekly(line: Line) -> Weekly | None:
    shift = line.shift
    if shift is None:
        return None
    return Weekly(shift.weekdays, len(shift.groups), shift.until, len(shift.without))


def kept(content: str) -> bytes:
    """The file that the preview kept; nothing where somebody wrote it by hand."""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return b""
