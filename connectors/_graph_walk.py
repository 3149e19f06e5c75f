"""Positions in Meta's lists: newest first, with times, but without ids that can be compared.

As in `core.cursor` the floor of a list moves with the last page of its descent only. An item may
show up late, so a descent goes a little below its floor; the inbox drops the repeats. Meta's page
tokens run out: one that is no longer known begins the descent again. No list holds all comments of
an account: a pass goes through those of its latest posts, post by post.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connectors._graph import Graph, Invalid, Listing, identifier, instant, read_all
from connectors.core.contract import Json, Message, Page
from connectors.core.errors import Malformed

LATE = timedelta(minutes=10)

Found = tuple[Sequence[Message], Sequence[Malformed], Iterable[datetime]]
"""What a page brings: messages, what could not be read, and the times that count."""


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


def descend(
    graph: Graph,
    cursor: Json,
    ask: Callable[[str | None], Listing],
    read: Callable[[Listing], Found],
) -> Page:
    """The next page of a list; `ask` takes Meta's token of the page."""
    at = Descent.from_json(cursor)
    try:
        listed = ask(at.after)
    except Invalid:
        if not at.after:
            raise
        return Page((), at.restarted().to_json(), more=True)
    messages, malformed, times = read(listed)
    down, wait = at.down(times, listed.after), graph.not_before
    return Page(tuple(messages), down.to_json(), down.after is not None, tuple(malformed), wait)


Read = Callable[[str, Listing], Found]
"""(post, a page of its comments)"""


def begin(graph: Graph, at: Pass, listed: Listing, parse: Callable[[Json], Message]) -> Page:
    """The first page of a pass: the latest posts themselves. Those without comments are not
    visited, where the list says so (`comments_count`)."""
    messages, malformed = read_all(listed.items, parse)
    posts = (i for i in listed.items if isinstance(i, dict) and i.get("comments_count") != 0)
    begun = at.begun(p for p in (identifier(i, "id") for i in posts) if p)
    return _page(graph, begun, messages, malformed)


def step(graph: Graph, at: Pass, ask: Callable[[str, Descent], Listing], read: Read) -> Page:
    """The next page of a pass: comments of its first post."""
    post = at.posts[0]
    here = at.at.get(post, Descent())
    try:
        listed = ask(post, here)
    except Invalid:  # an old page token; else a post that was deleted, or has comments off
        again = here.restarted()
        return _page(graph, at.with_first(again) if here.after else at.down(again))
    messages, malformed, times = read(post, listed)
    return _page(graph, at.down(here.down(times, listed.after)), messages, malformed)


def _page(
    graph: Graph, at: Pass, messages: Sequence[Message] = (), malformed: Sequence[Malformed] = ()
) -> Page:
    more, wait = bool(at.posts), graph.not_before
    return Page(tuple(messages), at.to_json(), more, tuple(malformed), wait)


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
