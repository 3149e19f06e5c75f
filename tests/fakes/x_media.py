"""The fake X's pictures: those that customers sent, and uploads in pieces."""

import base64
import re
from dataclasses import dataclass

from tests.fakes.http import Answer, Request
from tests.fakes.x_items import Json

TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
CATEGORIES = ("tweet_image", "dm_image")
LIMIT = 5_000_000
TON = "https://ton.twitter.com"
BAD = Answer(400, {"title": "Invalid Request", "detail": "One or more parameters was invalid."})


@dataclass
class Uploaded:
    mime: str
    total: int
    category: str
    data: bytes = b""
    pieces: int = 0
    ready: bool = False
    words: str = ""


class Pictures:
    """`state` other than "" is what `finalize` tells of X's work on a file."""

    def __init__(self) -> None:
        self.uploads: dict[str, Uploaded] = {}
        self.state = ""
        self._kept: dict[str, bytes] = {}
        self._made = 7_000_000_000

    def kept(self, data: bytes, url: str, private: bool) -> Json:
        """A customer's picture as X includes it."""
        self._made += 1
        number = str(self._made)
        path = f"/dm/{number}/{number}/fake.png" if private else f"/media/{number}.png"
        self._kept[path] = data
        where = f"{TON}/1.1/ton/data{path}" if private else f"{url}{path}"
        return {"media_key": f"3_{number}", "type": "photo", "url": where}

    def show(self, path: str, by_keys: bool) -> Answer:
        """A private picture lies at one address for OAuth 1.0a and at another for OAuth 2.0."""
        old, new = "/1.1/ton/data/dm/", "/2/dm_conversations/media/"
        if path.startswith((old, new)):
            if path.startswith(old) != by_keys:
                return Answer(403, {"detail": "Unsupported Authentication"})
            path = path.replace(old, "/dm/").replace(new, "/dm/")
        data = self._kept.get(path)
        if data is None:
            return Answer(404, {"detail": "Not Found"})
        return Answer(200, data, {"content-type": "image/png"})

    def take(self, request: Request) -> Answer:
        """A step of an upload."""
        body = request.json
        if request.path == "/2/media/upload/initialize":
            return self._begin(body)
        if request.path == "/2/media/metadata":
            found = self.uploads.get(str(body.get("id")))
            if found is None:
                return BAD
            found.words = body["metadata"]["alt_text"]["text"]
            return Answer(200, {"data": {"id": body["id"]}})
        step = re.fullmatch(r"/2/media/upload/(\d+)/(append|finalize)", request.path)
        file = self.uploads.get(step[1]) if step else None
        if step is None or file is None:
            return BAD
        if step[2] == "append":
            return self._append(file, body)
        if len(file.data) != file.total:
            return BAD
        file.ready = True
        work = {"processing_info": {"state": self.state}} if self.state else {}
        return Answer(200, {"data": {"id": step[1], "size": file.total, **work}})

    def attached(self, ids: list[str], category: str, most: int) -> list[bytes] | None:
        """The files of a message; None where X would refuse them."""
        files = [self.uploads.get(i) for i in ids]
        fit = [f for f in files if f is not None and f.ready and f.category == category]
        return [f.data for f in fit] if len(fit) == len(ids) <= most else None

    def _begin(self, body: Json) -> Answer:
        mime, total, category = (
            body.get(n) for n in ("media_type", "total_bytes", "media_category")
        )
        if mime not in TYPES or category not in CATEGORIES or not 0 < int(total or 0) <= LIMIT:
            return BAD
        self._made += 1
        self.uploads[str(self._made)] = Uploaded(str(mime), int(total or 0), str(category))
        return Answer(200, {"data": {"id": str(self._made), "expires_after_secs": 86400}})

    def _append(self, file: Uploaded, body: Json) -> Answer:
        piece = base64.b64decode(body["media"], validate=True)
        if len(piece) > LIMIT or body["segment_index"] != file.pieces:
            return BAD
        file.data += piece
        file.pieces += 1
        return Answer(200, {"data": {"expires_at": 1}})
