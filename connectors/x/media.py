"""Pictures: up to X for an answer, and down from where X keeps those of direct messages.

Facts: X's pages "Chunked media upload", "Media best practices" and "DM media retrieval", Aug 2026:
JPEG, PNG and WebP up to 5 MB, four to a post, one to a direct message; pieces of at most 5 MB; the
pictures of direct messages lie at ton.twitter.com, which takes OAuth 1.0a signatures only, and
OAuth 2.0 reads them under /2/dm_conversations/media.
"""

import base64
import re

from connectors.core.contract import Downloaded, Json, Media, Upload, word
from connectors.core.errors import Refused, Transient
from connectors.x.client import ORIGIN, TON, UNREADABLE, As, Client, Rows

TYPES = ("image/jpeg", "image/png", "image/webp")
MAX_BYTES = 5_000_000
PUBLIC = Media(TYPES, MAX_BYTES, most=4)
PRIVATE = Media(TYPES, MAX_BYTES, most=1)
PIECE = 3_000_000  # bytes; they travel as base64
ALT_TEXT = 1_000  # characters
_KEPT = re.compile(r"https://ton\.(?:twitter|x)\.com(/[\w./]+/dm/(\d+)/(\d+)/([\w-][\w.-]*))")
NOT_TAKEN = word("X did not take the picture: {words}")
_UPLOAD: Rows = {403: lambda a: Refused(NOT_TAKEN.format(words=a.detail))}


def upload(client: Client, file: Upload, category: str) -> str:
    """The id under which X has the file for a day; until it is sent nothing is to be seen."""
    about = {"media_type": file.mime, "total_bytes": len(file.data), "media_category": category}
    media_id = _id(client.do("POST", "/2/media/upload/initialize", about, _UPLOAD).body)
    for number, start in enumerate(range(0, len(file.data), PIECE)):
        piece = base64.b64encode(file.data[start : start + PIECE]).decode()
        body = {"media": piece, "segment_index": number}
        client.do("POST", f"/2/media/upload/{media_id}/append", body, _UPLOAD)
    done = client.do("POST", f"/2/media/upload/{media_id}/finalize", None, _UPLOAD).body
    _check_ready(done.get("data"))
    if file.description:
        words = {"alt_text": {"text": file.description[:ALT_TEXT]}}
        client.do("POST", "/2/media/metadata", {"id": media_id, "metadata": words}, _UPLOAD)
    return media_id


def download(client: Client, url: str, most: int) -> Downloaded | None:
    """A picture of a direct message; None for an address that is open to all."""
    kept = _KEPT.fullmatch(url)
    if kept is None:
        return None
    path, *names = kept.groups()
    if client.by is As.TOKEN:
        return client.download(f"{ORIGIN}/2/dm_conversations/media/{'/'.join(names)}", most)
    return client.download(f"{TON}{path}", most)


def _id(body: Json) -> str:
    made = body.get("data")
    media_id = str(made.get("id")) if isinstance(made, dict) else ""
    if not media_id.isdecimal():
        raise Transient(UNREADABLE)
    return media_id


def _check_ready(made: object) -> None:
    """X may still be at work on a file; pictures are ready at once as a rule."""
    work = made.get("processing_info") if isinstance(made, dict) else None
    state = work.get("state") if isinstance(work, dict) else "succeeded"
    if state == "failed":
        raise Refused("X cannot read this picture. Save it as JPEG or PNG and try again.")
    if state != "succeeded":
        raise Transient("X is still at work on the picture.", 30)
