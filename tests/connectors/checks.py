"""What every platform must do, whatever it is: each check takes a platform's name.

A check starts the platform's local double through its harness (see `harness.py`) and speaks to it
only through the contract. `test_checks.py` runs all of them on everything the registry finds.
"""

import importlib.util
import io
import json
import logging
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest

from connectors.core.contract import (
    ConnectorContract,
    Direction,
    HookRequest,
    Json,
    Kind,
    Message,
    Page,
    Visibility,
)
from connectors.core.errors import (
    AuthRevoked,
    ConnectorError,
    OutcomeUnknown,
    Transient,
    Unsupported,
)
from connectors.core.text import clean
from tests.connectors.harness import Harness, NotOffered, capabilities, connect, inbound, serve

T = TypeVar("T")
TEXTS = tuple(f"Where is my payment number {n}?" for n in range(8))
HOSTILE = (
    "My card <b>failed</b> \x00 & \ud800 then \u202e so \U0001f468\u200d\U0001f469\u200d\U0001f467"
)
REPLY = "Hello, your payment has arrived."


def check_has_a_harness(channel: str) -> None:
    assert importlib.util.find_spec(f"tests.connectors.fixtures.{channel}.harness")


def check_capabilities_are_sane(channel: str) -> None:
    c = capabilities(channel)
    assert c.channel == channel
    assert c.title
    assert c.unit
    assert c.kinds
    assert set(c.kinds) <= set(Kind)
    assert bool(c.streams) == c.polls
    assert len(set(c.streams)) == len(c.streams)
    assert c.polls or c.receives
    assert all(limit is None or limit > 0 for limit in (c.limit_public, c.limit_private))
    names = [s.name for s in c.secrets]
    assert len(set(names)) == len(names)
    assert not set(names) & {s.name for s in c.settings}
    assert c.poll_interval_s > 0
    assert c.read_lag_s >= 0


def check_counts_text(channel: str) -> None:
    c = capabilities(channel)
    for visibility in Visibility:
        assert c.measure("", visibility) == 0
        assert c.measure("a", visibility) > 0
        assert c.measure("ab" * 50, visibility) > c.measure("ab", visibility)
        assert c.measure(HOSTILE, visibility) > 0


def check_pulls_everything_once(channel: str) -> None:
    with serve(channel) as harness:
        streams = _write_all(channel, harness)
        connector = connect(channel, harness)
        seen: list[str] = []
        for stream in streams:
            messages = incoming(walk(connector, stream, {}))
            assert sorted(m.text for m in messages) == sorted(f"{stream}: {t}" for t in TEXTS)
            seen += [m.external_id for m in messages]
        assert all(isinstance(i, str) and i for i in seen)
        assert len(set(seen)) == len(seen)


def check_a_second_look_brings_nothing_new(channel: str) -> None:
    with serve(channel) as harness:
        for stream in _write_all(channel, harness):
            connector = connect(channel, harness)
            first = list(walk(connector, stream, {}))
            again = list(walk(connect(channel, harness), stream, first[-1].cursor))
            assert _ids(again) <= _ids(first)
            harness.write(stream, "And one more")
            later = incoming(walk(connector, stream, again[-1].cursor))
            assert "And one more" in [m.text for m in later]


def check_a_replayed_page_has_the_same_ids(channel: str) -> None:
    with serve(channel) as harness:
        for stream in _write_all(channel, harness):
            cursor: Json = {}
            for page in walk(connect(channel, harness), stream, {}):
                replay = connect(channel, harness).pull(stream, cursor)
                assert [m.external_id for m in replay.messages] == [
                    m.external_id for m in page.messages
                ]
                cursor = page.cursor


def check_a_crash_between_pages_loses_nothing(channel: str) -> None:
    """Kills the walk after each page in turn, writes more meanwhile, and starts again."""
    with serve(channel) as harness:
        for stream in _write_all(channel, harness):
            stored: set[str] = set()
            cursor: Json = {}
            for crash in range(1, 5):
                for number, page in enumerate(walk(connect(channel, harness), stream, cursor), 1):
                    if number > crash:
                        break  # fetched, but neither its messages nor its cursor were stored
                    stored |= {m.text for m in page.messages}
                    cursor = page.cursor
                harness.write(stream, f"Meanwhile {crash}")
            for page in walk(connect(channel, harness), stream, cursor):
                stored |= {m.text for m in page.messages}
            expected = {f"{stream}: {t}" for t in TEXTS} | {f"Meanwhile {n}" for n in range(1, 5)}
            assert expected <= stored


