"""X's posts and direct messages in the neutral form.

X renamed its fields in August 2026 (`tweet` became `post`) and servers speak either; both are read
everywhere. Absent values are omitted, never null.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.core.contract import (
    Attachment,
    Author,
    Direction,
    Json,
    Kind,
    Message,
    Visibility,
    word,
)
from connectors.core.errors import Malformed
from connectors.core.text import clean

EPOCH_MS = 1_288_834_974_657  # X's ids count milliseconds from 4 Nov 2010, shifted left by 22 bits
FIRST_TIMED_ID = 1 << 40  # smaller ids are older than the scheme
AHEAD = timedelta(minutes=5)
NOT_SUMMONED = word(
    "X lets an app answer in public only a post that mentions this account or quotes one of its"
    " posts. Answer in X itself, or by direct message."
)
BROKEN = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError)
_MEDIA_PAGE = re.compile(r"https://(twitter|x)\.com/messages/media/\d+")
_ESCAPES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_ESCAPE = re.compile("|".join(_ESCAPES))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What comes with a page beside its items: users, quoted posts, media, and who we are."""

    me: str
    now: datetime
    users: Mapping[str, Json]
    posts: Mapping[str, Json]
    media: Mapping[str, Json]

    @classmethod
    def of(cls, body: Json, me: str, now: datetime) -> "Surroundings":
        included = body.get("includes")
        parts = included if isinstance(included, dict) else {}
        posts = [*_objects(parts.get("tweets")), *_objects(parts.get("posts"))]
        users = map(_unwrapped, _objects(parts.get("users")))
        return cls(
            me,
            now,
            {str(u.get("id")): u for u in users},
            {str(p.get("id")): p for p in posts},
            {str(m.get("media_key")): m for m in _objects(parts.get("media"))},
        )

    def author(self, user_id: str) -> Author:
        user = self.users.get(user_id, {})
        return Author(user_id, _words(user.get("username")), _words(user.get("name")))


Parse = Callable[[Json, Surroundings], Message | None]


def read_items(
    body: Json, around: Surroundings, parse: Parse, above: int = 0
) -> tuple[tuple[Message, ...], tuple[Malformed, ...]]:
    """The items of an answer with ids `above` that; the unreadable go to the second list."""
    messages, malformed = [], []
    for item in items_of(body):
        number = number_of(item)
        if number is not None and number <= above:
            continue
        try:
            message = parse(item, around)
        except BROKEN as e:
            malformed.append(Malformed(f"X sent an item that cannot be read: {e!r}", item))
        else:
            if message is not None:
                messages.append(message)
    return tuple(messages), tuple(malformed)


def items_of(body: Json) -> list[Any]:
    """The page's items; no result means no `data` key."""
    data = body.get("data")
    return data if isinstance(data, list) else []


def ids_of(body: Json) -> list[int]:
    """The readable ids of a page, as numbers."""
    return [n for n in map(number_of, items_of(body)) if n is not None]


def number_of(item: Any) -> int | None:
    """An item's id as a number, if it has a readable one."""
    text = str(item.get("id")) if isinstance(item, dict) else ""
    return int(text) if _is_id(text) else None


def parse_post(item: Json, around: Surroundings, listed: bool = False) -> Message:
    """A post, as its own fields tell what it is to us. An edited post keeps its first id.

    Ours is an answer when it replies to somebody else, else context. Another author is a customer
    who mentions us, quotes or answers a post of ours, or is `listed` by X as writing to us; else it
    is context. So a post is the same wherever it is met.
    """
    post_id, author_id = _id(item["id"]), _id(item["author_id"])
    versions = versions_of(item)
    first = versions[0]
    written = _time(item.get("created_at")) or time_of_id(post_id, around.now)
    edited = first != post_id
    sent_at = (time_of_id(first, around.now) if edited else None) or written
    if sent_at is None:
        raise ValueError("no time")
    ours = author_id == around.me
    references = _references(item)
    summons = _summons(item, references, around)
    to_us = str(item.get("in_reply_to_user_id")) == around.me
    answers = "replied_to" in references and not to_us
    customer = (listed or summons or to_us) and "retweeted" not in references
    comment = "replied_to" in references and not (ours or summons)
    return Message(
        external_id=first,
        conversation=_id(item.get("conversation_id", first)),
        direction=Direction.OUT if ours else Direction.IN,
        text=_text(item),
        sent_at=sent_at,
        author=around.author(author_id),
        kind=Kind.COMMENT if comment else Kind.MENTION,
        visibility=Visibility.PUBLIC,
        in_reply_to=references.get("replied_to"),
        context=not (answers if ours else customer),
        attachments=_attachments(item, around),
        edited_at=written if edited else None,
        can_reply_publicly=ours or summons,
        reply_note=None if ours or summons else NOT_SUMMONED,
        platform={"post_id": post_id},
    )


