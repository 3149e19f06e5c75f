"""Bluesky's posts and direct messages in the neutral form.

A post is named by its address (`at://did/app.bsky.feed.post/key`), and a direct message by its
conversation and id. `createdAt` is what the author's app claims; the time that counts is
`indexedAt`, the network's own. Facts: the lexicons of bluesky-social/atproto, 2026.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.bluesky.richtext import mentioned, written_out
from connectors.core.contract import (
    Attachment,
    Author,
    Deletion,
    Direction,
    Json,
    Kind,
    Message,
    Visibility,
)
from connectors.core.text import clean

UNREADABLE_ITEM = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
_DID = re.compile(r"did:[a-z]+:[\w.:%-]{1,250}", re.ASCII)
_ADDRESS = re.compile(
    r"at://did:[a-z]+:[\w.:%-]{1,250}/[A-Za-z0-9.-]{1,200}/[\w.~:-]{1,250}", re.ASCII
)
MESSAGE, DELETED = "chat.bsky.convo.defs#messageView", "chat.bsky.convo.defs#deletedMessageView"


def parse_post(item: Json, me: str, *, told: bool = False) -> Message:
    """A post as a notification or a list shows it: both name `uri`, `cid`, `author`, `record` and
    `indexedAt`. `me` is our DID; `told`: a notification says that it is for us."""
    uri, record = _uri(item["uri"]), item["record"]
    author = _author(item["author"])
    ours = author.id == me
    root, parent = _ref(record, "root"), _ref(record, "parent")
    return Message(
        external_id=uri,
        conversation=root["uri"] if root else uri,
        direction=Direction.OUT if ours else Direction.IN,
        text=clean(written_out(str(record["text"]), record.get("facets"))),
        sent_at=time_of(item["indexedAt"]),
        author=author,
        kind=Kind.COMMENT if parent else Kind.MENTION,
        visibility=Visibility.PUBLIC,
        in_reply_to=parent["uri"] if parent else None,
        context=not (_is_answer(record, me) if ours else told or _is_to(record, me)),
        attachments=tuple(map(Attachment, _pictures(item.get("embed")))),
        platform={
            "cid": clean(str(item["cid"])),
            **({"root": root} if root else {}),
            "langs": [x for x in record.get("langs") or () if isinstance(x, str)][:3],
        },
    )


def parse_message(item: Json, convo: str, me: str, people: Mapping[str, Author]) -> Message | None:
    """A direct message; None for one that was deleted, and for what the service itself says."""
    if item.get("$type", MESSAGE) != MESSAGE:
        return None
    sender = _author(item["sender"]).id
    return Message(
        external_id=message_id(convo, item["id"]),
        conversation=convo,
        direction=Direction.OUT if sender == me else Direction.IN,
        text=clean(written_out(str(item["text"]), item.get("facets"))),
        sent_at=time_of(item["sentAt"]),
        author=people.get(sender, Author(sender)),
    )


def parse_deletion(entry: Json, now: datetime) -> Deletion | None:
    """What a log entry says was deleted; it does not say when."""
    item = entry["message"]
    gone = str(entry["$type"]).endswith("#logDeleteMessage") or item.get("$type") == DELETED
    return Deletion(message_id(str(entry["convoId"]), item["id"]), now) if gone else None


def people_of(*lists: Any) -> dict[str, Author]:
    """The people in lists of profiles, by DID; those without a readable name are left out."""
    found: dict[str, Author] = {}
    for profile in (p for listed in lists if isinstance(listed, list) for p in listed):
        try:
            author = _author(profile)
        except UNREADABLE_ITEM:
            continue
        if author.handle:
            found[author.id] = author
    return found


def message_id(convo: str, number: Any) -> str:
    if not isinstance(number, str) or not number or not convo:
        raise ValueError("no id")
    return f"{convo}:{number}"


def above(item: Json) -> Iterable[str]:
    """The addresses of the root and the parent of a post, as far as it has them."""
    record = item.get("record")
    refs = [_ref(record, name) for name in ("root", "parent")] if isinstance(record, dict) else []
    return [r["uri"] for r in refs if r]


def owner(uri: str) -> str:
    """The DID in an address."""
    return uri.removeprefix("at://").partition("/")[0]


def record_key(uri: str) -> str:
    return uri.rpartition("/")[2]


def time_of(text: Any) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    return time.astimezone(UTC)


def _is_answer(record: Json, me: str) -> bool:
    """Whether a post of ours is for somebody, rather than one under which people comment."""
    refs = [r for r in (_ref(record, "root"), _ref(record, "parent")) if r]
    others = any(owner(r["uri"]) != me for r in refs)
    return others or bool(mentioned(record.get("facets")) - {me})


def _is_to(record: Json, me: str) -> bool:
    """Whether somebody's post stands in our thread, answers us, mentions us or quotes us."""
    refs = [r for r in (_ref(record, "root"), _ref(record, "parent"), _quoted(record)) if r]
    return any(owner(r["uri"]) == me for r in refs) or me in mentioned(record.get("facets"))


def _quoted(record: Json) -> Json | None:
    """The post inside a quote: `embed.record`, one level deeper beside pictures."""
    embed = record.get("embed")
    found = embed.get("record") if isinstance(embed, dict) else None
    found = found.get("record", found) if isinstance(found, dict) else None
    return found if isinstance(found, dict) and isinstance(found.get("uri"), str) else None


def _ref(record: Json, name: str) -> dict[str, str] | None:
    reply = record.get("reply")
    ref = reply.get(name) if isinstance(reply, dict) else None
    return (
        {"uri": _uri(ref["uri"]), "cid": clean(str(ref["cid"]))} if isinstance(ref, dict) else None
    )


def _pictures(embed: Any) -> Iterable[str]:
    """Addresses of pictures, and a film's preview, in a post's view."""
    if not isinstance(embed, dict):
        return []
    media = embed.get("media")
    parts = media if isinstance(media, dict) else embed
    listed = parts.get("images")
    images = [i.get("fullsize") for i in listed or () if isinstance(i, dict)]
    found = [*images, parts.get("thumbnail")]
    return [url for url in found if isinstance(url, str)]


def _author(profile: Json) -> Author:
    did = profile["did"]
    if not isinstance(did, str) or not _DID.fullmatch(did):
        raise ValueError("no DID")
    return Author(did, _words(profile.get("handle")), _words(profile.get("displayName")))


def _words(value: Any) -> str | None:
    return clean(value) if isinstance(value, str) and value else None


def _uri(value: Any) -> str:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise ValueError("no address of a record")
    return value
