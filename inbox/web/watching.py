"""Who has which conversation open, in this process's memory: no database write tells of a letter.

On PostgreSQL several processes serve pages; what a page said here goes to the others as the payload
of a notification, which stores no row. The watcher of `inbox.web.live` spreads it and asks what is
new, so a change is on its way within one look.
"""

import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from inbox.domain.watching import Sign, Watcher, watchers

MOST_SPREAD = 7900
"""Bytes of a payload: PostgreSQL takes less than 8,000."""


class Watching:
    """What every open page said last; threads share it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._signs: dict[str, Sign] = {}
        self._open: Counter[str] = Counter()
        self._known: set[Watcher] = set()
        self._untold: set[int] = set()
        self._telling: set[int] = set()
        self._unspread: list[str] = []
        self._here = secrets.token_hex(8)
        self._guard = threading.Lock()

    def say(self, user_id: int, name: str, page: str, conversation: int, *, typing: bool) -> None:
        """Somebody's page shows this conversation, and no other."""
        said = {"name": name, "conversation": conversation, "typing": typing}
        with self._guard:
            self._take(said | {"page": page, "user": user_id}, spread=True)

    def leave(self, user_id: int, page: str) -> None:
        """The page shows none any more."""
        with self._guard:
            self._take({"page": page, "user": user_id}, spread=True)

    def opened(self, user_id: int, page: str) -> None:
        """The page's stream is up."""
        with self._guard:
            self._open[_key(user_id, page)] += 1

    def closed(self, user_id: int, page: str) -> None:
        """The page's stream ended. It has left unless it has opened another one meanwhile."""
        key = _key(user_id, page)
        with self._guard:
            self._open[key] -= 1
            if self._open[key] <= 0:
                del self._open[key]
                self._take({"page": page, "user": user_id}, spread=True)

    def hear(self, payload: str) -> None:
        """What a process said, this one or another."""
        said = json.loads(payload)
        if said.get("from") != self._here:
            with self._guard:
                self._take(said, spread=False)

    def there(self) -> list[Watcher]:
        """Everybody who is at a conversation now."""
        with self._guard:
            return watchers(self._signs.values(), self._now())

    def news(self) -> list[int]:
        """The conversations where something changed that was not `told` yet, also by silence."""
        now = self._now()
        with self._guard:
            self._signs = {key: sign for key, sign in self._signs.items() if sign.holds(now)}
            there = set(watchers(self._signs.values(), now))
            before, self._known = self._known, there
            self._telling |= self._untold | _where(there, before)
            self._untold = set()
            return sorted(self._telling)

    def told(self) -> None:
        """Every open page of this process knows of the news; what came meanwhile is new again."""
        with self._guard:
            self._telling = set()

    def unspread(self) -> list[str]:
        """Payloads for the other processes that were not `spread` yet, in order."""
        with self._guard:
            return list(self._unspread)

    def spread(self, count: int) -> None:
        """The other processes were told the first of them."""
        with self._guard:
            del self._unspread[:count]

    def _take(self, said: dict[str, Any], *, spread: bool) -> None:
        """What changes and changes back between two looks is news too: a page that happened to ask
        in between shows it."""
        key, now = _key(said["user"], said["page"]), self._now()
        before = _one(self._signs.get(key), now)
        if "conversation" in said:
            self._signs[key] = Sign(
                said["page"],
                said["user"],
                said["name"],
                said["conversation"],
                said["typing"],
                now,
            )
        else:
            self._signs.pop(key, None)
        self._untold |= _where(before, _one(self._signs.get(key), now))
        payload = json.dumps(said | {"from": self._here}) if spread else ""
        if payload and len(payload) <= MOST_SPREAD:
            self._unspread.append(payload)


def _one(sign: Sign | None, now: datetime) -> set[Watcher]:
    return set(watchers([sign], now)) if sign else set()


def _where(there: set[Watcher], before: set[Watcher]) -> set[int]:
    """The conversations of those who came, left, or began or stopped to type."""
    return {one.conversation for one in there ^ before}


def _key(user_id: int, page: str) -> str:
    """Nobody speaks for another's page."""
    return f"{user_id}:{page}"
