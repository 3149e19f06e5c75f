"""Calendar files (RFC 5545) as calendar programs take them.

Instants are written in UTC, so that no program needs to know a zone's rules to show them right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from connectors.core.text import clean

if TYPE_CHECKING:
    from icalendar import Event as Component

PRODUCER: Final = "-//Replydesk//Roster//EN"
OURS: Final = "@replydesk"
"""How the `uid` of our own events ends."""
SHIFT: Final = "SHIFT"
"""The category of our own events that are whole shifts, and can be read in as such."""
REFRESH: Final = timedelta(hours=1)
"""How often a program that subscribes is asked to look again."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event, [starts_at, ends_at). `uid` names it for good; `sequence` never falls.

    `busy` makes its time look taken; `off` withdraws what a file said before; a `shift`
    can be read in as one.
    """

    uid: str
    starts_at: datetime
    ends_at: datetime
    title: str
    sequence: int
    changed_at: datetime
    busy: bool = False
    off: bool = False
    shift: bool = False


def written(name: str, zone: str, url: str, events: Iterable[Event]) -> bytes:
    """The file; `zone` is how programs may show it, `url` where its readers can look closer."""
    from icalendar import Calendar, vDuration, vText  # slow to import, and only calendars need it

    made = Calendar()
    made.add("prodid", PRODUCER)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    for key in ("name", "x-wr-calname"):
        made.add(key, vText(clean(name)))
    made.add("x-wr-timezone", vText(zone))
    made.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(REFRESH))
    for event in sorted(events, key=lambda one: (one.starts_at, one.ends_at, one.uid)):
        made.add_component(_component(event, url))
    return bytes(made.to_ical())


def _component(event: Event, url: str) -> "Component":
    from icalendar import Event as Component

    made = Component()
    made.add("uid", event.uid)
    made.add("dtstamp", event.changed_at.replace(microsecond=0))
    made.add("last-modified", event.changed_at.replace(microsecond=0))
    made.add("sequence", event.sequence)
    made.add("dtstart", event.starts_at)
    made.add("dtend", event.ends_at)
    made.add("summary", clean(event.title))
    made.add("transp", "OPAQUE" if event.busy and not event.off else "TRANSPARENT")
    made.add("status", "CANCELLED" if event.off else "CONFIRMED")
    made.add("url", url)
    if event.shift:
        made.add("categories", [SHIFT])
    return made
