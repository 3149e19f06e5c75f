"""Every platform behind a line that breaks: nothing hangs, nothing is lost, nothing is told wrong.

Whatever the registry finds and calls somebody is put behind a proxy (`tests/fakes/proxy.py`) and
meets every fault at every exchange of a call. The platform itself is well throughout. Answers are
cut at some of their bytes; with REPLYDESK_EVERY_FAULT set (`make faults`), at every one.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar
from uuid import uuid4

import pytest

import connectors.core.registry as registry
from connectors.core.contract import ConnectorContract, Json, Outgoing, Page
from connectors.core.errors import ConnectorError, OutcomeUnknown, RateLimited, Transient
from tests.connectors.checks import hides_secrets, incoming, need, walk
from tests.connectors.harness import (
    Harness,
    capabilities,
    connect,
    inbound,
    serve,
    skipped_where_not_offered,
)
from tests.connectors.patient import put_behind
from tests.fakes.proxy import Fault, Proxy, cut, late

T = TypeVar("T")
MOST_S = 8.0  # a broken call takes milliseconds; this machine may be busy
MOST_POINTS = 3  # exchanges of one call that are hit in turn
EVERY_BYTE = bool(os.environ.get("REPLYDESK_EVERY_FAULT"))
MOST_SENDS = 100  # to one double: they have quotas too
FEW_CUTS = 12  # for what leaves more behind, and for a second stream
TEXTS = tuple(f"Where is my payment number {n}?" for n in range(2))

every_platform = pytest.mark.parametrize("channel", registry.channels())


@dataclass
class Behind:
    """A platform's harness with a proxy before each of its addresses."""

    channel: str
    harness: Harness
    proxies: tuple[Proxy, ...]

    def connect(self) -> ConnectorContract:
        return connect(self.channel, self.harness)

    def reply(self, text: str) -> Outgoing:
        return replace(self.harness.reply(text), key=uuid4().hex)

    def pull(self, stream: str, cursor: Json) -> Page:
        with closing(self.connect()) as connector:
            return connector.pull(stream, cursor)

    def answers(self, call: Callable[[], object]) -> list[tuple[Proxy, int, bytes]]:
        """Where a call can be hit, learned from one that goes well: (proxy, exchanges before it,
        the platform's answer)."""
        before = [len(p.answers) for p in self.proxies]
        call()
        return [
            (proxy, skip, answer)
            for proxy, seen in zip(self.proxies, before, strict=True)
            for skip, answer in enumerate(proxy.answers[seen:][:MOST_POINTS])
        ]

    def faults(self, call: Callable[[], object]) -> Iterator[tuple[str, Proxy, Fault, int]]:
        """Every fault at every place: (its name, proxy, fault, exchanges before it)."""
        for proxy, skip, _ in self.answers(call):
            for name, fault in proxy.FAULTS.items():
                yield f"{name}, after {skip}", proxy, fault, skip

    def try_to(self, call: Callable[[], T]) -> T | ConnectorError:
        """What a call gives or raises, in time and without a secret; anything else fails."""
        started = time.monotonic()
        try:
            return call()
        except ConnectorError as e:
            hides_secrets(self.harness, e)
            return e
        finally:
            assert time.monotonic() - started < MOST_S
            for proxy in self.proxies:
                proxy.mend()


@contextmanager
def behind(channel: str) -> Iterator[Behind]:
    with ExitStack() as open_ones:
        harness = open_ones.enter_context(serve(channel))
        yield Behind(channel, harness, put_behind(harness, open_ones))


# --- reading


@every_platform
def test_a_pull_loses_and_doubles_nothing(channel: str) -> None:
    """From where the last walk ended, since some platforms forget what was read (Telegram)."""
    with behind(channel) as b:
        for nth, stream in enumerate(need_streams(b)):
            writes = stream in inbound(channel, b.harness)
            cursor, _ = walked(b.connect(), stream, {})
            for name, proxy, fault, skip in b.faults(partial(b.pull, stream, cursor)):
                if nth and name.startswith("endless"):
                    continue  # megabytes each time, and the same line under every stream
                texts = [f"{text} ({name})" for text in TEXTS] if writes else []
                for text in texts:
                    b.harness.write(stream, text)
                connector = b.connect()
                proxy.fault(fault, skip)
                got = b.try_to(partial(connector.pull, stream, cursor))
                assert isinstance(got, Page | Transient | RateLimited), (stream, name, got)
                assert isinstance(got, Page) or fault.strike is not late, stream
                first = got if isinstance(got, Page) else Page((), cursor, more=True)
                found = [(m.external_id, m.text) for m in incoming([first])]
                cursor = first.cursor
                if first.more:
                    cursor, rest = walked(connector, stream, cursor)
                    found += rest
                came = [text for _, text in set(found) if text in texts]
                assert sorted(came) == sorted(texts), (stream, name)
                connector.close()


