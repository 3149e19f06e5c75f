"""Until when a conversation is put aside: moments that people name, as instants."""

from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal

from inbox.domain.calendars import DAY, first_instant, local_date

Choice = Literal["later", "tomorrow", "monday"]
LATER: Final = timedelta(hours=3)
QUARTER: Final = timedelta(minutes=15)
MORNING: Final = time(9)


def choices(now: datetime, zone: str) -> dict[Choice, datetime]:
    """What is offered, by name, in UTC: three hours on (at the next quarter, while it is the same
    local day), tomorrow at 9:00, and Monday at 9:00 (where that is not tomorrow)."""
    today = local_date(now, zone)
    found: dict[Choice, datetime] = {}
    later = now + LATER
    later += (datetime.min.replace(tzinfo=UTC) - later) % QUARTER
    if local_date(later, zone) == today:
        found["later"] = later
    found["tomorrow"] = first_instant(today + DAY, MORNING, zone)
    monday = today + DAY * (7 - today.weekday())
    if monday != today + DAY:
        found["monday"] = first_instant(monday, MORNING, zone)
    return found


def chosen(text: str, zone: str) -> datetime | None:
    """A local time as a browser's form writes it (`2026-11-30T09:00`), or an instant with its own
    zone; None for anything else. One that the clocks skip is the first after it."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return at.astimezone(UTC) if at.tzinfo else first_instant(at.date(), at.time(), zone)
    except OverflowError:
        return None
