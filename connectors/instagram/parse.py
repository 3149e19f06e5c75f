"""What Instagram says of media, comments and mentions, in the neutral form. Pure.

Facts: Meta's pages "IG Comment", "IG Media", "Mentioned Comment" and "Webhook Notification
Examples", read in November 2026.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from connectors._graph import identifier, inner, items, needed, needed_time, text
from connectors._graph_chats import handle
from connectors._graph_hooks import Told
from connectors.core.contract import (
    Attachment,
    Author,
    Direction,
    Json,
    Kind,
    Message,
    Visibility,
)
from connectors.core.errors import Malformed

_COMMENT = "id,text,timestamp,username,from,parent_id"
COMMENT_FIELDS = f"{_COMMENT},replies.limit(50){{{_COMMENT}}}"
SINGLE_FIELDS = f"{_COMMENT},media"
MEDIA_FIELDS = "id,caption,timestamp,comments_count,media_type,media_url,thumbnail_url"
MENTIONED_FIELDS = "id,text,timestamp,username,media"
CAPTION_FIELDS = "id,caption,timestamp,username,media_type,media_url"
UNNAMED = "unnamed:"  # + the comment's id
VIDEOS = frozenset(("VIDEO", "REELS"))


@dataclass(frozen=True, slots=True)
class Us:
    """Our account, as Instagram names it: its comments bear the name where they lack the id."""

    id: str
    username: str = ""

    def wrote(self, who: Json, username: str) -> bool:
        """Whether we are the author; a webhook says so by `self_ig_scoped_id`."""
        mine = identifier(who, "id") == self.id or "self_ig_scoped_id" in who
        return mine or bool(username and username.lower() == self.username.lower())


def parse_comment(item: Json, media: str, us: Us, parent: str = "") -> Message:
    """A comment of a list, or a single one; `parent` where the list it stands in tells that."""
    return _comment(item, media, us, parent, needed_time(item, "timestamp"))


def parse_replies(item: Json, media: str, us: Us) -> tuple[list[Message], list[Malformed]]:
    """The answers that a listed comment brings along."""
    messages, malformed = [], []
    for reply in items(item, "replies"):
        try:
            if not isinstance(reply, dict):
                raise Malformed("An answer is no object.", reply)
            messages.append(parse_comment(reply, media, us, identifier(item, "id")))
        except Malformed as e:
            malformed.append(e)
    return messages, malformed


def parse_told_comment(told: Told, us: Us) -> Message:
    """A comment that a webhook tells; it has no time of its own. Comments on an advertisement are
    named under the post that it was made from."""
    place = inner(told.value, "media")
    media = identifier(place, "original_media_id") or needed(place, "id")
    if told.at is None:
        raise Malformed("The call tells no time.", told.value)
    return _comment(told.value, media, us, "", told.at)


def parse_media(item: Json, us: Us) -> Message:
    """Our own post, under which people comment."""
    return Message(
        external_id=needed(item, "id"),
        conversation=needed(item, "id"),
        direction=Direction.OUT,
        text=text(item, "caption"),
        sent_at=needed_time(item, "timestamp"),
        author=Author(us.id, handle(us.username)),
        kind=Kind.COMMENT,
        visibility=Visibility.PUBLIC,
        context=True,
        attachments=_picture(item),
    )


def parse_mentioned(item: Json, media: str, us: Us) -> Message:
    """A comment elsewhere that names us."""
    found = parse_comment(item, media, us)
    return replace(found, kind=Kind.MENTION, in_reply_to=media)


def parse_caption(item: Json, us: Us) -> Message:
    """Somebody's post whose caption names us."""
    post = parse_media(item, us)
    author = _author(item, post.external_id)
    return replace(post, direction=Direction.IN, author=author, kind=Kind.MENTION, context=False)


def mentioned_in(told: Told) -> tuple[str, str]:
    """(comment or "", media) of a call of the field `mentions`."""
    return identifier(told.value, "comment_id"), needed(told.value, "media_id")


def read_listed(
    found: Iterable[object], media: str, us: Us
) -> tuple[list[Message], list[Malformed], list[datetime]]:
    """A page of comments with their answers; the times are those of the comments alone, which the
    list is ordered by."""
    messages: list[Message] = []
    malformed: list[Malformed] = []
    times: list[datetime] = []
    for item in found:
        if not isinstance(item, dict):
            malformed.append(Malformed("A comment is no object.", item))
            continue
        try:
            comment = parse_comment(item, media, us)
            messages.append(comment)
            times.append(comment.sent_at)
        except Malformed as e:
            malformed.append(e)
        good, bad = parse_replies(item, media, us)
        messages += good
        malformed += bad
    return messages, malformed, times


def _comment(item: Json, media: str, us: Us, parent: str, sent_at: datetime) -> Message:
    found = needed(item, "id")
    above = identifier(item, "parent_id") or parent
    author, username = _author(item, found), _username(item)
    ours = us.wrote(inner(item, "from"), username)
    return Message(
        external_id=found,
        conversation=media,
        direction=Direction.OUT if ours else Direction.IN,
        text=text(item, "text"),
        sent_at=sent_at,
        author=Author(us.id, author.handle) if ours else author,
        kind=Kind.COMMENT,
        visibility=Visibility.PUBLIC,
        in_reply_to=above or media,
        platform={"top": above or found},
    )


def _username(item: Json) -> str:
    return text(inner(item, "from"), "username") or text(item, "username")


def _author(item: Json, found: str) -> Author:
    """Mentions tell the name alone, and a name is one person's; some comments tell nobody."""
    name = handle(_username(item))
    return Author(identifier(inner(item, "from"), "id") or name or f"{UNNAMED}{found}", name)


def _picture(item: Json) -> tuple[Attachment, ...]:
    url = text(item, "media_url") or text(item, "thumbnail_url")
    mime = "video/mp4" if text(item, "media_type") in VIDEOS else "image/jpeg"
    return (Attachment(url, mime),) if url else ()
