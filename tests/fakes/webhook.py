"""Both ends of the signed webhook: a caller that signs, and a receiver of our answers.

The signature is made here from its definition, not by the product's code. Faults of the receiver:
a status such as `503`; `cut` stores the answer and hangs up; `garbled` answers no HTTP; `redirect`
points elsewhere; `drip` sends its answer a byte at a time, for ever; `long` answers with
10,000 bytes.
"""

import hashlib
import hmac
import json
import threading
from collections import deque
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from connectors.core.contract import HookRequest

SECRET = "a-secret-shared-with-the-shop"


def signature(secret: str, t: int, body: bytes) -> str:
    """t, a dot, the raw body; HMAC-SHA256; hex."""
    made = hmac.new(secret.encode(), b"%d.%b" % (t, body), hashlib.sha256).hexdigest()
    return f"t={t},v1={made}"


def event(
    text: str = "Where is my payment?", event_id: str = "e1", **changes: Any
) -> dict[str, Any]:
    """A `message.created` event of a customer; `changes` replace its parts."""
    made: dict[str, Any] = {
        "event_id": event_id,
        "type": "message.created",
        "conversation_id": "c17",
        "message": {
            "id": f"m-{event_id}",
            "text": text,
            "created_at": "2026-11-20T09:15:31Z",
            "attachments": [],
        },
        "author": {"id": "u9", "name": "Ann", "email": "ann@mail.example"},
        "context": {"page_url": "https://shop.example/cart", "locale": "en"},
    }
    return made | changes


def request(
    body: bytes | dict[str, Any],
    secret: str = SECRET,
    at: datetime | None = None,
    received_at: datetime | None = None,
    told: str | None = None,
) -> HookRequest:
    """A signed call as the web side hands it to a connector."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    now = received_at or datetime.now(UTC)
    header = told if told is not None else signature(secret, int((at or now).timestamp()), raw)
    headers = {"content-type": "application/json", "x-inbox-signature": header}
    return HookRequest("POST", "/hooks/webhook/shop", headers, {}, raw, now)


class Receiver:
    """A server on 127.0.0.1 that verifies and keeps our answers; a known event_id is kept once."""

    FILE = bytes(range(256)) * 8

    def __init__(self, secret: str = SECRET) -> None:
        self.secret = secret
        self.bodies: list[bytes] = []
        self.events: dict[str, dict[str, Any]] = {}
        self.faults: deque[str] = deque()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def origin(self) -> str:
        """host:port, as `REPLYDESK_ALLOW_PRIVATE` names it."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.origin}/answers"

    def texts(self) -> list[str]:
        return [e["message"]["text"] for e in self.events.values()]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                status = receiver.take(body, self.headers["X-Inbox-Signature"] or "")
                fault = receiver.faults.popleft() if receiver.faults else ""
                receiver.answer(self, fault, status)

            def do_GET(self) -> None:
                """/file has bytes; /moved leads there."""
                self.send_response(200 if self.path == "/file" else 302)
                if self.path != "/file":
                    self.send_header("Location", f"http://{receiver.origin}/file")
                self.send_header("Content-Type", "image/png")
                self.end_headers()
                self.wfile.write(receiver.FILE)

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        return Handler

    def take(self, body: bytes, told: str) -> int:
        """Keeps a well-signed answer; the status for it."""
        t = told.partition(",")[0].removeprefix("t=")
        if not t.isdigit() or told != signature(self.secret, int(t), body):
            return 401
        if self.faults and self.faults[0].isdigit():
            return int(self.faults[0])
        self.bodies.append(body)
        read = json.loads(body)
        known = self.events.setdefault(read["event_id"], read)
        return 200 if known == read else 409

    def answer(self, call: BaseHTTPRequestHandler, fault: str, status: int) -> None:
        call.close_connection = True
        if fault == "cut":
            return
        if fault == "garbled":
            call.wfile.write(b"\x00\x01 nonsense\r\n\r\n")
            return
        if fault == "drip":
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000:
                if self._closing.wait(0.05):
                    return
                call.wfile.write(bytes([byte]))
            return
        call.send_response(302 if fault == "redirect" else status)
        if fault == "redirect":
            call.send_header("Location", self.url)
        if fault == "429":
            call.send_header("Retry-After", "30")
        body = b"x" * 10_000 if fault == "long" else b""
        call.send_header("Content-Length", str(len(body)))
        call.end_headers()
        call.wfile.write(body)
