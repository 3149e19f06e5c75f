"""A clock that tests set by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Call it for the instant; it moves only when told."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        """Moves on by `timedelta(**by)` and returns the new instant."""
        self.now += timedelta(**by)
        return self.now
