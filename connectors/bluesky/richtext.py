"""Texts as Bluesky counts and marks them up, and the names it gives records.

Links and mentions are not found by the server: a post carries facets, which name them by offsets
in its UTF-8 bytes (bsky-docs, Apr 2026). Record keys are TIDs: 13 characters in an alphabet that
sorts, 53 bits of microseconds and 10 bits to tell clocks apart (atproto specification "tid").
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from connectors.core.contract import Json
from connectors.core.length import graphemes, utf8

FACET = "app.bsky.richtext.facet"
MENTIONS = 10  # looked up for one post
_TID = "234567abcdefghijklmnopqrstuvwxyz"
_LINK = re.compile(
    r"https?://[^\s<>\"'（）。，、]+[^\s<>\"'.,;:!?)\]（）。，、！？；：]", re.IGNORECASE
)
_MENTION = re.compile(
    r"(?<![\w@/.])@((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,})", re.IGNORECASE
)


def measure(limit: int, max_bytes: int) -> Callable[[str], int]:
    """Counts graphemes; a text of too many bytes is too long whatever its graphemes are."""

    def count(text: str) -> int:
        found, size = graphemes(text), utf8(text)
        return found if size <= max_bytes else max(found, limit + 1 + size - max_bytes)

    return count


def facets(text: str, did_of: Callable[[str], str | None]) -> list[Json]:
    """The links and mentions of a text. `did_of` tells whose a handle is; None = nobody's."""
    found = []
    for link in _LINK.finditer(text):
        found.append(_facet(text, link, {"$type": f"{FACET}#link", "uri": link[0]}))
    for mention in islice(_MENTION.finditer(text), MENTIONS):
        did = did_of(mention[1].lower())
        if did is not None:
            found.append(_facet(text, mention, {"$type": f"{FACET}#mention", "did": did}))
    return found


def written_out(text: str, marks: Any) -> str:
    """A text with the addresses behind its links: apps cut those, and their words may lie."""
    raw = text.encode("utf-8", "surrogatepass")
    parts, at = [], 0
    for start, end, url in sorted(_links(marks)):
        if at <= start < end <= len(raw):
            parts += [_words(raw[at:start]), _said(_words(raw[start:end]), url)]
            at = end
    return "".join((*parts, _words(raw[at:])))


def mentioned(marks: Any) -> set[str]:
    """The DIDs that a text mentions."""
    return {str(f.get("did")) for _, f in _features(marks) if f.get("did")}


def tid(at: datetime, key: str) -> str:
    """The record key of a reply: its time, and what tells it apart from others of that millisecond.
    `key` is hexadecimal; the same two always give the same record key."""
    apart = int(key, 16)
    micros = int(at.timestamp() * 1000) * 1000 + apart % 1000
    number = (micros << 10 | apart // 1000 % 1024) & (1 << 63) - 1
    return "".join(_TID[number >> shift & 31] for shift in range(60, -1, -5))


def _facet(text: str, found: re.Match[str], feature: Json) -> Json:
    start = utf8(text[: found.start()])
    index = {"byteStart": start, "byteEnd": start + utf8(found[0])}
    return {"index": index, "features": [feature]}


def _features(marks: Any) -> Iterator[tuple[Json, Json]]:
    """(index, feature) of every readable facet."""
    for mark in _objects(marks):
        index = mark.get("index")
        for feature in _objects(mark.get("features")):
            yield index if isinstance(index, dict) else {}, feature


def _links(marks: Any) -> Iterator[tuple[int, int, str]]:
    for index, feature in _features(marks):
        start, end, url = index.get("byteStart"), index.get("byteEnd"), feature.get("uri")
        if isinstance(start, int) and isinstance(end, int) and isinstance(url, str):
            yield start, end, url


def _words(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")  # an offset may lie within a letter


def _said(shown: str, url: str) -> str:
    """Words and address; the address alone where the words are (the beginning of) it."""
    bare = re.sub("^https?://", "", url)
    begun = re.sub("^https?://", "", shown).rstrip(".…/")
    return url if begun and bare.startswith(begun) else f"{shown} ({url})"


def _objects(listed: Any) -> Iterable[Json]:
    return [x for x in listed if isinstance(x, dict)] if isinstance(listed, list) else []
