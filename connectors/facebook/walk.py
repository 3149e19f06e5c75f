"""How far the streams of a Page are read. Facebook lists newest first, and not all comments in one.

The comments are read post by post: each pass begins with the Page's latest posts and then goes
through the comments of each, newest first, down to those stored already. As in `core.cursor` the
floor of a list moves with the last page of its descent only. Floors are times: a comment may show
up late, so each descent asks for a little below its floor, and the inbox drops the repeats.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connectors._graph import instant
from connectors.core.contract import Json

LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Descent:
    """One list read newest first. `floor`: all up to then is stored. `top`: the newest of the
    descent under way; `after`: Facebook's token of the page to read now."""

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
        """Back to the top, for when Facebook no longer knows the token."""
        return Descent(self.floor)


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass over the latest posts: those still to be read (the first is under way) and the
    positions in their comments."""

    posts: tuple[str, ...] = ()
    at: Mapping[str, Descent] = field(default_factory=dict)

    @classmethod
    def from_json(cls, cursor: Json) -> "Pass":
        posts, at = cursor.get("posts"), cursor.get("at")
        return cls(
            tuple(map(str, posts)) if isinstance(posts, list) else (),
            {p: Descent.from_json(d) for p, d in at.items()} if isinstance(at, dict) else {},
        )

    def to_json(self) -> Json:
        return {"posts": list(self.posts), "at": {p: d.to_json() for p, d in self.at.items()}}

    def begun(self, posts: Iterable[str]) -> "Pass":
        """A new pass; posts that are no longer among the latest are forgotten."""
        found = tuple(posts)
        return Pass(found, {p: self.at[p] for p in found if p in self.at})

    def down(self, descent: Descent) -> "Pass":
        """The position once a page of the first post is stored."""
        here = self.with_first(descent)
        return here if descent.after else replace(here, posts=self.posts[1:])

    def with_first(self, descent: Descent) -> "Pass":
        """The same with another position in the comments of the first post."""
        return replace(self, at={**self.at, self.posts[0]: descent})


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
