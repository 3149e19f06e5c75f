"""How well an account delivers, from timestamps alone. Pure."""

from datetime import datetime, timedelta

OK, STALE, ALARM, CRITICAL = "ok", "stale", "alarm", "critical"
LEVELS = (OK, STALE, ALARM, CRITICAL)

MISSED_POLLS = 3
STALE_AT_LEAST = timedelta(minutes=5)
ALARM_AFTER = timedelta(hours=1)
CRITICAL_AFTER = timedelta(hours=12)


def level(silent_since: datetime, interval: timedelta, now: datetime) -> str:
    """How bad a silence is: stale after three missed polls (at least 5 minutes), then alarm after
    an hour, critical after twelve."""
    silent = now - silent_since
    stale_after = max(MISSED_POLLS * interval, STALE_AT_LEAST)
    if silent >= max(CRITICAL_AFTER, stale_after):
        return CRITICAL
    if silent >= max(ALARM_AFTER, stale_after):
        return ALARM
    return STALE if silent >= stale_after else OK


def worse(one: str, other: str) -> str:
    """The worse of two levels."""
    return max(one, other, key=LEVELS.index)
