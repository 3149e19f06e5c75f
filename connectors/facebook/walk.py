"""How far the comments of a Page are read: post by post, since Facebook has no list of them all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from connectors._graph_descent import Descent
from connectors.core.contract import Json


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
