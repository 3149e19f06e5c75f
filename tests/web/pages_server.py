"""Sample pages over a real socket, under the product's content policy, with a live stream."""

import json
import mimetypes
import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from inbox.web.pages import STATIC

POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

Form = dict[str, str]


@dataclass(slots=True)
class Asked:
    """A request as a page made it."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: Form = field(default_factory=dict)

    @property
    def wants_part(self) -> bool:
        return self.headers.get("hx-request") == "true"


@dataclass(slots=True)
class Answer:
    """What a page of the test answers; a `location` makes it a redirect."""

    text: str = ""
    status: int = 200
    location: str = ""


def fields(kind: str, body: bytes) -> Form:
    """A form's fields, however the browser wrote them; files are left out."""
    if not kind.startswith("multipart/"):
        return {k: v[-1] for k, v in parse_qs(body.decode()).items()}
    parts = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\n\n" + body)
    return {
        str(part.get_param("name", header="content-disposition")): data.decode()
        for part in parts.iter_parts()
        if part.get_filename() is None and isinstance(data := part.get_payload(decode=True), bytes)
    }


class PageServer:
    """Answers paths from `pages`; streams what `tell` is given; remembers what was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, Callable[[Asked], Answer]] = {}
        self.asked: list[Asked] = []
        self.streams: list[queue.Queue[str | None]] = []
        self.up = True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                """Tests stay quiet."""

            def do_GET(self) -> None:
                outer.answer(self, {})

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                outer.answer(self, fields(self.headers["content-type"], self.rfile.read(length)))

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.http.server_port}"

    def tell(self, event: str, data: dict[str, object], number: int = 1) -> None:
        """An event to every open page."""
        for stream in self.streams:
            stream.put(f"id: {number}\nevent: {event}\ndata: {json.dumps(data)}\n\n")

    def cut(self) -> None:
        """Ends every stream, and refuses new ones until `up` is set again."""
        self.up = False
        for stream in self.streams:
            stream.put(None)
        self.streams.clear()

    def of(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    def answer(self, handler: BaseHTTPRequestHandler, form: Form) -> None:
        url = urlsplit(handler.path)
        query = {key: values[-1] for key, values in parse_qs(url.query).items()}
        headers = {key.lower(): value for key, value in handler.headers.items()}
        asked = Asked(url.path, query, headers, form)
        if url.path.startswith("/static/"):
            return self._static(handler, url.path.removeprefix("/static/"))
        self.asked.append(asked)
        if url.path == "/events":
            return self._stream(handler)
        page = self.pages.get(url.path)
        return self._send(handler, page(asked) if page else Answer("nothing here", 404))

    def _send(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        body = answer.text.encode()
        handler.send_response(303 if answer.location else answer.status)
        if answer.location:
            handler.send_header("location", answer.location)
        self._head(handler, "text/html; charset=utf-8", len(body))
        handler.wfile.write(body)

    def _static(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        body = (STATIC / name).read_bytes()
        handler.send_response(200)
        self._head(handler, mimetypes.guess_type(name)[0] or "text/plain", len(body))
        handler.wfile.write(body)

    def _head(self, handler: BaseHTTPRequestHandler, kind: str, length: int) -> None:
        handler.send_header("content-type", kind)
        handler.send_header("content-length", str(length))
        handler.send_header("content-security-policy", POLICY)
        handler.end_headers()

    def _stream(self, handler: BaseHTTPRequestHandler) -> None:
        if not self.up:
            return self._send(handler, Answer("down", 503))
        mine: queue.Queue[str | None] = queue.Queue()
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.end_headers()
        handler.wfile.flush()
        self.streams.append(mine)
        while (line := mine.get()) is not None:
            handler.wfile.write(line.encode())
            handler.wfile.flush()
        return None


@contextmanager
def page_server() -> Iterator[PageServer]:
    """A server on a free port of 127.0.0.1, until the test ends."""
    server = PageServer()
    thread = Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.cut()
        server.http.shutdown()
        server.http.server_close()
        thread.join()