def parse_mention(item: Json, around: Surroundings) -> Message:
    """A post that X lists among our mentions."""
    return parse_post(item, around, listed=True)


def versions_of(item: Json) -> list[str]:
    """The ids of a post's versions, the first one first."""
    listed = _either(item, "edit_history_tweet_ids", "edit_history_post_ids") or [item["id"]]
    return sorted((_id(v) for v in listed), key=int)


def context_of(around: Surroundings) -> tuple[Message, ...]:
    """The posts that came along with a page (parents, quoted ones) and are shown only.

    Customers' posts and our answers are left to the lists that bring them, with their clocks.
    """
    found = []
    for post in around.posts.values():
        try:
            message = parse_post(post, around)
        except BROKEN:
            continue  # an extra that nobody asked for
        if message.context:
            found.append(message)
    return tuple(found)


def parse_direct_message(item: Json, around: Surroundings) -> Message | None:
    """A direct message; None for joins and leaves."""
    if item.get("event_type", "MessageCreate") != "MessageCreate":
        return None
    event_id, conversation = _id(item["id"]), _words(item["dm_conversation_id"])
    if not conversation:
        raise ValueError("no conversation")
    sender = _sender(item, conversation, around)
    sent_at = _time(item.get("created_at")) or time_of_id(event_id, around.now)
    if sent_at is None:
        raise ValueError("no time")
    return Message(
        external_id=event_id,
        conversation=conversation,
        direction=Direction.OUT if sender == around.me else Direction.IN,
        text=_text(item),
        sent_at=sent_at,
        author=around.author(sender),
        attachments=_attachments(item, around),
    )


def parse_called_message(event: Json, around: Surroundings) -> Message | None:
    """A direct message as webhook calls bring it (the form of API 1.1), read as a list's item."""
    said, data = event["message_create"], event["message_create"]["message_data"]
    parties = (_id(said["sender_id"]), _id(said["target"]["recipient_id"]))
    entities = data.get("entities") or {}
    links = list(_objects(entities.get("urls")))
    media = {}
    medium = (data.get("attachment") or {}).get("media")
    if isinstance(medium, dict):
        media["0"] = {
            "url": medium.get("media_url_https"),
            "variants": (medium.get("video_info") or {}).get("variants"),
        }
        links.append({"url": medium.get("url"), "media_key": "0"})
    sent_at = datetime.fromtimestamp(int(event["created_timestamp"]) / 1000, UTC)
    item = {
        "id": event["id"],
        "text": data["text"],
        "sender_id": parties[0],
        "dm_conversation_id": "-".join(sorted(parties, key=int)),
        "created_at": sent_at.isoformat(),
        "entities": {"urls": links},
        "attachments": {"media_keys": list(media)},
    }
    return parse_direct_message(item, replace(around, media=media))


def time_of_id(post_id: str, now: datetime) -> datetime | None:
    """The time inside an id of X; None for ids that hold none."""
    number = int(post_id)
    if number < FIRST_TIMED_ID:
        return None
    elapsed = timedelta(milliseconds=(number >> 22) + EPOCH_MS)
    if elapsed > now + AHEAD - datetime(1970, 1, 1, tzinfo=UTC):
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + elapsed


