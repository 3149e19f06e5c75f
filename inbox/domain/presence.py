"""Whether somebody is there: what they chose, and how long their browsers have been silent.

A choice holds until the next one, or until the person signs in again: who comes to work is online
without a click. Silence only ever lowers it: nobody is online whose browser shows no sign of a
hand. A choice is a sign of life too, so that a program may stand in for a browser.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

ONLINE, AWAY, OFFLINE = "online", "away", "offline"
PRESENCES: Final = (ONLINE, AWAY, OFFLINE)
"""From there to not there."""

AWAY_AFTER: Final = timedelta(minutes=15)
OFFLINE_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of a person. `signed_in_at` and `seen_at` are the newest of all open sessions;
    both None without one, `chosen_at` None before the first choice."""

    chosen: str = ONLINE
    chosen_at: datetime | None = None
    signed_in_at: datetime | None = None
    seen_at: datetime | None = None


def choice(signs: Signs) -> str:
    """What the person's own choice says now."""
    if signs.chosen_at is None:
        return ONLINE
    again = signs.signed_in_at is not None and signs.signed_in_at > signs.chosen_at
    return ONLINE if again else signs.chosen


def presence(signs: Signs, now: datetime) -> str:
    """One of `PRESENCES`: the choice, or what the silence says if that is less."""
    return max(choice(signs), _by_silence(signs, now), key=PRESENCES.index)


def _by_silence(signs: Signs, now: datetime) -> str:
    alive = max((at for at in (signs.seen_at, signs.chosen_at) if at is not None), default=None)
    if alive is None or now - alive >= OFFLINE_AFTER:
        return OFFLINE
    return AWAY if now - alive >= AWAY_AFTER else ONLINE
