"""Asking Facebook for posts and comments: the streams, single items, and what is surely gone."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors._graph import Graph, Listing, node, read_all
from connectors._graph_walk import LATE, Descent, Found, Pass, begin, descend, step
from connectors.core.contract import Json, Message, Page, Ref
from connectors.core.errors import Malformed, Refused, Transient
from connectors.core.looking import pages
from connectors.facebook.parse import COMMENT_FIELDS, POST_FIELDS, parse_comment, parse_post

PAGE = 100


class Reader:
    """Reads for one Page; `me` is its id, `posts` how many of its latest posts are watched."""

    def __init__(self, graph: Graph, me: str, posts: int) -> None:
        self._graph, self._me, self._posts = graph, me, posts

    def comments(self, cursor: Json) -> Page:
        """The next step of a pass: the latest posts themselves, then each one's comments."""
        at = Pass.from_json(cursor)
        if at.posts:
            return step(self._graph, at, self._under, self._read)
        listed = self._graph.listing("/me/feed", fields=POST_FIELDS, limit=self._posts)
        return begin(self._graph, at, listed, self._post)

    def mentions(self, cursor: Json) -> Page:
        """The posts of others that name the Page."""
        given: Json = {"fields": POST_FIELDS, "limit": PAGE}
        return descend(
            self._graph,
            cursor,
            lambda after: self._graph.listing("/me/tagged", **given, after=after),
            lambda listed: _timed(*read_all(listed.items, self._post)),
        )

    def single(self, found: str, root: str) -> Message:
        """A post (its own root) or a comment, as it is now. Raises `Gone`, `Malformed`."""
        fields = POST_FIELDS if found == root else COMMENT_FIELDS
        item = self._graph.get(node(found), fields=fields)
        return self._post(item) if found == root else parse_comment(item, root, self._me)

    def is_gone(self, ref: Ref) -> bool:
        """Whether what Facebook does not show was deleted. It says the same of what this token may
        not see, so the place where it stood must still be readable."""
        try:
            if ref.external_id != ref.thread:
                self._graph.get(node(ref.thread), fields="id")
            else:
                ours = ref.thread.startswith(f"{self._me}_")
                self._graph.listing("/me/feed" if ours else "/me/tagged", fields="id", limit=1)
        except Refused:
            return False
        return True

    def comments_since(self, post: str, since: datetime) -> Iterator[Message]:
        """The comments under a post, newest first. Raises `Transient` where one is unreadable."""
        after = None
        for _ in pages():
            listed = self._under(post, Descent(since + LATE, after=after))
            messages, malformed, _ = self._read(post, listed)
            yield from messages
            if malformed:
                raise Transient("Facebook sent a comment that cannot be read; ours may be in it.")
            after = listed.after
            if after is None:
                return

    def _under(self, post: str, here: Descent) -> Listing:
        params = _newest_first(here.since)
        return self._graph.listing(node(post, "comments"), **params, after=here.after, limit=PAGE)

    def _read(self, post: str, listed: Listing) -> Found:
        found = read_all(listed.items, lambda item: parse_comment(item, post, self._me))
        return _timed(*found)

    def _post(self, item: Json) -> Message:
        return parse_post(item, self._me)


def _timed(messages: Sequence[Message], malformed: Sequence[Malformed]) -> Found:
    return messages, malformed, [m.sent_at for m in messages]


def _newest_first(since: datetime | None) -> Json:
    """`filter=stream` lists answers to comments beside the comments themselves."""
    return {
        "filter": "stream",
        "order": "reverse_chronological",
        "fields": COMMENT_FIELDS,
        "since": int(since.timestamp()) if since else None,
    }
