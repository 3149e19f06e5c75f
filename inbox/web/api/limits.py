"""How many calls a token, or a stranger's address, has in a minute, counted in this process.

A process that starts anew begins at nothing: the limit protects the desk's people from a program
that runs wild, it is no account of what was used.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

A_MINUTE: Final = 600
STRANGERS: Final = 60
"""Pages that a link shows to one address."""
_WINDOW_S: Final = 60


@dataclass(frozen=True, slots=True)
class Room:
    """What a caller has left until the minute ends; `fits` says whether this call still did."""

    limit: int
    remaining: int
    resets_in_s: int
    fits: bool

    def headers(self) -> dict[str, str]:
        """As every answer carries them."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.resets_in_s),
        }
        return told if self.fits else told | {"Retry-After": str(self.resets_in_s)}


@dataclass(slots=True)
class Limits:
    """Calls per caller in the running minute; threads share it."""

    a_minute: int = A_MINUTE
    _window: int = 0
    _calls: dict[int | str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, caller: int | str, now: datetime) -> Room:
        """Counts a call of this token or address."""
        window, gone_s = divmod(int(now.timestamp()), _WINDOW_S)
        with self._lock:
            if window != self._window:
                self._window = window
                self._calls.clear()
            calls = self._calls[caller] = self._calls.get(caller, 0) + 1
        left = max(self.a_minute - calls, 0)
        return Room(self.a_minute, left, _WINDOW_S - gone_s, calls <= self.a_minute)
