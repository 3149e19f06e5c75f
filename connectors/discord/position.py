"""Where a walk over many channels stands: a position in each, and which are still to be read.

A page is asked for `after` the position. Discord documents that such a page is sorted newest first,
but not which messages it holds when there are more than fit. So a full page is followed by pages
`before` it, down to the position (`low` is how far that came, `high` the newest id seen); only then
the position moves. Nothing between is lost under either meaning.

A round begins a little below the position (`since`), so that edits of the last minutes show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.core.contract import Json

OVERLAP = (10 * 60_000) << 22  # ten minutes of ids


@dataclass(frozen=True, slots=True)
class Place:
    """A position in one channel. `since` is None when the channel is not being read."""

    after: int
    since: int | None = None
    low: int | None = None
    high: int | None = None

    @classmethod
    def from_json(cls, told: Mapping[str, str]) -> "Place":
        return cls(**{name: int(value) for name, value in told.items()})

    def to_json(self) -> dict[str, str]:
        """As strings: ids exceed what JSON readers keep of a number."""
        values = {n: getattr(self, n) for n in ("after", "since", "low", "high")}
        return {name: str(value) for name, value in values.items() if value is not None}

    def begun(self) -> "Place":
        return Place(self.after, max(self.after - OVERLAP, 0))

    @property
    def question(self) -> dict[str, str]:
        """What to ask the channel's list for."""
        if self.low is not None:
            return {"before": str(self.low)}
        return {"after": str(self.since if self.since is not None else self.after)}

    @property
    def floor(self) -> int:
        """Items up to here were stored before this round, or fall out of its sight."""
        return self.since if self.since is not None else self.after

    def read(self, ids: Sequence[int], full: bool) -> "Place":
        """The position after a page with these ids."""
        high = max((*ids, self.high or 0, self.floor))
        if full and min(ids) > self.floor:
            return replace(self, low=min(ids), high=high)
        return Place(max(self.after, high), high)

    def is_done(self, full: bool) -> bool:
        """Whether nothing newer can be there: a page forward that was not full."""
        return self.low is None and not full

    def ended(self) -> "Place":
        return Place(self.after)


@dataclass(frozen=True, slots=True)
class Walk:
    """The stream's cursor: places by channel, the channels still to read in this round, and the
    threads that were open when it began."""

    places: Mapping[str, Place] = field(default_factory=dict)
    todo: tuple[str, ...] = ()
    threads: frozenset[str] = frozenset()

    @classmethod
    def from_json(cls, cursor: Json) -> "Walk":
        told = cursor.get("places", {})
        places = {channel: Place.from_json(place) for channel, place in told.items()}
        threads = frozenset(cursor.get("threads", ()))
        return cls(places, tuple(cursor.get("todo", ())), threads)

    def to_json(self) -> Json:
        places = {channel: place.to_json() for channel, place in self.places.items()}
        return {"places": places, "todo": list(self.todo), "threads": sorted(self.threads)}

    def begun(self, channels: Sequence[str], active: Mapping[str, int], start: int) -> "Walk":
        """A new round: all channels, and those threads (with their newest id) that hold something
        new. A thread that closed since is read once more. New places begin at `start`."""
        known = {c: self.places.get(c, Place(start)) for c in (*channels, *active)}
        fresh = [c for c, newest in active.items() if newest > known[c].after]
        closed = sorted(self.threads & self.places.keys() - known.keys())
        todo = dict.fromkeys((*channels, *fresh, *closed))
        places = known | {c: self.places[c] for c in closed}
        begun = {c: place.begun() if c in todo else place for c, place in places.items()}
        return Walk(begun, tuple(todo), frozenset(active))

    def moved(self, channel: str, place: Place) -> "Walk":
        return replace(self, places={**self.places, channel: place})

    def without(self, channel: str, kept: bool) -> "Walk":
        """The channel is read for this round, or cannot be. Places not `kept` are forgotten."""
        places = dict(self.places)
        place = places.pop(channel)
        if kept:
            places[channel] = place.ended()
        return replace(self, places=places, todo=tuple(c for c in self.todo if c != channel))
