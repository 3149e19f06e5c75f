"""The one outgoing fetch for addresses that customers or settings bring (law 13).

https only; every address that the name resolves to must be public, and the connection goes to the
very address that was checked; no redirect, no proxy; bytes and time are capped. `allow` names
exact `host:port` pairs that may be private or plain http: a matter for the operator alone.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore2

from connectors.core.capabilities import word
from connectors.core.deadline import Deadline, TimedBackend
from connectors.core.errors import OutcomeUnknown, Refused, Transient

MAX_BYTES: Final = 8 * 1024 * 1024
TIMEOUT_S: Final = 20.0
_PORTS: Final = {"https": 443, "http": 80}
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

Resolve = Callable[[str, int], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status. Header names are lower-case; when `sending`, the body is what
    was peeked at."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    allow: frozenset[str] = frozenset(),
    sending: bool = False,
    peek: int = 0,
    max_bytes: int = MAX_BYTES,
    timeout_s: float = TIMEOUT_S,
    resolve: Resolve | None = None,
) -> Fetched:
    """One request. `Refused` for an address that is not allowed or an answer that is too long;
    `Transient` when nothing was reached.

    `sending` marks a request that makes something: a lost answer is then `OutcomeUnknown`, and the
    status is the whole answer, so that a broken or endless body cannot hide it. `resolve` gives
    the addresses of a host (the system's by default). With `peek` the body of an answer to
    `sending` is read up to so many bytes, as far as it comes.
    """
    check_url(url, allow)
    lines = list((headers or {}).items())
    backend = _CheckedBackend(allow, Deadline(timeout_s), resolve or _system_resolve)
    with httpcore2.ConnectionPool(network_backend=backend, retries=0) as pool:
        try:
            with pool.stream(method, url, headers=lines, content=body) as answer:
                read = bytearray()
                if sending:
                    read += _peeked(answer, peek)
                for chunk in () if sending else answer.iter_stream():
                    read += chunk
                    if len(read) > max_bytes:
                        raise Refused("The answer is too long.")
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as e:
            raise Transient("The address could not be reached.") from e
        except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError) as e:
            lost = OutcomeUnknown if sending else Transient
            raise lost(word("The line broke before the answer.")) from e
    told = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in answer.headers}
    return Fetched(answer.status, told, bytes(read))


def _peeked(answer: httpcore2.Response, most: int) -> bytes:
    """The beginning of a body; one that breaks off ends there, for the status is known."""
    read = bytearray()
    try:
        for chunk in answer.iter_stream() if most else ():
            read += chunk
            if len(read) >= most:
                break
    except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError):
        pass
    return bytes(read[:most])


def check_url(url: str, allow: frozenset[str] = frozenset()) -> None:
    """Refuses an address that `fetch` would refuse before looking up its name."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as e:
        raise Refused("This is not a web address.") from e
    if not parts.hostname or parts.username is not None or not url.isascii() or " " in url:
        raise Refused("This is not a web address.")
    if parts.scheme == "http" and f"{parts.hostname}:{port}" in allow:
        return
    if parts.scheme != "https":
        raise Refused("The address must begin with https://.")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, also inside its IPv6 wrappings."""
    ip: IPv4Address | IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, IPv4Address):
        return ip.is_global and not ip.is_multicast
    if ip.ipv4_mapped is not None:
        return is_public(str(ip.ipv4_mapped))
    inner = [ip.sixtofour, *(ip.teredo or ())]
    if ip in _NAT64:
        inner.append(IPv4Address(int(ip) & 0xFFFFFFFF))
    public = ip.is_global and not ip.is_multicast
    return public and all(is_public(str(i)) for i in inner if i is not None)


def _system_resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _CheckedBackend(TimedBackend):
    """Resolves a name, checks all its addresses and connects to one of these."""

    def __init__(self, allow: frozenset[str], deadline: Deadline, resolve: Resolve) -> None:
        super().__init__(deadline)
        self._allow, self._resolve = allow, resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            addresses = list(self._resolve(host, port))
        except OSError as e:
            raise httpcore2.ConnectError("The name has no address.") from e
        if f"{host}:{port}" not in self._allow and not all(map(is_public, addresses)):
            raise Refused("The address lies in a private network.")
        for address in addresses:
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        raise httpcore2.ConnectError("No address answers.")
