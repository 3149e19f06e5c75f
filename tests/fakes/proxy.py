"""A door between a connector and its platform's double that breaks the line as real lines break.

    with proxy_before(fake.url) as proxy:
        proxy.fault(proxy.FAULTS["reset after"])    # the next exchange meets it, later ones do not

An exchange is a request with its answer (HTTP), or a whole connection (IMAP, SMTP). A fault whose
name ends in *after* strikes when the platform has done what was asked, the others before it heard
of it.
"""

import gzip
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import ClassVar, Self
from urllib.parse import urlsplit

GARBAGE = b"\x00\xff\xfe what is this \x80\r\n\r\n" * 3
HTML = b"<html><h1>Something went wrong</h1></html>"
LATE_S = 0.15
SILENT_S = 15.0  # longer than a client may take to give up
CHUNK = 1 << 16

Strike = Callable[[socket.socket, bytes], None]
"""What the client sees: (its line, the rest of the platform's answer)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`reaches`: the platform hears of the request, and does it. `strike` comes after `passed`
    bytes of its answer."""

    strike: Strike
    reaches: bool = False
    passed: int = 0


# --- what the client sees


def reset(line: socket.socket, answer: bytes) -> None:
    """A TCP reset: even what is on its way is lost."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def late(line: socket.socket, answer: bytes) -> None:
    time.sleep(LATE_S)
    line.sendall(answer)


def hung_up(line: socket.socket, answer: bytes) -> None:
    """The end of the connection, in good order and without a word."""


def garbage(line: socket.socket, answer: bytes) -> None:
    line.sendall(GARBAGE)


def says(status: int, body: bytes = HTML, *headers: str) -> Strike:
    """An answer of something on the way: a balancer, a firewall."""
    lines = (f"HTTP/1.1 {status} Sorry", "Content-Type: text/html", "Connection: close", *headers)
    head = "\r\n".join((*lines, f"Content-Length: {len(body)}", "", "")).encode()
    return lambda line, answer: line.sendall(head + body)


def endless(head: bytes, more: bytes, times: int) -> Strike:
    """An answer that never ends, so that the client must hang up. Far beyond what anybody should
    read it falls silent, lest a client that reads on takes all memory."""

    def strike(line: socket.socket, answer: bytes) -> None:
        line.sendall(head)
        for _ in range(times):
            line.sendall(more)
        time.sleep(SILENT_S)

    return strike


def cut(after: int) -> Fault:
    """The platform's answer ends after so many bytes."""
    return Fault(hung_up, True, after)


_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_WORDS = b'{"data": "' + b"x" * CHUNK


class Proxy:
    """What both kinds share. `answers` are the platform's, one an exchange (HTTP) or connection."""

    FAULTS: ClassVar[Mapping[str, Fault]]
    CUTS: ClassVar[int]  # at how many places it is worth its time to cut one answer

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        assert parts.port
        self.target = ("127.0.0.1", parts.port)
        self.answers: list[bytes] = []
        self._faults: list[Fault | None] = []
        self._lock = threading.Lock()
        self._server = _Server(self)
        netloc = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = parts._replace(netloc=netloc).geturl()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fault(self, fault: Fault, skip: int = 0, times: int = 1) -> None:
        """After `skip` more exchanges that go well, `times` exchanges meet the fault."""
        with self._lock:
            self._faults = [None] * skip + [fault] * times

    def mend(self) -> None:
        """Forgets the faults that nothing met."""
        with self._lock:
            self._faults = []

    def next_fault(self) -> Fault | None:
        with self._lock:
            return self._faults.pop(0) if self._faults else None

    def serve(self, line: socket.socket) -> None:
        raise AssertionError("each kind has its own")


