"""What every fake platform stands on: an HTTP server on 127.0.0.1 that can misbehave.

A platform's fake subclasses `Fake` and writes `route`. Faults are queued with `fault` and met by
the next requests: an `Answer` instead of the platform's own, or one of

- `lost`: the platform does what was asked and hangs up without a word,
- `slow`: it answers after 20 seconds (clients must give up before),
- `garbled`: it does what was asked and answers with a page that nobody asked for.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import HTTP
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]
GARBAGE = "<html>Please sign in to this network</html>"


@dataclass
class Part:
    """One part of a multipart form."""

    name: str
    filename: str | None
    mime: str
    data: bytes


@dataclass
class Request:
    """Header names are lower-case; `raw` is the body as it came."""

    method: str
    path: str
    query: dict[str, str]
    raw_query: str
    headers: dict[str, str]
    raw: bytes = b""

    @property
    def json(self) -> Json:
        found = json.loads(self.raw) if self.raw else {}
        return found if isinstance(found, dict) else {}

    @property
    def form(self) -> dict[str, str]:
        """A url-encoded form; the last of several values stands."""
        return dict(parse_qsl(self.raw.decode(), keep_blank_values=True))

    @property
    def fields(self) -> Json:
        """JSON or form, whatever came."""
        kind = self.headers.get("content-type", "")
        if kind.startswith("multipart/"):
            return {p.name: p.data.decode() for p in self.parts if p.filename is None}
        return self.json if kind.startswith("application/json") else dict(self.form)

    @property
    def parts(self) -> list[Part]:
        """The parts of a multipart form."""
        head = f"Content-Type: {self.headers.get('content-type', '')}\r\n\r\n".encode()
        parsed = BytesParser(policy=HTTP).parsebytes(head + self.raw)
        return [
            Part(
                str(part.get_param("name", header="content-disposition")),
                part.get_filename(),
                part.get_content_type(),
                part.get_payload(decode=True) or b"",  # type: ignore[arg-type]  # bytes, decoded
            )
            for part in parsed.iter_parts()
        ]

    @property
    def bearer(self) -> str:
        return self.headers.get("authorization", "").partition(" ")[2]


@dataclass
class Answer:
    """`body`: bytes go as they are, text as HTML, anything else as JSON."""

    status: int
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


class Fake:
    """`with Fake() as fake:` serves at `fake.url`. `FAULTS` name answers of the platform's own."""

    FAULTS: ClassVar[Mapping[str, Answer]] = {}
    LATER: ClassVar[tuple[str, ...]] = ("lost", "slow", "garbled")

    def __init__(
        self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), port: int = 0
    ) -> None:
        self.requests: list[Request] = []
        self.sent: list[str] = []  # texts of answers taken, oldest first
        self.acts: list[str] = []  # what moderation did (`Act` values)
        self.hosted: dict[str, bytes] = {}  # what its file server has, by path
        self.lock = threading.RLock()
        self._clock, self._ahead_s = now, 0.0
        self._faults: list[tuple[str, str | Answer]] = []
        self._closing = threading.Event()
        self._server = _Server(port, self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def now(self) -> datetime:
        return self._clock() + timedelta(seconds=self._ahead_s)

    def advance(self, seconds: float) -> None:
        self._ahead_s += seconds

    def fault(self, path: str, mode: str | Answer, times: int = 1) -> None:
        """The next `times` requests to `path` (may hold `*`) meet this fault."""
        if isinstance(mode, str) and mode not in self.FAULTS and mode not in self.LATER:
            raise ValueError(mode)
        self._faults += [(path, mode)] * times

    def host(self, data: bytes) -> str:
        """The address of a file on the platform's own file server."""
        path = f"/files/{len(self.hosted)}.jpg"
        self.hosted[path] = data
        return f"{self.url}{path}"

    def file(self, request: Request) -> Answer | None:
        """A hosted file, if one is asked for."""
        found = self.hosted.get(request.path)
        return None if found is None else Answer(200, found, {"content-type": "image/jpeg"})

    def route(self, request: Request) -> Answer:
        """The platform's own answer; called under the lock."""
        raise AssertionError("each fake has its own")

    def control(self, request: Request) -> Answer:
        """By hand: POST to /_fake/… writes as a customer."""
        return Answer(404)

    def quota_headers(self, request: Request) -> dict[str, str]:
        """Headers that come with every answer."""
        return {}

    def answer(self, request: Request) -> Answer | None:
        """None = hang up without a word."""
        if request.path.startswith("/_fake/"):
            return self.control(request)
        with self.lock:
            self.requests.append(request)
            fault = self._next_fault(request.path)
            instead = fault if isinstance(fault, Answer) else self.FAULTS.get(fault)
            answer = instead or self.file(request) or self.route(request)
            headers = self.quota_headers(request)
        if fault == "slow":
            self._closing.wait(20)
        if fault == "lost":
            return None
        if fault == "garbled":
            return Answer(200, GARBAGE)
        return Answer(answer.status, answer.body, {**headers, **answer.headers})

    def _next_fault(self, path: str) -> str | Answer:
        found = next((f for f in self._faults if fnmatch(path, f[0])), None)
        if found is None:
            return ""
        self._faults.remove(found)
        return found[1]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, fake: Fake) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.fake = fake


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Tests want silence."""

    def serve(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, query, parts.query, headers, raw)
        answer = self.server.fake.answer(request)
        if answer is None:
            return
        data, mime = _written(answer.body)
        try:
            self.send_response(answer.status)
            for name, value in ({"content-type": mime} | answer.headers).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            pass  # a client that did not wait

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815 - http.server's names


def _written(body: Any) -> tuple[bytes, str]:
    if isinstance(body, bytes):
        return body, "application/octet-stream"
    if isinstance(body, str):
        return body.encode(), "text/html"
    return json.dumps(body).encode(), "application/json"
