"""What the Graph API and the webhooks say of posts and comments, in the neutral form. Pure.

Both name a comment `<post>_<comment>`, so the two ways in agree. Facts: Meta's pages "Comment" and
"Webhooks for Pages" and facebook_business 26.0.3, read in November 2026.
"""

from collections.abc import Iterable
from datetime import datetime

from connectors._graph import identifier, inner, items, needed, needed_time, text
from connectors._graph_hooks import Told
from connectors.core.contract import (
    Attachment,
    Author,
    Deletion,
    Direction,
    Event,
    Json,
    Kind,
    Message,
    Visibility,
)

COMMENT_FIELDS = "id,message,created_time,from{id,name},parent{id},attachment{type,url,media,title}"
POST_FIELDS = "id,message,story,created_time,from{id,name},full_picture"
UNNAMED = "unnamed:"  # + the comment's id: an author whom Facebook does not name
POSTS = frozenset(("post", "status", "photo", "video", "share", "link", "album", "event"))
FILE_TYPES = {"photo": "image/jpeg", "video": "video/mp4", "animated_image": "image/gif"}


def parse_comment(item: Json, post: str, me: str) -> Message:
    """A comment of a list or a single one; `post` is the root that it stands under."""
    found = needed(item, "id")
    parent = identifier(inner(item, "parent"), "id")
    return _comment(
        found, post, parent, _author(inner(item, "from"), found), me,
        text=text(item, "message"),
        sent_at=needed_time(item, "created_time"),
        attachments=_attached(inner(item, "attachment")),
    )  # fmt: skip


def parse_post(item: Json, me: str) -> Message:
    """A post: ours is context, somebody else's (on our Page, or naming it) is to us."""
    found = needed(item, "id")
    picture = text(item, "full_picture")
    return _post(
        found, _author(inner(item, "from"), found), me,
        text=text(item, "message") or text(item, "story"),
        sent_at=needed_time(item, "created_time"),
        attachments=(Attachment(picture, "image/jpeg"),) if picture else (),
    )  # fmt: skip


def parse_change(told: Told, me: str) -> Iterable[Message | Event]:
    """What a change of the field `feed` brings: of posts and comments, whether new, edited or
    removed. Reactions, and that something was hidden, bring nothing."""
    value, verb = told.value, text(told.value, "verb")
    is_comment = text(value, "item") == "comment"
    if not is_comment and text(value, "item") not in POSTS:
        return ()
    found = needed(value, "comment_id" if is_comment else "post_id")
    if verb == "remove":
        return (Deletion(found, told.at or needed_time(value, "created_time")),)
    if verb not in ("add", "edited", "edit"):
        return ()
    edited_at = None if verb == "add" else told.at
    author, sent_at = _author(_sender(value), found), needed_time(value, "created_time")
    said, files = text(value, "message"), _linked(value)
    if not is_comment:
        return (_post(found, author, me, said, sent_at, files, edited_at),)
    post, parent = needed(value, "post_id"), identifier(value, "parent_id")
    return (_comment(found, post, parent, author, me, said, sent_at, files, edited_at),)


def mentioned(told: Told) -> tuple[str, str] | None:
    """(id, root post) of what names the Page elsewhere; None where it no longer does."""
    value = told.value
    if text(value, "verb") not in ("", "add"):
        return None
    post = needed(value, "post_id")
    return identifier(value, "comment_id") or post, post


def _comment(
    found: str,
    post: str,
    parent: str,
    author: Author,
    me: str,
    text: str,
    sent_at: datetime,
    attachments: tuple[Attachment, ...],
    edited_at: datetime | None = None,
) -> Message:
    return Message(
        external_id=found,
        conversation=post,
        direction=Direction.OUT if author.id == me else Direction.IN,
        text=text,
        sent_at=sent_at,
        author=author,
        kind=Kind.COMMENT,
        visibility=Visibility.PUBLIC,
        in_reply_to=parent or post,
        attachments=attachments,
        edited_at=edited_at,
        platform={"top": found if parent in ("", post) else parent},
    )


def _post(
    found: str,
    author: Author,
    me: str,
    text: str,
    sent_at: datetime,
    attachments: tuple[Attachment, ...],
    edited_at: datetime | None = None,
) -> Message:
    ours = author.id == me
    return Message(
        external_id=found,
        conversation=found,
        direction=Direction.OUT if ours else Direction.IN,
        text=text,
        sent_at=sent_at,
        author=author,
        kind=Kind.MENTION,
        visibility=Visibility.PUBLIC,
        context=ours,
        attachments=attachments,
        edited_at=edited_at,
    )


def _author(who: Json, found: str) -> Author:
    """Facebook names the author to the Page's moderators only, and not always: a comment whose
    author is left out is a customer's all the same, each a person of their own."""
    known = identifier(who, "id")
    return Author(known or f"{UNNAMED}{found}", None, text(who, "name") or None)


def _sender(value: Json) -> Json:
    """Who did it: `from`, in older calls `sender_id` and `sender_name`."""
    older = {"id": identifier(value, "sender_id"), "name": text(value, "sender_name")}
    return inner(value, "from") or older


def _attached(item: Json) -> tuple[Attachment, ...]:
    kind, media = text(item, "type"), inner(item, "media")
    mime = next((m for name, m in FILE_TYPES.items() if name in kind), None)
    picture = text(inner(media, "image"), "src")
    url = text(media, "source") if mime == "video/mp4" else picture
    url = url or picture or text(item, "url")
    return (Attachment(url, mime, text(item, "title") or None),) if url else ()


def _linked(value: Json) -> tuple[Attachment, ...]:
    """The files that a webhook names; a post of several pictures has `photos`."""
    single = [(text(value, "photo"), "image/jpeg"), (text(value, "video"), "video/mp4")]
    several = [(p, "image/jpeg") for p in items(value, "photos") if isinstance(p, str)]
    pictures = [(text(value, "link"), "image/jpeg")] if value.get("item") == "photo" else []
    found = dict([*single, *several, *pictures])
    return tuple(Attachment(url, mime) for url, mime in found.items() if url)