class HttpProxy(Proxy):
    """Takes a whole request, asks the platform, passes its whole answer on, and hangs up."""

    CUTS = 100
    FAULTS: ClassVar[Mapping[str, Fault]] = {
        "late": Fault(late, True),
        "reset": Fault(reset),
        "reset after": Fault(reset, True),
        "hung up": Fault(hung_up),
        "hung up after": Fault(hung_up, True),
        "garbage": Fault(garbage),
        "garbage after": Fault(garbage, True),
        "a page instead": Fault(says(200), True),
        "429": Fault(says(429, HTML, "Retry-After: 1")),
        "429 that says nothing": Fault(says(429, b"")),
        "500": Fault(says(500)),
        "502 after": Fault(says(502), True),
        "503": Fault(says(503, b"{}", "Retry-After: soon")),
        "504 after": Fault(says(504, b""), True),
        "endless": Fault(endless(_OK + b"\r\n", _WORDS, 1000), True),
        "endless header": Fault(endless(_OK, b"X-More: " + b"x" * 1000 + b"\r\n", 1000), True),
        "endless zip": Fault(
            endless(_OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(bytes(1 << 24)), 10),
            True,
        ),
    }

    def serve(self, line: socket.socket) -> None:
        request = _request(line)
        if not request:
            return
        fault = self.next_fault()
        answer = b""
        if fault is None or fault.reaches:
            answer = self._asked(request)
        self.answers.append(answer)
        passed = fault.passed if fault else len(answer)
        line.sendall(answer[:passed])
        if fault is not None:
            fault.strike(line, answer[passed:])

    def _asked(self, request: bytes) -> bytes:
        """The platform's whole answer; it is asked to hang up, so that its end is plain."""
        first, _, rest = request.partition(b"\r\n")
        with socket.create_connection(self.target, timeout=30) as platform:
            platform.sendall(first + b"\r\nConnection: close\r\n" + rest)
            return b"".join(iter(lambda: platform.recv(CHUNK), b""))


class TcpProxy(Proxy):
    """Passes bytes both ways, for protocols in which the server speaks first."""

    CUTS = 30
    FAULTS: ClassVar[Mapping[str, Fault]] = {
        "late": Fault(late, True),
        "reset": Fault(reset),
        "hung up": Fault(hung_up),
        "garbage": Fault(garbage),
        "reset in the greeting": Fault(reset, True, 5),
        "garbage in the middle": Fault(garbage, True, 120),
        "reset in the middle": Fault(reset, True, 200),
    }

    def serve(self, line: socket.socket) -> None:
        fault = self.next_fault()
        at = len(self.answers)
        self.answers.append(b"")
        if fault is not None and not fault.reaches:
            return fault.strike(line, b"")
        with socket.create_connection(self.target) as server:
            for source, data in _heard(line, server):
                if source is line:
                    server.sendall(data)
                    continue
                said = self.answers[at] = self.answers[at] + data
                if fault is not None and len(said) >= fault.passed:
                    kept = len(data) - (len(said) - fault.passed)
                    line.sendall(data[:kept])
                    fault.strike(line, data[kept:])
                    if fault.strike is not late:
                        return None
                    fault = None
                else:
                    line.sendall(data)
        return None


def proxy_before(target: str) -> Proxy:
    """The proxy that speaks the target's protocol."""
    return (HttpProxy if target.startswith("http") else TcpProxy)(target)


def _request(line: socket.socket) -> bytes:
    """A whole HTTP request; empty when the client hung up."""
    read = b""
    while b"\r\n\r\n" not in read:
        data = line.recv(CHUNK)
        if not data:
            return b""
        read += data
    head, _, body = read.partition(b"\r\n\r\n")
    fields = dict(field.lower().split(b": ", 1) for field in head.split(b"\r\n")[1:])
    while len(body) < int(fields.get(b"content-length", 0)):
        body += line.recv(CHUNK)
    return head + b"\r\n\r\n" + body


def _heard(*lines: socket.socket) -> Iterator[tuple[socket.socket, bytes]]:
    """What comes on either line, until one of them ends."""
    while True:
        for line in select.select(lines, [], [])[0]:
            data = line.recv(CHUNK)
            if not data:
                return
            yield line, data


class _Server(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 50

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy = proxy


class _Handler(BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        with suppress(OSError):  # the client hung up first
            self.server.proxy.serve(self.request)
