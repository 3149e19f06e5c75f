"""The brand's time zone changes: calendars without a zone of their own follow it.

A calendar's version counts for ever in the zone that it was made with, so that no verdict changes
behind anybody's back. Those that follow the brand get a version of their own: open turns are judged
anew by it, and turns that have ended keep their verdict.
"""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from inbox.store import audit
from inbox.store import promises as stored
from inbox.store.session import lock_promises
from inbox.store.tables import CalendarVersion

EVER = datetime(1970, 1, 1, tzinfo=UTC)


def first_zone(session: Session, zone: str, *, actor: str, now: datetime) -> None:
    """The brand has a zone for the first time. It judges what was stored before, too."""
    if stored.anything_judged(session):
        stored.pin_zone(session, "UTC")
        follow(session, zone, actor=actor, now=now, since=EVER)
    stored.pin_zone(session, zone)


def follow(
    session: Session, zone: str, *, actor: str, now: datetime, since: datetime | None = None
) -> None:
    """New versions in this zone of the calendars that name none, where it is another."""
    lock_promises(session, change=True)
    newest = {row.name: row for row in stored.calendar_versions(session)}
    for row in newest.values():
        if row.said.get("zone") or row.zone == zone:
            continue
        made = CalendarVersion(
            name=row.name,
            number=row.number + 1,
            said=row.said,
            published=row.published,
            not_final=row.not_final,
            base=row.base,
            exceptions=row.exceptions,
            zone=zone,
            since=since or now,
            made_at=now,
            made_by=actor,
        )
        session.add(made)
        session.flush()
        subject = f"calendar:{row.name}"
        audit.record(session, actor, "sla.change", subject, now, version=made.number, zone=zone)
