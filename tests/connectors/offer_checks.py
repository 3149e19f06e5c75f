"""What a platform must do of that which it says it offers: webhooks, files, moderation, renewal.

The same form as `checks.py`; a check is skipped where the capabilities do not offer the thing, or
where the harness has no way to show it (`NotOffered`).
"""

import struct
import zlib
from dataclasses import replace
from datetime import UTC

import pytest

from connectors.core.contract import (
    Act,
    Capabilities,
    Direction,
    Media,
    Message,
    Ref,
    Upload,
    Visibility,
)
from connectors.core.errors import AuthExpired, Refused, Unsupported
from tests.connectors.checks import REPLY, hides_secrets, incoming, need, walk
from tests.connectors.harness import capabilities, connect, inbound, serve


def check_both_ways_in_bring_the_same_message(channel: str) -> None:
    c = capabilities(channel)
    need(c.polls and c.receives, "it has one way in only")
    with serve(channel) as harness:
        for stream in inbound(channel, harness):
            text = f"Both ways, {stream}"
            call = harness.announced(stream, text)
            (told,) = connect(channel, harness).receive(call).messages
            pulled = incoming(walk(connect(channel, harness), stream, {}))
            (listed,) = (m for m in pulled if m.text == text)
            assert _sameness(told) == _sameness(listed)


def check_the_challenge_is_answered(channel: str) -> None:
    need(capabilities(channel).receives, "it receives no calls")
    with serve(channel) as harness:
        question, answer = harness.challenge()
        told = connect(channel, harness).receive(question)
        assert (told.status, told.body) == (answer.status, answer.body)
        assert told.messages == ()


def check_asks_for_single_messages(channel: str) -> None:
    need(capabilities(channel).fetches, "it shows no single messages")
    with serve(channel) as harness:
        connector = connect(channel, harness)
        for stream in inbound(channel, harness):
            harness.write(stream, f"Stays, {stream}")
            harness.write(stream, f"Goes, {stream}")
            found = {m.text: m for m in incoming(walk(connector, stream, {}))}
            stays, goes = found[f"Stays, {stream}"], found[f"Goes, {stream}"]
            harness.erase(goes.external_id)
            told = connector.fetch([_ref(stays), _ref(goes)])
            assert [(m.external_id, m.text) for m in told.messages] == [
                (stays.external_id, stays.text)
            ]
            assert told.gone == (goes.external_id,)


def check_renews_what_runs_out(channel: str) -> None:
    need(capabilities(channel).renews, "its access does not run out")
    with serve(channel) as harness:
        reply = harness.reply(REPLY)
        harness.expire()
        stale = connect(channel, harness)
        for stream in capabilities(channel).streams:
            with pytest.raises(AuthExpired) as e:
                stale.pull(stream, {})
            hides_secrets(harness, e.value)
        with pytest.raises(AuthExpired):
            stale.send(reply)
        assert harness.delivered() == []
        fresh = stale.renew()
        assert fresh.expires_at is None or fresh.expires_at.tzinfo is UTC
        merged = {**harness.account.secrets, **fresh.secrets}
        renewed = connect(channel, harness, replace(harness.account, secrets=merged))
        renewed.send(reply)
        assert harness.delivered() == [REPLY]


def check_moves_to_private(channel: str) -> None:
    need(capabilities(channel).move_private, "nothing moves into private there")
    with serve(channel) as harness:
        reply = harness.move_private(REPLY)
        assert reply.moves_private
        assert connect(channel, harness).send(reply).external_id
        assert harness.delivered() == [REPLY]


def check_moderates(channel: str) -> None:
    """Each offered act works, twice; one that is not offered says so."""
    offers = need(capabilities(channel).offers, "it has no moderation")
    with serve(channel) as harness:
        connector = connect(channel, harness)
        for offer in offers:
            target = harness.target(offer.on)
            connector.act(offer.act, target, "not friendly")
            connector.act(offer.act, target, "not friendly")
            assert offer.act.value in harness.acts()
            undone = [o for o in offers if o.act is offer.undo]
            assert (len(undone) > 0) == (offer.undo is not None)


def check_moderates_nothing_else(channel: str) -> None:
    c = capabilities(channel)
    with serve(channel) as harness:
        ref = Ref("1", "1", c.kinds[0], Visibility.PUBLIC)
        if not c.offers:
            with pytest.raises(Unsupported):
                connect(channel, harness).act(Act.LIKE, ref)


def check_brings_files(channel: str) -> None:
    with serve(channel) as harness:
        attachment, data = harness.attachment()
        connector = connect(channel, harness)
        assert connector.download(attachment, len(data)).data == data
        with pytest.raises(Refused) as e:
            connector.download(attachment, len(data) // 2)
        hides_secrets(harness, e.value)


def check_sends_files(channel: str) -> None:
    c = capabilities(channel)
    need(c.media_public or c.media_private, "its answers carry no files")
    with serve(channel) as harness:
        connector = connect(channel, harness)
        base = harness.reply(REPLY)
        offered = c.media(base.visibility)
        need(offered, "its answers of this visibility carry no files")
        assert offered is not None
        picture = Upload("receipt.png", "image/png", png(), "A receipt")
        text = REPLY if offered.with_text else ""
        sent = connector.send(replace(base, text=text, files=(picture,)))
        assert sent.external_id
        assert harness.uploads() == [picture.data]


def check_media_rules_are_sane(channel: str) -> None:
    c = capabilities(channel)
    for visibility, media in (
        (Visibility.PUBLIC, c.media_public),
        (Visibility.PRIVATE, c.media_private),
    ):
        assert media is None or _fits(c, visibility, media)
    names = {s.name for s in c.settings}
    if c.window is not None:
        assert {c.window.hours_setting, c.window.most_setting} - {""} <= names
        assert c.window.human is None or c.window.human > c.window.standard
    assert set(c.reach) <= set(c.streams)
    assert c.move_private is None or c.limit_public is not None


def check_choices_fit_a_phone(channel: str) -> None:
    """A closed list cuts what is longer; what a choice means stands in the setting's help."""
    choices = [words for s in capabilities(channel).settings for _, words in s.choices]
    assert [words for words in choices if len(words) > 40] == []


def check_tells_what_quota_is_left(channel: str) -> None:
    with serve(channel) as harness:
        need(harness.tells_budgets, "its answers tell no quota")
        connector = connect(channel, harness)
        connector.pull(capabilities(channel).streams[0], {})
        budgets = connector.budgets()
        assert budgets
        for budget in budgets:
            assert budget.name
            assert budget.remaining >= 0
            assert budget.resets_at is None or budget.resets_at.tzinfo is UTC


CHECKS = tuple(f for name, f in sorted(globals().items()) if name.startswith("check_"))


def png() -> bytes:
    """A grey picture of 8 × 8 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress((b"\x00" + b"\x80" * 8) * 8))
    return b"\x89PNG\r\n\x1a\n" + head + rows + chunk(b"IEND", b"")


def _fits(c: Capabilities, visibility: Visibility, media: Media) -> bool:
    answers = c.limit(visibility) is not None
    return answers and bool(media.types) and media.max_bytes > 0 and media.most > 0


def _sameness(m: Message) -> tuple[object, ...]:
    assert m.direction is Direction.IN
    author = m.author.id if m.author else None
    return (m.external_id, m.conversation, m.text, m.kind, m.visibility, author, m.in_reply_to)


def _ref(m: Message) -> Ref:
    return Ref(m.external_id, m.conversation, m.kind, m.visibility, False, m.author, m.platform)
