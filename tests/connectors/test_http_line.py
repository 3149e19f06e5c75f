"""The HTTP client under the platforms on a line that stalls, drips and breaks at any byte."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
import requests

from connectors.core.errors import OutcomeUnknown, Transient
from connectors.core.http import LONGEST_WAIT_S, Http, Reply, standard_answer
from connectors.core.sdk import Capped
from tests.fakes.http import Answer, Fake, Request
from tests.fakes.proxy import Fault, HttpProxy, Strike, cut

TIMEOUT_S = 0.3
FILE = bytes(1 << 24)  # more than the system takes off one's hands


class Echo(Fake):
    def route(self, request: Request) -> Answer:
        return Answer(200, {"id": 17, "text": "你好, one message"})


def ask(url: str, **more: bool) -> object:
    http = Http(url, lambda: datetime.now(UTC), timeout_s=TIMEOUT_S)
    try:
        return http.json("POST", "/messages", **more)
    finally:
        http.close()


def dripping(step_s: float) -> Strike:
    """The answer a byte at a time: each comes before the time limit of a read."""

    def strike(line: socket.socket, answer: bytes) -> None:
        for byte in answer:
            time.sleep(step_s)
            line.sendall(bytes([byte]))

    return strike


def stall(line: object, answer: bytes) -> None:
    time.sleep(3 * TIMEOUT_S)


@pytest.mark.parametrize(("sending", "error"), [(False, Transient), (True, OutcomeUnknown)])
def test_an_answer_cut_at_each_of_its_bytes_is_no_answer(
    sending: bool, error: type[Exception]
) -> None:
    with Echo() as fake, HttpProxy(fake.url) as proxy:
        whole = ask(proxy.url)
        for length in range(len(proxy.answers[0])):
            proxy.fault(cut(length))
            with pytest.raises(error):
                ask(proxy.url, sending=sending)
        assert ask(proxy.url, sending=sending) == whole


@pytest.mark.parametrize(("sending", "error"), [(False, Transient), (True, OutcomeUnknown)])
@pytest.mark.parametrize("how", [lambda: stall, lambda: dripping(0.05)], ids=["stall", "drip"])
def test_a_line_that_says_nothing_or_too_little_is_given_up(
    how: Callable[[], Strike], sending: bool, error: type[Exception]
) -> None:
    with Echo() as fake, HttpProxy(fake.url) as proxy:
        ask(proxy.url)
        head = proxy.answers[0].index(b"\r\n\r\n") + 4
        proxy.fault(Fault(how(), True, head))
        started = time.monotonic()
        with pytest.raises(error):
            ask(proxy.url, sending=sending)
        assert time.monotonic() - started < 4 * TIMEOUT_S


@pytest.mark.parametrize(("sending", "error"), [(False, Transient), (True, OutcomeUnknown)])
def test_a_head_that_drips_for_ever_is_given_up_by_the_end_of_the_exchange(
    sending: bool, error: type[Exception]
) -> None:
    """Each byte comes long before the time limit of a read; on a line that was good before."""
    with dripping_server() as url:
        http = Http(url, lambda: datetime.now(UTC), timeout_s=10, whole_s=TIMEOUT_S)
        with closing(http):
            assert http.json("GET", "/messages")["id"] == 17
            started = time.monotonic()
            with pytest.raises(error):
                http.json("POST", "/messages", sending=sending)
            assert time.monotonic() - started < 4 * TIMEOUT_S


def test_an_sdk_on_requests_gives_up_a_dripping_head_by_the_end_of_the_exchange() -> None:
    """Over the wire it would be TLS; the same reading stands under both."""
    with dripping_server() as url, requests.Session() as session:
        session.mount("http://", Capped(10, whole_s=TIMEOUT_S))
        assert session.get(url, timeout=10).json()["id"] == 17
        started = time.monotonic()
        with pytest.raises(requests.ReadTimeout):
            session.post(url, json={}, timeout=10)
        assert time.monotonic() - started < 4 * TIMEOUT_S


def test_an_sdk_on_requests_gives_up_a_peer_that_hardly_takes_what_is_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, requests.Session() as session:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        threading.Thread(target=sip, args=(server,), daemon=True).start()
        session.mount("http://", Capped(10, whole_s=TIMEOUT_S))
        started = time.monotonic()
        with pytest.raises(requests.ConnectionError):
            session.post(f"http://127.0.0.1:{server.getsockname()[1]}", data=FILE, timeout=10)
        assert time.monotonic() - started < 4 * TIMEOUT_S


@contextmanager
def dripping_server() -> Iterator[str]:
    """The address of one that drips from the second request on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        body = b'{"id": 17}'
        well = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        threading.Thread(target=drip, args=(server, well), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def sip(server: socket.socket) -> None:
    """Takes a little now and then, long before the time limit of a write."""
    line, _ = server.accept()
    with line, suppress(OSError):
        while line.recv(1 << 12):
            time.sleep(0.03)


def drip(server: socket.socket, well: bytes) -> None:
    """Answers the first request well, the next one with a head that never ends."""
    line, _ = server.accept()
    with line, suppress(OSError):
        line.recv(1 << 16)
        line.sendall(well)
        line.recv(1 << 16)
        line.sendall(b"HTTP/1.1 200 OK\r\nX-More: ")
        while True:
            time.sleep(0.03)
            line.sendall(b"x")


def test_an_sdk_on_requests_gives_up_what_is_too_slow_too_long_or_cut() -> None:
    with Echo() as fake, HttpProxy(fake.url) as proxy, requests.Session() as session:
        session.mount("http://", Capped(TIMEOUT_S))
        assert session.get(proxy.url, timeout=TIMEOUT_S).json()["id"] == 17
        head = proxy.answers[0].index(b"\r\n\r\n") + 4
        faults = [Fault(dripping(0.05), True, head), Fault(stall, True, head)]
        faults += [cut(n) for n in range(len(proxy.answers[0]))]
        faults += [f for name, f in proxy.FAULTS.items() if name.startswith("endless")]
        for fault in faults:
            proxy.fault(fault)
            started = time.monotonic()
            with pytest.raises(requests.RequestException):
                session.get(proxy.url, timeout=TIMEOUT_S).json()
            assert time.monotonic() - started < 4 * TIMEOUT_S


@pytest.mark.parametrize(
    ("header", "body", "wait_s"),
    [
        ("7", None, 7),
        ("7", 0.5, 0.5),
        ("", "3", 3),
        ("-7", None, 0),
        ("1e300", None, LONGEST_WAIT_S),
        ("7", 1e300, LONGEST_WAIT_S),
        ("inf", float("nan"), None),
        ("soon", {}, None),
    ],
)
def test_a_waiting_time_can_be_counted_with(
    header: str, body: object, wait_s: float | None
) -> None:
    now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    told = standard_answer(Reply(429, {"retry-after": header}, b""), now, wait_s=body)
    assert told.retry_after_s == wait_s
    if isinstance(body, float) and wait_s is not None:
        assert told.resets_at == now + timedelta(seconds=wait_s)
