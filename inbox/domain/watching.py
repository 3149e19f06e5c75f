"""Who has a conversation open and who is typing in it, as their pages keep saying.

A page says it again while somebody is at it; what is not said again is over. So a page that was
closed, and a browser or a machine that died, are gone by themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

VIEWS_FOR: Final = timedelta(seconds=25)
"""A page says it every 10 s: one that is late once is still there."""
TYPES_FOR: Final = timedelta(seconds=6)
"""Said at most every 3 s while letters come."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What an open page said last. `page` names the page among those of its person."""

    page: str
    user_id: int
    name: str
    conversation: int
    typing: bool
    at: datetime

    def holds(self, now: datetime) -> bool:
        """Whether somebody is still there."""
        return now - self.at < VIEWS_FOR

    def types(self, now: datetime) -> bool:
        """Whether they are still typing."""
        return self.typing and now - self.at < TYPES_FOR


@dataclass(frozen=True, slots=True, order=True)
class Watcher:
    """A person at a conversation, on one page or on several."""

    conversation: int
    name: str
    user_id: int
    typing: bool


def watchers(signs: Iterable[Sign], now: datetime) -> list[Watcher]:
    """Each person once for each conversation, by conversation and name; who types on one of
    several pages is typing."""
    found: dict[tuple[int, str, int], bool] = {}
    for sign in signs:
        if sign.holds(now):
            who = (sign.conversation, sign.name, sign.user_id)
            found[who] = found.get(who, False) or sign.types(now)
    return [Watcher(*who, typing) for who, typing in sorted(found.items())]