def _sender(item: Json, conversation: str, around: Surroundings) -> str:
    """Who wrote a direct message.

    Where X leaves out `sender_id` but includes the page's senders as users, the one of the two
    parties among them must be it.
    """
    if "sender_id" in item:
        return _id(item["sender_id"])
    among = [p for p in conversation.split("-") if p in around.users]
    if len(among) != 1:
        raise ValueError("no sender_id")
    return among[0]


def _summons(item: Json, references: Mapping[str, str], around: Surroundings) -> bool:
    """X's rule since 23 Feb 2026: the author mentioned us or quoted one of our posts."""
    entities = item.get("entities") or {}
    if any(str(m.get("id")) == around.me for m in _objects(entities.get("mentions"))):
        return True
    quoted = around.posts.get(references.get("quoted", ""), {})
    return str(quoted.get("author_id")) == around.me


def _references(item: Json) -> dict[str, str]:
    """{kind of reference: post id}; kinds are replied_to, quoted, retweeted."""
    listed = _objects(_either(item, "referenced_tweets", "referenced_posts"))
    kinds = {"reposted": "retweeted"}
    found = {kinds.get(k, k): _id(r["id"]) for r in listed if isinstance(k := r.get("type"), str)}
    parent = _either(item, "in_reply_to_tweet_id", "in_reply_to_post_id")  # so in webhook calls
    return found if parent is None else {"replied_to": _id(parent), **found}


def _text(item: Json) -> str:
    """What the author wrote: long form, escapes and short links undone, media links left out."""
    note = _either(item, "note_tweet", "note_post") or {}
    text = note.get("text") or (item.get("text", "") if "attachments" in item else item["text"])
    text = _ESCAPE.sub(lambda m: _ESCAPES[m.group()], text)
    entities = (note.get("entities") if note.get("text") else None) or item.get("entities") or {}
    for link in _objects(entities.get("urls")):
        short, full = link.get("url"), link.get("expanded_url")
        if not isinstance(short, str):
            continue
        if "media_key" in link or (isinstance(full, str) and _MEDIA_PAGE.fullmatch(full)):
            text = text.replace(short, "").rstrip()
        elif isinstance(full, str) and _is_web(full):
            text = text.replace(short, full)
    return clean(text)


def _attachments(item: Json, around: Surroundings) -> tuple[Attachment, ...]:
    keys = (item.get("attachments") or {}).get("media_keys", ())
    return tuple(_attachment(around.media[k]) for k in keys if k in around.media)


def _attachment(medium: Json) -> Attachment:
    """A picture's own address, a film's best version, or its preview."""
    films = [v for v in _objects(medium.get("variants")) if _is_web(v.get("url"))]
    if films:
        best = max(films, key=lambda v: v.get("bit_rate", 0))
        return Attachment(best["url"], _words(best.get("content_type")))
    url = medium.get("url") or medium.get("preview_image_url")
    return Attachment(url if _is_web(url) else None)


def _either(item: Json, *names: str) -> Any:
    return next((item[n] for n in names if n in item), None)


def _unwrapped(user: Json) -> Json:
    """A user as webhook calls and lists give it."""
    inner = user.get("data")
    return inner if isinstance(inner, dict) else user


def _objects(listed: Any) -> Iterable[Json]:
    return [x for x in listed if isinstance(x, dict)] if isinstance(listed, list) else []


def _id(value: Any) -> str:
    text = str(value)
    if not _is_id(text):
        raise ValueError(f"not an id: {text[:40]!r}")
    return text


def _is_id(text: str) -> bool:
    """Ids have 63 bits; a longer number would carry a cursor beyond all that ever comes."""
    return text.isascii() and text.isdecimal() and len(text) < 20 and int(text) < 1 << 63


def _words(value: Any) -> str | None:
    return clean(value) if isinstance(value, str) and value else None


def _is_web(url: Any) -> bool:
    return isinstance(url, str) and url.startswith(("https://", "http://"))


def _time(text: Any) -> datetime | None:
    """X's ISO time as aware UTC; None when absent. Raises `ValueError` for anything else."""
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    return time.astimezone(UTC)
