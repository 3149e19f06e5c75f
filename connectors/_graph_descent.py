"""Position in a list of Meta's that is newest first and has times, but no ids that can be compared.

As in `core.cursor` the floor of a list moves with the last page of its descent only. An item may
show up late, so a descent goes a little below its floor; the inbox drops the repeats. Meta's page
tokens run out: one that is no longer known begins the descent again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors._graph import instant
from connectors.core.contract import Json

LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Descent:
    """One list read newest first. `floor`: all up to then is stored. `top`: the newest of the
    descent under way; `after`: Meta's token of the page to read now."""

    floor: datetime | None = None
    top: datetime | None = None
    after: str | None = None

    @classmethod
    def from_json(cls, cursor: Json) -> "Descent":
        after = cursor.get("after")
        token = after if isinstance(after, str) else None
        return cls(instant(cursor.get("floor")), instant(cursor.get("top")), token)

    def to_json(self) -> Json:
        return {"floor": _text(self.floor), "top": _text(self.top), "after": self.after}

    @property
    def since(self) -> datetime | None:
        """From when on to ask."""
        return self.floor - LATE if self.floor else None

    def down(self, times: Iterable[datetime], after: str | None) -> "Descent":
        """The position once a page with items of these `times` is stored."""
        found = list(times)
        top = self.top or max(found, default=None)
        reached = self.since is not None and min(found, default=self.since) < self.since
        if after and not reached:
            return Descent(self.floor, top, after)
        return Descent(max((t for t in (self.floor, top) if t), default=None))

    def restarted(self) -> "Descent":
        """Back to the top, for when Meta no longer knows the token."""
        return Descent(self.floor)


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
