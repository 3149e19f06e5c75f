"""Walking down Reddit's listings, which are newest first and hold about 1,000 items.

Reddit's `before` is not used: with the name of a deleted item it returns nothing for ever. Each
look begins at the top instead and ends below the floor, which costs the same single call when all
is quiet and shows edits and deletions of the newest items besides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.core.contract import Deletion, Json, Message, Page
from connectors.core.errors import Malformed, Transient
from connectors.reddit.client import UNREADABLE

PAGE = 100
FIRST_LOOK = 25  # items at the top, once all below are stored
LATE_S = 60.0  # an item may be listed this long after newer ones
ANCHORS = 5

Parse = Callable[[Any], Message | Deletion]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands; times are unix seconds.

    `floor`: all items up to this time are stored. `ceiling`: the newest time of the walk under way.
    `anchors`: names of the last items taken, oldest last. After a deleted one Reddit lists
    nothing, so the one above it is tried then. None = begin at the top.
    """

    floor: float | None = None
    ceiling: float | None = None
    anchors: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, cursor: Json) -> "Place":
        return cls(cursor.get("floor"), cursor.get("ceiling"), tuple(cursor.get("anchors") or ()))

    def to_json(self) -> Json:
        return {"floor": self.floor, "ceiling": self.ceiling, "anchors": list(self.anchors)}

    def params(self) -> dict[str, str | int]:
        if self.anchors:
            return {"limit": PAGE, "after": self.anchors[-1]}
        return {"limit": PAGE if self.floor is None else FIRST_LOOK}

    def past(self, names: Sequence[str], times: Sequence[float], after: str | None) -> "Place":
        """The place once a page with these items is stored; `after` is Reddit's next page."""
        if self.anchors and not names and len(self.anchors) > 1:
            return Place(self.floor, self.ceiling, self.anchors[:-1])
        ceiling = self.ceiling if self.ceiling is not None else max(times, default=None)
        reached = self.floor is not None and min(times, default=0.0) < self.floor - LATE_S
        repeated = set(names) <= set(self.anchors)
        if after is None or reached or repeated:
            known = [t for t in (self.floor, ceiling) if t is not None]
            return Place(max(known, default=None))
        last = [n for n in names if n != after][-(ANCHORS - 1) :]
        return Place(self.floor, ceiling, (*last, after))


def page(body: Json, cursor: Json, parse: Parse) -> Page:
    """A page of a listing as it came, and the place after it."""
    things, after = children(body)
    messages, events, malformed = read(things, parse)
    data = [t["data"] for t in things if isinstance(t, dict) and isinstance(t.get("data"), dict)]
    names = [d["name"] for d in data if isinstance(d.get("name"), str)]
    times = [t for d in data if (t := seconds(d.get("created_utc"))) is not None]
    place = Place.from_json(cursor).past(names, times, after)
    more = bool(place.anchors)
    return Page(messages, place.to_json(), more, malformed, events=events)


def children(body: Json) -> tuple[list[Any], str | None]:
    """The things of a listing and the name of the next page. `Transient` when it is none."""
    data = body.get("data")
    things = data.get("children") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(things, list):
        raise Transient(UNREADABLE)
    after = data.get("after")
    return things, after if isinstance(after, str) and after else None


def read(
    items: Sequence[Any], parse: Parse
) -> tuple[tuple[Message, ...], tuple[Deletion, ...], tuple[Malformed, ...]]:
    """What can be read of `items`, and what cannot."""
    messages: list[Message] = []
    events: list[Deletion] = []
    malformed: list[Malformed] = []
    for item in items:
        try:
            found = parse(item)
        except Malformed as e:
            malformed.append(e)
            continue
        if isinstance(found, Message):
            messages.append(found)
        else:
            events.append(found)
    return tuple(messages), tuple(events), tuple(malformed)


def seconds(value: Any) -> float | None:
    """A unix time; None for anything else (`edited` is false or a time)."""
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if usable and 0 < value < 1e11 else None