def check_the_cursor_is_json(channel: str) -> None:
    with serve(channel) as harness:
        for stream in _write_all(channel, harness):
            for page in walk(connect(channel, harness), stream, {}):
                assert json.loads(json.dumps(page.cursor)) == page.cursor


def check_an_unreadable_item_does_not_stop_the_page(channel: str) -> None:
    with serve(channel) as harness:
        for stream in need(inbound(channel, harness), "it has no lists"):
            harness.write(stream, "Before")
            harness.write_broken(stream)
            harness.write(stream, "After")
            pages = list(walk(connect(channel, harness), stream, {}))
            assert {"Before", "After"} <= {m.text for m in incoming(pages)}
            (broken,) = (m for page in pages for m in page.malformed)
            assert broken.reason
            assert broken.raw is not None


def check_text_comes_through_the_one_door(channel: str) -> None:
    with serve(channel) as harness:
        for stream in need(inbound(channel, harness), "it has no lists"):
            harness.write(stream, HOSTILE)
            (message,) = incoming(walk(connect(channel, harness), stream, {}))
            assert message.text == clean(message.text)
            assert "<b>failed</b>" in message.text
            assert "\u202e so \U0001f468\u200d\U0001f469\u200d\U0001f467" in message.text


def check_messages_are_whole(channel: str) -> None:
    """Times are aware UTC and not ahead; a customer's message says who wrote it and where."""
    with serve(channel) as harness:
        for stream in _write_all(channel, harness):
            for message in incoming(walk(connect(channel, harness), stream, {})):
                assert message.sent_at.utcoffset() == timedelta(0)
                assert message.sent_at <= harness.now() + timedelta(minutes=5)
                assert message.author is not None
                assert message.author.id
                assert message.conversation
                assert message.kind in capabilities(channel).kinds
                json.dumps(dict(message.platform))


def check_faults_say_what_now_on_a_pull(channel: str) -> None:
    with serve(channel) as harness:
        need(harness.faults, "it cannot be made to fail")
        for name, fault in harness.faults.items():
            for stream in capabilities(channel).streams if fault.pull else ():
                connector = connect(channel, harness)
                harness.fail(name)
                with pytest.raises(ConnectorError) as e:
                    connector.pull(stream, {})
                assert type(e.value) is fault.pull, name
                hides_secrets(harness, e.value)
                connector.pull(stream, {})


def check_faults_say_what_now_on_a_send(channel: str) -> None:
    with serve(channel) as harness:
        need(harness.faults, "it cannot be made to fail")
        for name, fault in harness.faults.items():
            if fault.send:
                reply = harness.reply(f"{REPLY} ({name})")
                connector = connect(channel, harness)
                harness.fail(name)
                with pytest.raises(ConnectorError) as e:
                    connector.send(reply)
                assert type(e.value) is fault.send, name
                assert e.value.reason, name
                hides_secrets(harness, e.value)


def check_an_unreachable_platform_is_transient(channel: str) -> None:
    with serve(channel) as harness:
        reply = harness.reply(REPLY)
        connector = connect(channel, harness, harness.unreachable())
        for stream in capabilities(channel).streams:
            with pytest.raises(Transient) as e:
                connector.pull(stream, {})
            hides_secrets(harness, e.value)
        with pytest.raises(Transient) as sent:
            connector.send(reply)
        hides_secrets(harness, sent.value)
        assert harness.delivered() == []


def check_a_reply_arrives_once(channel: str) -> None:
    with serve(channel) as harness:
        sent = connect(channel, harness).send(harness.reply(REPLY))
        assert sent.external_id
        assert sent.sent_at is None or sent.sent_at.utcoffset() == timedelta(0)
        assert harness.delivered() == [REPLY]


def check_an_own_message_comes_back_under_its_own_id(channel: str) -> None:
    with serve(channel) as harness:
        connector = connect(channel, harness)
        sent = connector.send(harness.reply(REPLY))
        harness.settle()
        pages = [p for s in capabilities(channel).streams for p in walk(connector, s, {})]
        own = (m for p in pages for m in p.messages if m.direction is Direction.OUT)
        assert {m.external_id for m in own if REPLY in m.text} <= {sent.external_id}


def check_a_lost_answer_is_found_again(channel: str) -> None:
    with serve(channel) as harness:
        can_lose = "lost" in harness.faults and harness.faults["lost"].send
        need(can_lose, "an answer to a send cannot be lost")
        reply, never = harness.reply(REPLY), harness.reply("This one never left.")
        connector = connect(channel, harness)
        harness.fail("lost")
        with pytest.raises(OutcomeUnknown):
            connector.send(reply)
        need(capabilities(channel).can_look_up, "it cannot be asked what became of an answer")
        harness.settle()
        found = connect(channel, harness).look_up(reply)
        assert found is not None
        assert found.external_id
        assert connect(channel, harness).look_up(never) is None
        assert harness.delivered() == [REPLY]


