"""The fakes of Meta's channels by hand: writing as a customer, and the calls they make."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from connectors.core.contract import HookRequest
from connectors.core.registry import connector
from tests.fakes.facebook import FakeFacebook
from tests.fakes.graph import FakeGraph
from tests.fakes.http import Answer, Fake, Request
from tests.fakes.instagram import FakeInstagram
from tests.fakes.messenger import FakeMessenger


class Hook(Fake):
    """Where the calls go."""

    def route(self, request: Request) -> Answer:
        return Answer(200)

    def calls(self, fake: FakeGraph, count: int) -> list[HookRequest]:
        """The first `count` calls, as the web side would hand them on."""
        until = time.monotonic() + 5
        while len(self.requests) < count and time.monotonic() < until:
            time.sleep(0.01)
        return [
            HookRequest(r.method, r.path, r.headers, r.query, r.raw, fake.now())
            for r in self.requests
        ]


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as hook:
        yield hook


def post(address: str, **body: str) -> int:
    call = urllib.request.Request(address, json.dumps(body).encode())
    with urllib.request.urlopen(call, timeout=5) as answer:
        return int(answer.status)


@pytest.mark.parametrize(
    ("made", "write"),
    [
        (FakeFacebook, "comment"),
        (FakeFacebook, "visitor"),
        (FakeMessenger, "dm"),
        (FakeInstagram, "comment"),
        (FakeInstagram, "dm"),
    ],
)
def test_what_a_person_writes_by_hand_is_told_to_the_webhook(
    hook: Hook, made: Callable[..., FakeGraph], write: str
) -> None:
    with made() as fake:
        assert post(f"{fake.url}/_fake/hook", url=f"{hook.url}/hooks/1") == 200
        assert post(f"{fake.url}/_fake/{write}", text="Grüße", author="ann") == 201
        (call,) = hook.calls(fake, 1)
        platform = connector(fake.CHANNEL)(fake.account(), fake.now)
        assert [m.text for m in platform.receive(call).messages] == ["Grüße"]
        platform.close()


def test_calls_can_come_twice_and_in_the_wrong_order(hook: Hook) -> None:
    with FakeMessenger(hook=hook.url) as fake:
        bodies = [fake.event(fake.dm(text)) for text in ("first", "second")]
        assert fake.deliver(*bodies, twice=True, reordered=True) == [200] * 4
        platform = connector("messenger")(fake.account(), fake.now)
        told = [platform.receive(call).messages[0].text for call in hook.calls(fake, 4)]
        assert told == ["second", "second", "first", "first"]
        platform.close()
