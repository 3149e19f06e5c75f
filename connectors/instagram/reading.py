"""Asking Instagram for media, comments and mentions: the stream, single items, what is gone."""

from connectors._graph import Graph, Listing, inner, node
from connectors._graph_walk import Descent, Found, Pass, begin, step
from connectors.core.contract import (
    Json,
    Kind,
    Message,
    Outgoing,
    Page,
    Ref,
    Sent,
)
from connectors.core.errors import Malformed, Refused, Transient
from connectors.core.looking import may_be, nearest, pages
from connectors.instagram.parse import (
    CAPTION_FIELDS,
    COMMENT_FIELDS,
    MEDIA_FIELDS,
    MENTIONED_FIELDS,
    SINGLE_FIELDS,
    Us,
    parse_caption,
    parse_comment,
    parse_media,
    parse_mentioned,
    read_listed,
)

PAGE = 50  # comments


class Reader:
    """Reads for one account; `posts` is how many of its latest posts are watched."""

    def __init__(self, graph: Graph, us: Us, posts: int) -> None:
        self._graph, self._us, self._posts = graph, us, posts

    def comments(self, cursor: Json) -> Page:
        """The next step of a pass: the latest posts themselves, then each one's comments."""
        at = Pass.from_json(cursor)
        if at.posts:
            return step(self._graph, at, self._under, self._read)
        media = self._media(MEDIA_FIELDS, self._posts)
        return begin(self._graph, at, media, lambda item: parse_media(item, self._us))

    def single(self, ref: Ref) -> Message:
        """A message as it is now. Raises `Gone`, `Malformed`."""
        if ref.kind is Kind.MENTION:
            comment = "" if ref.external_id == ref.thread else ref.external_id
            return self.mentioned(comment, ref.thread)
        if ref.external_id == ref.thread:
            return parse_media(self._graph.get(node(ref.thread), fields=MEDIA_FIELDS), self._us)
        item = self._graph.get(node(ref.external_id), fields=SINGLE_FIELDS)
        return parse_comment(item, ref.thread, self._us)

    def mentioned(self, comment: str, media: str) -> Message:
        """What names us elsewhere: a comment, or else the caption of a post."""
        edge, found, fields = (
            ("mentioned_comment.comment_id", comment, MENTIONED_FIELDS)
            if comment
            else ("mentioned_media.media_id", media, CAPTION_FIELDS)
        )
        asked = f"{edge}({found}){{{fields}}}"
        item = inner(self._graph.get(node(self._us.id), fields=asked), edge.partition(".")[0])
        if not item:
            raise Malformed("Instagram does not say what was written.", asked)
        whole = {"id": found, **item}
        return (
            parse_mentioned(whole, media, self._us) if comment else parse_caption(whole, self._us)
        )

    def is_gone(self, ref: Ref) -> bool:
        """Whether what Instagram does not show was deleted. It says the same of what this token may
        not see, so the post, or our list of posts, must still be readable."""
        if ref.kind is Kind.MENTION:
            return False
        try:
            if ref.external_id != ref.thread:
                self._graph.get(node(ref.thread), fields="id")
                return True
            self._media("id", 1)
        except Refused:
            return False
        return ref.ours

    def look_up(self, reply: Outgoing) -> Sent | None:
        """Our answer among those to the comment. Raises `Transient` where it may be unseen."""
        if reply.kind is Kind.MENTION:
            raise Transient("Instagram shows no answers under other people’s posts.")
        after: str | None = None
        found: list[Message] = []
        for _ in pages():
            listed = self._graph.listing(
                node(top_of(reply), "replies"), fields=SINGLE_FIELDS, limit=PAGE, after=after
            )
            messages, malformed, _ = read_listed(listed.items, reply.thread, self._us)
            found += [m for m in messages if may_be(m, reply)]
            if malformed:
                raise Transient("Instagram sent an answer that cannot be read; ours may be it.")
            after = listed.after
            if after is None:
                break
        return nearest(found, reply)

    def _media(self, fields: str, limit: int) -> Listing:
        return self._graph.listing(node(self._us.id, "media"), fields=fields, limit=limit)

    def _under(self, media: str, here: Descent) -> Listing:
        return self._graph.listing(
            node(media, "comments"), fields=COMMENT_FIELDS, limit=PAGE, after=here.after
        )

    def _read(self, media: str, listed: Listing) -> Found:
        return read_listed(listed.items, media, self._us)


def top_of(reply: Outgoing) -> str:
    """The comment that an answer goes under: Instagram takes none under an answer."""
    return str(reply.platform.get("top") or reply.in_reply_to)