def check_a_genuine_call_is_received(channel: str) -> None:
    with serve(channel) as harness:
        connector = connect(channel, harness)
        if not capabilities(channel).receives:
            with pytest.raises(Unsupported):
                connector.receive(_some_request(harness))
            return
        call = harness.request("Hello from outside")
        first, second = connector.receive(call), connector.receive(call)
        assert 200 <= first.status < 300
        assert [m.text for m in first.messages] == ["Hello from outside"]
        assert [m.external_id for m in first.messages] == [m.external_id for m in second.messages]


def check_a_forged_call_brings_nothing(channel: str) -> None:
    with serve(channel) as harness:
        need(capabilities(channel).receives, "it receives no calls")
        answer = connect(channel, harness).receive(harness.forged())
        assert answer.status == 401
        assert answer.messages == ()
        assert answer.events == ()


def check_signs_in(channel: str) -> None:
    with serve(channel) as harness:
        identity = connect(channel, harness).check()
        assert identity.external_id
        assert identity.handle


def check_without_credentials_a_person_is_asked(channel: str) -> None:
    """A changed base URL deletes an account's credentials; its jobs must not fall over it."""
    need([s for s in capabilities(channel).secrets if not s.optional], "it needs no credentials")
    with serve(channel) as harness:
        connector = connect(channel, harness, replace(harness.account, secrets={}))
        with pytest.raises(AuthRevoked):
            connector.check()
        for stream in capabilities(channel).streams:
            with pytest.raises(AuthRevoked):
                connector.pull(stream, {})
        with pytest.raises(AuthRevoked):
            connector.send(harness.reply(REPLY))


def check_shows_no_secret(channel: str) -> None:
    with serve(channel) as harness:
        connector = connect(channel, harness)
        for thing in (harness.account, connector):
            _no_secret_in(harness, f"{thing!r} {thing}")


def check_logs_no_secret(channel: str) -> None:
    """Not even at the level DEBUG, which some libraries use for whole requests."""
    with serve(channel) as harness:
        heard = io.StringIO()
        handler, root = logging.StreamHandler(heard), logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            connector = connect(channel, harness)
            connector.check()
            for stream in capabilities(channel).streams:
                connector.pull(stream, {})
            connector.send(harness.reply(REPLY))
        finally:
            root.setLevel(level)
            root.removeHandler(handler)
        _no_secret_in(harness, heard.getvalue())


def check_closes_twice(channel: str) -> None:
    with serve(channel) as harness:
        connector = connect(channel, harness)
        connector.close()
        connector.close()


CHECKS = tuple(f for name, f in sorted(globals().items()) if name.startswith("check_"))


def need(what: T, reason: str) -> T:
    """What a check works on. Raises NotOffered where the platform has none of it."""
    if not what:
        raise NotOffered(reason)
    return what


def _some_request(harness: Harness) -> HookRequest:
    return HookRequest("POST", "/", {}, {}, b"{}", harness.now())


def _write_all(channel: str, harness: Harness) -> tuple[str, ...]:
    """Eight messages into each stream; skips where the platform has no streams."""
    streams = need(inbound(channel, harness), "it has no lists")
    for stream in streams:
        for text in TEXTS:
            harness.write(stream, f"{stream}: {text}")
    return streams


def walk(connector: ConnectorContract, stream: str, cursor: Json) -> Iterator[Page]:
    """All pages from `cursor` on; at most 50, so that a cursor that never ends fails."""
    for _ in range(50):
        page = connector.pull(stream, cursor)
        yield page
        if not page.more:
            return
        cursor = page.cursor
    pytest.fail(f"{stream} never ends")


def incoming(pages: Iterator[Page] | list[Page]) -> list[Message]:
    return [m for page in pages for m in page.messages if m.direction is Direction.IN]


def _ids(pages: list[Page]) -> set[str]:
    return {m.external_id for page in pages for m in page.messages}


def hides_secrets(harness: Harness, error: BaseException) -> None:
    _no_secret_in(harness, "".join(traceback.format_exception(error)) + repr(error))


def _no_secret_in(harness: Harness, text: str) -> None:
    for name, secret in harness.account.secrets.items():
        assert not secret or secret not in text, f"shows {name}"