@every_platform
def test_an_answer_cut_at_any_byte_is_no_answer(channel: str) -> None:
    with behind(channel) as b:
        for nth, stream in enumerate(need_streams(b)):
            if stream in inbound(channel, b.harness):
                b.harness.write(stream, "Where is my payment?")
            whole = b.pull(stream, {})
            for proxy, skip, answer in b.answers(partial(b.pull, stream, {})):
                for length in lengths(len(answer), FEW_CUTS if nth else proxy.CUTS):
                    proxy.fault(cut(length), skip)
                    got = b.try_to(partial(b.pull, stream, {}))
                    if isinstance(got, Page):  # all that mattered had come by then
                        assert got == whole, (stream, skip, length)
                    else:
                        assert isinstance(got, Transient), (stream, skip, length, got)


# --- sending


@every_platform
def test_a_send_is_never_told_wrong_nor_done_twice(channel: str) -> None:
    with behind(channel) as b:
        need_sends(b)
        for name, proxy, fault, skip in b.faults(lambda: b.connect().send(b.reply("Counted"))):
            _send_meets(b, f"Your payment arrived ({name}).", proxy, fault, skip)


@every_platform
def test_a_sends_answer_may_be_cut_anywhere(channel: str) -> None:
    with behind(channel) as b:
        need_sends(b)
        places = [
            (b.proxies.index(proxy), skip, length)
            for proxy, skip, answer in b.answers(lambda: b.connect().send(b.reply("Counted")))
            for length in lengths(len(answer), FEW_CUTS)
        ]
    for start in range(0, len(places), MOST_SENDS):
        with behind(channel) as b:
            for nth, skip, length in places[start : start + MOST_SENDS]:
                text = f"Your payment arrived ({skip}, {length})."
                _send_meets(b, text, b.proxies[nth], cut(length), skip)


def _send_meets(b: Behind, text: str, proxy: Proxy, fault: Fault, skip: int) -> None:
    """One answer meets one fault; afterwards what was told and what was done must fit."""
    reply, connector = b.reply(text), b.connect()
    proxy.fault(fault, skip)
    told = b.try_to(lambda: connector.send(reply))
    connector.close()
    b.harness.settle()
    arrived = b.harness.delivered().count(text)
    assert arrived <= 1, text
    if not isinstance(told, ConnectorError):
        assert arrived == 1, text
    elif fault.strike is late:
        pytest.fail(f"did not wait: {told!r}")
    elif isinstance(told, OutcomeUnknown):
        _found_out(b, reply, arrived)
    else:
        assert arrived == 0, (text, told)
        if isinstance(told, Transient | RateLimited):
            b.connect().send(reply)
            assert b.harness.delivered().count(text) == 1, text


def _found_out(b: Behind, reply: Outgoing, arrived: int) -> None:
    """What the inbox does about an unknown outcome tells the truth, or says it cannot."""
    offered = capabilities(b.channel)
    if offered.can_look_up:
        found = b.try_to(lambda: b.connect().look_up(reply))
        if not isinstance(found, ConnectorError):
            assert (found is not None) == (arrived == 1), reply.text
    if offered.idempotent_send:
        b.connect().send(reply)
        assert b.harness.delivered().count(reply.text) == 1


@every_platform
def test_a_look_up_over_a_broken_line_denies_nothing(channel: str) -> None:
    with skipped_where_not_offered(channel):
        need(capabilities(channel).can_look_up, "it cannot be asked what became of an answer")
    with behind(channel) as b:
        need_sends(b)
        reply = b.reply("Your payment arrived.")
        b.connect().send(reply)
        b.harness.settle()
        for name, proxy, fault, skip in b.faults(lambda: b.connect().look_up(reply)):
            proxy.fault(fault, skip)
            assert b.try_to(lambda: b.connect().look_up(reply)) is not None, name


# --- signing in


@every_platform
def test_a_broken_line_is_no_wrong_password(channel: str) -> None:
    with behind(channel) as b:
        for name, proxy, fault, skip in b.faults(lambda: b.connect().check()):
            proxy.fault(fault, skip)
            told = b.try_to(lambda: b.connect().check())
            if isinstance(told, ConnectorError):
                assert isinstance(told, Transient | RateLimited), (name, told)


# --- helpers


def need_streams(b: Behind) -> tuple[str, ...]:
    with skipped_where_not_offered(b.channel):
        return need(capabilities(b.channel).streams, "it has no lists")


def need_sends(b: Behind) -> None:
    with skipped_where_not_offered(b.channel):
        b.harness.reply("Nothing")
        b.harness.delivered()


def walked(
    connector: ConnectorContract, stream: str, cursor: Json
) -> tuple[Json, list[tuple[str, str]]]:
    """The cursor after all that comes, and the (external id, text) of it."""
    pages = list(walk(connector, stream, cursor))
    return pages[-1].cursor, [(m.external_id, m.text) for m in incoming(pages)]


def lengths(whole: int, most: int) -> list[int]:
    """Lengths below `whole`: each one, or `most` of them evenly with both ends."""
    if EVERY_BYTE or whole <= most:
        return list(range(whole))
    return sorted({n * (whole - 1) // (most - 1) for n in range(most)})
