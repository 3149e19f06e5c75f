"""The line under SDKs that stand on `requests`: caps on bytes and time, which they do not set."""

import io
import socket
import time
from functools import partial
from http.client import HTTPResponse
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from connectors.core.deadline import Deadline
from connectors.core.http import MAX_BYTES, WHOLE_S

CHUNK: Final = 1 << 16


class TooLong(HTTPError):
    """There is more than is wanted of it."""


class Capped(HTTPAdapter):
    """Reads each answer whole, before the SDK sees it: at most `most` bytes, within `total_s` of
    its beginning and `whole_s` of the request's. A longer (`TooLong`) or slower one is a broken
    line (`requests.ConnectionError`).

    The default number of retries is none: a repeated POST would be a second answer.
    """

    def __init__(self, total_s: float, whole_s: float = WHOLE_S) -> None:
        super().__init__()
        self._total_s, self._whole_s = total_s, whole_s
        self._deadline = Deadline(whole_s)
        self._keep_to_deadline(self.poolmanager)
        self.most = MAX_BYTES

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """Lines through a proxy of the environment keep to the deadline, too."""
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        if not proxy.lower().startswith("socks"):
            self._keep_to_deadline(manager)
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kw: Any) -> requests.Response:
        self._deadline.set(self._whole_s)
        response = super().send(request, *args, **kw)
        try:
            response._content = _body(response.raw, self.most, time.monotonic() + self._total_s)
            response._content_consumed = True  # type: ignore[attr-defined]  # for `iter_content`
        except HTTPError as e:
            response.close()
            raise requests.ConnectionError(e, request=request) from e
        return response

    def _keep_to_deadline(self, manager: Any) -> None:
        """urllib3 limits each wait but no exchange; its pools hand the deadline to each line."""
        manager.pool_classes_by_scheme = {
            "http": partial(_Pool, deadline=self._deadline),
            "https": partial(_TlsPool, deadline=self._deadline),
        }


class _Timed(HTTPConnection):
    """A line whose every write, and every read of an answer, ends by the deadline."""

    def __init__(self, *args: Any, deadline: Deadline, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self._deadline = deadline
        self.response_class = partial(_Answer, deadline)  # type: ignore[assignment]  # only called

    def send(self, data: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self._deadline.left(self.timeout))
        super().send(data)


class _TimedTls(_Timed, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Timed


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TimedTls


class _Answer(HTTPResponse):
    """An answer, its head included, that is read from a line with a deadline."""

    def __init__(self, deadline: Deadline, sock: socket.socket, *args: Any, **kw: Any) -> None:
        super().__init__(sock, *args, **kw)
        self.fp = io.BufferedReader(_Reading(self.fp, sock, deadline))


class _Reading(io.RawIOBase):
    """The bytes of a socket; each wait for some ends by the deadline."""

    def __init__(self, file: io.BufferedReader, sock: socket.socket, deadline: Deadline) -> None:
        self._file, self._sock, self._deadline = file, sock, deadline
        self._timeout = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._deadline.left(self._timeout))
        return self._file.raw.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


def _body(raw: BaseHTTPResponse, most: int, deadline: float) -> bytes:
    """What comes, as it comes: waiting for a full chunk would wait for a drip."""
    read = bytearray()
    while chunk := raw.read1(CHUNK, decode_content=True):
        read += chunk
        if len(read) > most:
            raise TooLong("The answer is too long.")
        if time.monotonic() > deadline:
            raise HTTPError("The answer takes too long.")
    if raw.length_remaining:
        raise HTTPError("The answer ended before its end.")
    return bytes(read)
