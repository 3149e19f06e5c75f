"""Reading channels: pages, single messages, threads, and the root of a chain of answers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.core.contract import Json, word
from connectors.core.errors import Malformed, Refused
from connectors.core.looking import pages
from connectors.discord.client import Client, Gone
from connectors.discord.parse import ODD, Key, RootOf, as_malformed, number_of, parent_of

PAGE = 100
STEPS = 20  # so far up a chain of answers its root is looked for
FORUMS = (15, 16)

NO_HISTORY = word("Read Message History (or any message) in channel {id}")


class Channels:
    """What the bot sees of a server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def page(self, channel: str, size: int, question: Mapping[str, str]) -> Sequence[Any]:
        """Messages, newest first."""
        return self._client.list(f"/channels/{channel}/messages", limit=str(size), **question)

    def message(self, key: Key) -> Json:
        """Raises `Gone`, and `Refused` where the bot may not read the history."""
        return self._client.get(f"/channels/{key.channel}/messages/{key.message}")

    def down_to(self, channel: str, floor: int) -> Iterator[Json]:
        """All messages above `floor`, newest first. Raises `ODD` for one that cannot be read."""
        question: Mapping[str, str] = {}
        for _ in pages():
            items = self.page(channel, PAGE, question)
            yield from (i for i in items if number_of(i) > floor)
            lowest = min(map(number_of, items), default=floor)
            if len(items) < PAGE or lowest <= floor:
                return
            question = {"before": str(lowest)}

    def threads(self, guild: str, under: Sequence[str]) -> Mapping[str, int]:
        """Open threads (of these channels; of all where none is named) and their newest ids."""
        listed = self._client.get(f"/guilds/{guild}/threads/active").get("threads")
        found: dict[str, int] = {}
        for thread in listed if isinstance(listed, list) else ():
            try:
                if not under or str(thread["parent_id"]) in under:
                    newest = thread.get("last_message_id") or thread["id"]
                    found[str(number_of(thread))] = int(newest)
            except ODD:
                continue
        return found

    def root_finder(self, channel: str, items: Sequence[Any]) -> RootOf:
        """Finds the first message of a chain of answers: from the page itself, from what it brings
        along, else asked for one by one."""
        parents: dict[str, str | None] = {}
        for item in items:
            for known in (item, item.get("referenced_message") if isinstance(item, dict) else None):
                _note(known, parents)

        def root_of(item: Json) -> str:
            at = str(number_of(item))
            for _ in range(STEPS):
                if at not in parents:
                    parents[at] = self._parent(Key(channel, at))
                above = parents[at]
                if above is None:
                    break
                at = above
            return at

        return root_of

    def missing_in(self, channel: str) -> str:
        """What the bot lacks in a channel, "" for nothing. Without the right to read its history
        Discord shows it empty, which is no error."""
        try:
            told = self._client.get(f"/channels/{channel}")
            if told.get("type") in FORUMS:
                return ""
            if told.get("last_message_id") and not self.page(channel, 1, {}):
                return NO_HISTORY.format(id=channel)
        except Refused as e:
            return word("channel {id}: {words}").format(id=channel, words=e.reason)
        return ""

    def missing_on(self, guild: str) -> str:
        try:
            self.threads(guild, ())
        except Refused as e:
            return word("server {id}: {words}").format(id=guild, words=e.reason)
        return ""

    def guild_of(self, channel: str) -> str:
        return str(self._client.get(f"/channels/{channel}").get("guild_id") or "")

    def _parent(self, key: Key) -> str | None:
        """A message that is gone, or unreadable, is the end of its chain."""
        try:
            return parent_of(self.message(key))
        except (Gone, *ODD):
            return None


def numbered(items: Sequence[Any]) -> tuple[list[int], tuple[Malformed, ...]]:
    """The ids of a page, and the items that have none."""
    ids: list[int] = []
    odd: list[Malformed] = []
    for item in items:
        try:
            ids.append(number_of(item))
        except ODD:
            odd.append(as_malformed(item))
    return ids, tuple(odd)


def above(item: Any, floor: int) -> bool:
    try:
        return number_of(item) > floor
    except ODD:
        return False


def _note(item: Any, parents: dict[str, str | None]) -> None:
    """Keeps what a message says about its parent."""
    try:
        parents[str(number_of(item))] = parent_of(item)
    except ODD:
        return
