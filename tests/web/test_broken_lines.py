"""Every channel in the running inbox while its line breaks: nothing lost, nothing sent twice."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from inbox.flows.deliver import look_up_due
from inbox.store.session import Store
from inbox.store.tables import Message
from tests.connectors.harness import Harness, capabilities, inbound
from tests.connectors.patient import put_behind
from tests.fakes.proxy import Proxy
from tests.web.connecting import ON_BOTH, Desk, desk_of
from tests.web.test_connecting import conversation_of, replies, write_answer

FAULTS = ("reset after", "reset in the middle", "429")
REST = timedelta(minutes=20)  # longer than anything waits after one failure


@pytest.mark.parametrize(("channel", "store_url"), ON_BOTH, indirect=["store_url"])
def test_messages_come_once_and_answers_leave_once(
    channel: str, store: Store, tmp_path: Path
) -> None:
    proxies: list[Proxy] = []

    @contextmanager
    def line(harness: Harness) -> Iterator[None]:
        with ExitStack() as open_ones:
            proxies.extend(put_behind(harness, open_ones))
            yield

    with desk_of(channel, store, tmp_path / "data", line) as desk:
        assert "tried-connected" in desk.connect().text
        for proxy in proxies:
            for name in FAULTS:
                if name in proxy.FAULTS:
                    _meets(desk, proxy, name)


def _meets(desk: Desk, proxy: Proxy, name: str) -> None:
    text = f"Where is my payment? ({name}, {desk.channel} {desk.count(Message)})"
    for stream in inbound(desk.channel, desk.harness)[:1]:
        desk.harness.write(stream, text)
        proxy.fault(proxy.FAULTS[name])
        desk.poll()
        _rests(desk, proxy)
        assert desk.poll().error is None
    if not capabilities(desk.channel).streams:
        assert desk.call(desk.harness.request(text)).status_code < 300
    row = conversation_of(desk, text)  # it is there, and there once
    words = f"It has arrived ({name}, {row.id})."
    write_answer(desk, row, words)
    proxy.fault(proxy.FAULTS[name])
    desk.deliver()
    _rests(desk, proxy)
    desk.harness.settle()
    look_up_due(desk.store, desk.settings, desk.now)
    desk.deliver()
    states = [r.state for r in replies(desk, row) if words in r.text]
    arrived = desk.harness.delivered().count(words)
    assert (states, arrived) == (["sent"], 1) or (states == ["unknown"] and arrived <= 1)


def _rests(desk: Desk, proxy: Proxy) -> None:
    proxy.mend()
    desk.later += REST
