"""The Bluesky connector answering in public: once only, facets, pictures, moderation."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bluesky.offers import CAPABILITIES
from connectors.bluesky.richtext import facets, tid
from connectors.core.contract import Act, Author, Kind, Ref, Upload, Visibility
from connectors.core.errors import OutcomeUnknown, Refused, Transient, Unsupported
from tests.connectors.fixtures.bluesky.harness import ANN
from tests.connectors.fixtures.bluesky.steps import answer, connect
from tests.connectors.offer_checks import png
from tests.fakes.bluesky import FakeBluesky
from tests.fakes.bluesky_items import did_of, reference
from tests.fakes.http import Answer

PICTURE = Upload("receipt.png", "image/png", png(), "A receipt")
ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def fake() -> Iterator[FakeBluesky]:
    with FakeBluesky() as fake:
        yield fake


def number_of(key: str) -> int:
    number = 0
    for letter in key:
        number = number * 32 + ALPHABET.index(letter)
    return number


def test_a_record_key_is_a_tid_of_its_time() -> None:
    # The specification's example 3jzfcijpj2z2a, taken apart and put together again.
    number = number_of("3jzfcijpj2z2a")
    micros, clock = number >> 10, number & 1023
    at = datetime.fromtimestamp(micros // 1000 / 1000, UTC)
    assert (at.year, at.month) == (2023, 6)
    assert tid(at, f"{micros % 1000 + clock * 1000:x}") == "3jzfcijpj2z2a"


@given(
    st.integers(1_700_000_000_000, 2_800_000_000_000),
    st.integers(0, 2**128 - 1),
)
def test_record_keys_are_stable_and_sort_by_time(unix_ms: int, key: int) -> None:
    at = datetime.fromtimestamp(unix_ms / 1000, UTC)
    name = tid(at, f"{key:032x}")
    assert (len(name), name) == (13, tid(at, f"{key:032x}"))
    assert name < tid(at + timedelta(milliseconds=2), f"{key // 3:032x}")
    assert name[0] in "234567abcdefghij"


def test_the_same_reply_makes_one_post_however_often_it_is_sent(fake: FakeBluesky) -> None:
    reply = replace(answer(fake, fake.mention("hello")), files=(PICTURE,))
    fake.fault("*.putRecord", "lost")
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)
    fake.advance(3600)
    sent = connect(fake).send(reply)
    assert len(fake.sent) == 1
    found = connect(fake).look_up(reply)
    assert found is not None
    assert found.external_id == sent.external_id
    other = connect(fake).send(replace(reply, key="2" * 32))
    assert other.external_id != sent.external_id


def test_what_was_sent_under_a_key_is_never_written_over(fake: FakeBluesky) -> None:
    reply = answer(fake, fake.mention("hello"))
    sent = connect(fake).send(reply)
    again = connect(fake).send(replace(reply, text="Other words"))
    assert again.external_id == sent.external_id
    assert fake.posts[sent.external_id].record["text"] == reply.text


def test_an_answer_names_the_post_and_the_thread_by_their_hashes(fake: FakeBluesky) -> None:
    root = fake.post("News")
    post = fake.mention("hello", above=root)
    wanted = {"root": reference(fake.posts[post])["root"]}
    wanted["parent"] = {"uri": post, "cid": fake.posts[post].cid}
    kept = {"cid": fake.posts[post].cid, "root": wanted["root"], "langs": ["zh"]}
    for number, platform in enumerate((kept, {})):  # without them, Bluesky is asked
        reply = answer(fake, post, f"Hi {number}", platform=platform, key=f"{number:032x}")
        record = fake.posts[connect(fake).send(reply).external_id].record
        assert record["reply"] == wanted
    assert fake.posts[connect(fake).send(answer(fake, root, key="9")).external_id]


def test_an_answer_to_a_post_that_is_gone_is_refused(fake: FakeBluesky) -> None:
    post = fake.mention("hello")
    fake.delete(post)
    with pytest.raises(Refused, match="no longer there"):
        connect(fake).send(answer(fake, post))


def test_links_and_mentions_are_marked_by_their_bytes(fake: FakeBluesky) -> None:
    text = "👋 @ann.example, 看 https://brand.example/x?y=1. And @bo.example, @nobody.invalid!"
    sent = connect(fake).send(answer(fake, fake.mention("hello"), text))
    raw, marks = text.encode(), fake.posts[sent.external_id].record["facets"]
    shown = [raw[m["index"]["byteStart"] : m["index"]["byteEnd"]].decode() for m in marks]
    assert shown == ["https://brand.example/x?y=1", "@ann.example", "@bo.example"]
    features = [m["features"][0] for m in marks]
    assert features[0]["uri"] == "https://brand.example/x?y=1"
    assert [f["did"] for f in features[1:]] == [did_of(ANN), did_of("bo.example")]


def test_addresses_of_mail_are_no_mentions() -> None:
    assert facets("write to help@brand.example", lambda handle: "did:plc:a") == []
    assert facets("see (https://a.example/b)", lambda _: None)[0]["index"] == {
        "byteStart": 5,
        "byteEnd": 24,
    }


@pytest.mark.parametrize(
    ("text", "length", "private"),
    [
        ("Hello", 5, 5),
        ("您好", 2, 2),
        ("👨‍👩‍👧‍👦" * 100, 100, 100),
        ("👨‍👩‍👧‍👦" * 200, 2301, 200),  # 5,000 bytes: too long for a post
        ("x" * 301, 301, 301),
        ("👨‍👩‍👧‍👦" * 500, 9801, 3501),
    ],
)
def test_letters_count_and_bytes_too(text: str, length: int, private: int) -> None:
    assert CAPABILITIES.measure(text, Visibility.PUBLIC) == length
    assert CAPABILITIES.measure(text, Visibility.PRIVATE) == private


def test_what_bluesky_finds_too_long_is_refused_in_its_words(fake: FakeBluesky) -> None:
    with pytest.raises(Refused, match="300 graphemes"):
        connect(fake).send(answer(fake, fake.mention("hello"), "x" * 301))


def test_four_pictures_without_words_are_an_answer(fake: FakeBluesky) -> None:
    reply = replace(answer(fake, fake.mention("hello"), ""), files=(PICTURE,) * 4)
    sent = connect(fake).send(reply)
    embed = fake.posts[sent.external_id].record["embed"]
    assert embed["$type"] == "app.bsky.embed.images"
    assert [i["alt"] for i in embed["images"]] == ["A receipt"] * 4
    upload = next(r for r in fake.requests if r.path.endswith("uploadBlob"))
    assert (upload.raw, upload.headers["content-type"]) == (PICTURE.data, "image/png")


def test_a_failed_upload_is_not_an_unknown_answer(fake: FakeBluesky) -> None:
    reply = replace(answer(fake, fake.mention("hello")), files=(PICTURE,))
    fake.fault("*.uploadBlob", "lost")
    with pytest.raises(Transient):
        connect(fake).send(reply)
    big = replace(PICTURE, data=b"x" * 1_000_001)
    with pytest.raises(Refused, match="too large"):
        connect(fake).send(replace(reply, files=(big,)))
    assert fake.sent == []


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"uri": 5}', b"<html>"])
def test_an_unreadable_yes_is_an_unknown_outcome(fake: FakeBluesky, body: bytes) -> None:
    reply = answer(fake, fake.mention("hello"))
    fake.fault("*", Answer(200, body, {"content-type": "application/json"}))
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)


def test_doubt_in_a_look_up_is_an_error(fake: FakeBluesky) -> None:
    reply = answer(fake, fake.mention("hello"))
    fake.fault("*.getRecord", "broken")
    with pytest.raises(Transient):
        connect(fake).look_up(reply)
    assert connect(fake).look_up(reply) is None


def post_ref(fake: FakeBluesky) -> Ref:
    post = fake.mention("You thieves")
    return Ref(post, post, Kind.MENTION, Visibility.PUBLIC, author=Author(did_of(ANN)))


def test_a_like_and_a_block_are_made_once_and_taken_back(fake: FakeBluesky) -> None:
    on, connector = post_ref(fake), connect(fake)
    for act, undo in ((Act.LIKE, Act.UNLIKE), (Act.BLOCK, Act.UNBLOCK)):
        connector.act(undo, on)
        for _ in range(2):
            connector.act(act, on)
            assert len(fake.records) == 1
        for _ in range(2):
            connector.act(undo, on)
            assert fake.records == {}


def test_a_report_carries_the_post_and_the_reason(fake: FakeBluesky) -> None:
    on = post_ref(fake)
    connect(fake).act(Act.REPORT, on, "threatens our staff")
    (report,) = fake.reports
    assert report["subject"]["uri"] == on.external_id
    assert report["subject"]["cid"] == fake.posts[on.external_id].cid
    assert report["reason"] == "threatens our staff"


def test_what_cannot_be_done_says_so(fake: FakeBluesky) -> None:
    on = post_ref(fake)
    fake.delete(on.external_id)
    with pytest.raises(Refused, match="no longer has"):
        connect(fake).act(Act.LIKE, on)
    with pytest.raises(Refused):
        connect(fake).act(Act.MUTE, replace(on, author=None))
    with pytest.raises(Unsupported):
        connect(fake).act(Act.HIDE, on)
