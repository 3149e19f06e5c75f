"""The fake X's front door: one request in, one answer out, faults between."""

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    raw_query: str
    authorization: str
    body: Json


@dataclass
class Answer:
    """`body` as a string is HTML, else it becomes JSON."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class Service(Protocol):
    def answer(self, request: Request) -> Answer | None:
        """None = hang up without a word."""
        ...


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, service: Service) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.service = service

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """Tests want silence."""

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        signed = self.headers.get("authorization", "")
        body = json.loads(raw) if raw else {}
        answer = self.server.service.answer(
            Request(self.command, parts.path, query, parts.query, signed, body)
        )
        if answer is None:
            return
        html = isinstance(answer.body, str)
        data = str(answer.body).encode() if html else json.dumps(answer.body).encode()
        try:
            self.send_response(answer.status)
            self.send_header("content-type", "text/html" if html else "application/json")
            self.send_header("content-length", str(len(data)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            pass  # a client that did not wait
