"""What the fake Bluesky remembers of posts, how it shows them, and what it finds wrong in them."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.core.length import graphemes

Json = dict[str, Any]
CDN = "/img/feed_fullsize"


def did_of(handle: str) -> str:
    digest = base64.b32encode(hashlib.sha256(handle.encode()).digest()).decode().lower()
    did = f"did:plc:{digest[:24]}"
    _HANDLES[did] = handle
    return did


_HANDLES: dict[str, str] = {}
ME = did_of("brand.example")


@dataclass
class Post:
    uri: str
    cid: str
    author: str
    record: Json
    indexed_at: datetime
    broken: bool = False


def cid_of(text: str) -> str:
    return "bafyrei" + hashlib.sha256(text.encode()).hexdigest()[:52]


def profile(did: str) -> Json:
    handle = _HANDLES.get(did, "handle.invalid")
    return {"did": did, "handle": handle, "displayName": handle.partition(".")[0].title()}


def reference(parent: Post) -> Json:
    """What an answer to a post refers to."""
    here = {"uri": parent.uri, "cid": parent.cid}
    return {"root": parent.record.get("reply", {}).get("root", here), "parent": here}


def view(post: Post, url: str, *, embed: bool = True, like: str | None = None) -> Json:
    """A post as lists show it; notifications show no `embed`."""
    if post.broken:
        return {"uri": post.uri, "indexedAt": iso(post.indexed_at), "record": None}
    shown: Json = {
        "uri": post.uri,
        "cid": post.cid,
        "author": profile(did_of(post.author)),
        "record": post.record,
        "indexedAt": iso(post.indexed_at),
        "viewer": {"like": like} if like else {},
    }
    images = post.record.get("embed", {}).get("images", [])
    if embed and images:
        found = [{"fullsize": f"{url}{CDN}/{i}", "alt": ""} for i, _ in enumerate(images)]
        shown["embed"] = {"$type": "app.bsky.embed.images#view", "images": found}
    return shown


def wrong_in(record: Json, posts: Mapping[str, Post], blobs: Mapping[str, bytes]) -> str:
    """What a server refuses in a post; "" for nothing."""
    text = record["text"]
    size = len(text.encode())
    datetime.fromisoformat(record["createdAt"])
    if record.get("$type") != "app.bsky.feed.post":
        return "$type"
    if graphemes(text) > 300 or size > 3000:
        return "text must not be longer than 300 graphemes"
    for ref in record.get("reply", {}).values():
        if ref["uri"] in posts and posts[ref["uri"]].cid != ref["cid"]:
            return "reply"
    for facet in record.get("facets", []):
        if not 0 <= facet["index"]["byteStart"] < facet["index"]["byteEnd"] <= size:
            return "facets"
    images = record.get("embed", {}).get("images", [])
    if len(images) > 4 or any(i["image"]["ref"]["$link"] not in blobs for i in images):
        return "embed"
    return ""


def iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"
