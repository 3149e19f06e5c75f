"""A connector on a broken line, called as the inbox calls: it asks again, and sends nothing twice.

Wherever a contract check makes a call, one exchange of that call meets a fault of the proxy
(`tests/fakes/proxy.py`). What the inbox does about each error is done here at once
instead of later, so that the check must hold as if nothing had happened.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeVar

import pytest

from connectors.core.contract import (
    Account,
    ConnectorContract,
    HookAnswer,
    HookRequest,
    Outgoing,
    Sent,
)
from connectors.core.errors import OutcomeUnknown, RateLimited, Transient
from tests.connectors import checks, offer_checks
from tests.connectors.harness import Harness, connect, serve
from tests.fakes.http import Fake
from tests.fakes.proxy import Fault, Proxy, late, proxy_before

T = TypeVar("T")
MOST_EXCHANGES = 3  # a call's first ones are hit in turn
TRIES = 3
# A page may well be the file, and what is too long is refused for good.
NO_FAULT_OF_A_FILE = ("a page instead", "endless", "endless zip")


@dataclass
class Line:
    """The proxies before one platform; `faults` are the names to meet, call after call."""

    harness: Harness
    proxies: tuple[Proxy, ...]
    faults: Iterator[str]
    calls: int = 0

    def break_once(self, *but: str, harmless: bool = False) -> None:
        """One exchange of the next call meets the next fault, if it is none of `but`; `harmless`:
        and strikes before the platform heard."""
        name = next(self.faults)
        skip = self.calls // len(self.proxies) % MOST_EXCHANGES
        proxy = self.proxies[self.calls % len(self.proxies)]
        fault = proxy.FAULTS.get(name)
        self.calls += 1
        if fault is not None and not (harmless and spends(fault)) and name not in but:
            proxy.fault(fault, skip)

    def mend(self) -> None:
        for proxy in self.proxies:
            proxy.mend()


def spends(fault: Fault) -> bool:
    """Whether the platform did what was asked and the caller may not hear of it."""
    return fault.reaches and fault.strike is not late


class Patient:
    """A connector of which every call meets a fault and is then made good."""

    def __init__(self, connector: ConnectorContract, line: Line) -> None:
        self._connector, self._line = connector, line

    def __repr__(self) -> str:
        return repr(self._connector)

    def __getattr__(self, name: str) -> object:
        found = getattr(self._connector, name)
        return self._patient(found, name) if callable(found) and name != "close" else found

    def _patient(self, call: Callable[..., object], name: str) -> Callable[..., object]:
        def made_good(*args: object) -> object:
            but = NO_FAULT_OF_A_FILE if name == "download" else ()
            self._line.break_once(*but, harmless=name == "renew")
            try:
                return again(lambda: call(*args))
            finally:
                self._line.mend()

        return made_good

    def send(self, reply: Outgoing) -> Sent:
        """As the outbox sends: an unknown outcome is looked up, repeated under its key where the
        platform knows keys, or shown to a person, who looks there."""
        line, platform = self._line, self._connector
        offered = platform.capabilities
        line.break_once(harmless=not (offered.can_look_up or offered.idempotent_send))
        try:
            return again(lambda: platform.send(reply))
        except OutcomeUnknown:
            line.mend()
            line.harness.settle()
            return self._found(reply) or platform.send(reply)
        finally:
            line.mend()

    def _found(self, reply: Outgoing) -> Sent | None:
        """What the platform says of an answer, or else a person who looks there."""
        if not self._connector.capabilities.can_look_up:
            return None
        try:
            return self._connector.look_up(reply)
        except Transient:
            seen = reply.text in self._line.harness.delivered()
            return Sent("found by a person") if seen else None

    def receive(self, request: HookRequest) -> HookAnswer:
        """As the platform calls: again, when it is told that we could not take it."""
        self._line.break_once()
        try:
            answer = self._connector.receive(request)
            return answer if answer.status < 500 else self._connector.receive(request)
        finally:
            self._line.mend()


def again(call: Callable[[], T]) -> T:
    """Asks again when the platform could not be reached, or asks to wait."""
    for _ in range(TRIES - 1):
        try:
            return call()
        except (Transient, RateLimited):
            pass
    return call()


def put_behind(harness: Harness, open_ones: ExitStack) -> tuple[Proxy, ...]:
    """Puts a proxy before each address of a platform; its account calls these from now on."""
    proxies = tuple(open_ones.enter_context(proxy_before(url)) for url in harness.upstreams())
    if not proxies:
        pytest.skip("we never call this platform: there is no line to break")
    harness.account = harness.proxied(*(p.url for p in proxies))
    if isinstance(fake := getattr(harness, "fake", None), Fake):
        fake.url = proxies[0].url  # the address that it names for its files
    return proxies


@contextmanager
def broken_line(faults: Iterator[str]) -> Iterator[None]:
    """In here the contract checks' platforms stand behind proxies and meet `faults`."""
    lines: dict[int, Line] = {}

    @contextmanager
    def served(channel: str) -> Iterator[Harness]:
        with ExitStack() as open_ones:
            harness = open_ones.enter_context(serve(channel))
            lines[id(harness)] = Line(harness, put_behind(harness, open_ones), faults)
            yield harness

    def connected(channel: str, harness: Harness, account: Account | None = None) -> object:
        return Patient(connect(channel, harness, account), lines[id(harness)])

    with pytest.MonkeyPatch.context() as patch:
        for module in (checks, offer_checks):
            patch.setattr(module, "serve", served)
            patch.setattr(module, "connect", connected)
        yield
