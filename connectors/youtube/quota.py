"""Units of the day's quota, counted by us because YouTube tells none.

Each stream counts what it read in its own cursor and keeps to its share, so that the rest of the
project's units is left for answers and moderation (50 units each).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.core.contract import Budget, Json, word
from connectors.core.errors import RateLimited
from connectors.youtube.client import PACIFIC, next_midnight

DAILY = 10_000  # units that Google gives a new project
SHARES: Mapping[str, float] = {"comments": 0.7, "held": 0.1}
NAMES: Mapping[str, str] = {
    "comments": word("Units to read comments today"),
    "held": word("Units to read comments held for review today"),
}


@dataclass(frozen=True, slots=True)
class Meter:
    """Units `used` of `limit` on `day` (a date in California)."""

    day: str
    used: int
    limit: int
    resets_at: datetime

    @classmethod
    def read(cls, cursor: Json, stream: str, daily: int, now: datetime) -> "Meter":
        today = now.astimezone(PACIFIC).date().isoformat()
        used = int(cursor.get("used") or 0) if cursor.get("day") == today else 0
        return cls(today, used, max(int(daily * SHARES[stream]), 1), next_midnight(now))

    def spend(self) -> "Meter":
        """One unit more. Raises `RateLimited` when there is none."""
        if self.used >= self.limit:
            raise RateLimited("Today’s share of YouTube’s quota is used up.", self.resets_at)
        return replace(self, used=self.used + 1)

    def to_json(self) -> Json:
        return {"day": self.day, "used": self.used}

    def budget(self, stream: str) -> Budget:
        return Budget(NAMES[stream], self.limit, self.limit - self.used, self.resets_at)

    @property
    def rests_until(self) -> datetime | None:
        return self.resets_at if self.used >= self.limit else None
