"""Position in a stream that the platform lists newest first.

Reading such a stream is a descent: from the newest item, page by page, down to what is stored
already. While it lasts nothing may be called read that lies between the pages taken and the old
floor, or a crash would lose the middle; so the floor moves with the last page only, up to the
newest item that the first page showed. Items that arrive during a descent are above its ceiling
and belong to the next one.
"""

from dataclasses import dataclass

from connectors.core.contract import Json


@dataclass(frozen=True, slots=True)
class Descent:
    """{floor, ceiling, next page}; ids are decimal numbers, compared as such.

    `floor`: all items up to this id are stored. `ceiling`: the newest id of the descent under way.
    `next`: the platform's token of the page to read now; None = begin a descent at the top.
    """

    floor: int | None = None
    ceiling: int | None = None
    next: str | None = None

    @classmethod
    def from_json(cls, cursor: Json) -> "Descent":
        return cls(_number(cursor.get("floor")), _number(cursor.get("ceiling")), cursor.get("next"))

    def to_json(self) -> Json:
        """Ids as strings: they exceed what JSON readers keep of a number."""
        return {"floor": _text(self.floor), "ceiling": _text(self.ceiling), "next": self.next}

    @property
    def under_way(self) -> bool:
        return self.next is not None

    def after(self, ids: list[int], next_page: str | None, stop_at: int | None = None) -> "Descent":
        """The position once a page with these `ids` is stored.

        The descent ends with the page that names no `next_page`, or that reaches `stop_at`.
        """
        ceiling = self.ceiling if self.ceiling is not None else max(ids, default=None)
        reached = stop_at is not None and min(ids, default=stop_at + 1) <= stop_at
        if next_page is not None and not reached:
            return Descent(self.floor, ceiling, next_page)
        return Descent(max((i for i in (self.floor, ceiling) if i is not None), default=None))

    def restarted(self) -> "Descent":
        """Back to the top, for when the platform no longer knows the page's token."""
        return Descent(self.floor)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None else None


def _text(number: int | None) -> str | None:
    return str(number) if number is not None else None
