"""The Mastodon connector answering: mentions, visibility, once only, files, moderation."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.core.contract import Act, Author, Kind, Ref, Upload, Visibility
from connectors.core.errors import OutcomeUnknown, Refused, Transient, Unsupported
from connectors.mastodon import CAPABILITIES
from connectors.mastodon.length import characters, shortened
from tests.connectors.fixtures.mastodon.harness import ANN
from tests.connectors.fixtures.mastodon.steps import answer, connect, read
from tests.connectors.offer_checks import png
from tests.fakes.http import Answer
from tests.fakes.mastodon import FakeMastodon

PICTURE = Upload("receipt.png", "image/png", png(), "A receipt")


@pytest.fixture
def fake() -> Iterator[FakeMastodon]:
    with FakeMastodon() as fake:
        yield fake


def newest(fake: FakeMastodon) -> tuple[str, str, str]:
    """(text, visibility, content warning) of the post made last."""
    post = list(fake.posts.values())[-1]
    return post.text, post.visibility, post.extra.get("spoiler_text", "")


def test_an_answer_names_its_reader_once(fake: FakeMastodon) -> None:
    post = fake.mention("@brand hello")
    connect(fake).send(answer(fake, post, "Good morning"))
    assert newest(fake)[0] == f"@{ANN} Good morning"
    connect(fake).send(answer(fake, post, f"Hello @{ANN.title()}!", key="2" * 32))
    assert newest(fake)[0] == f"Hello @{ANN.title()}!"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("public", "public"),
        ("unlisted", "unlisted"),
        ("private", "direct"),
        ("direct", "direct"),
        ("limited", "direct"),
    ],
)
def test_an_answer_is_seen_by_no_more_than_the_question(
    fake: FakeMastodon, theirs: str, ours: str
) -> None:
    post = fake.mention("@brand hello", visibility=theirs)
    connect(fake).send(answer(fake, post))
    assert newest(fake)[1] == ours


def test_a_public_answer_to_what_is_not_public_is_refused(fake: FakeMastodon) -> None:
    post = fake.mention("@brand hello", visibility="direct")
    with pytest.raises(Refused):
        connect(fake).send(answer(fake, post, visibility=Visibility.PUBLIC))
    connect(fake).send(answer(fake, post, visibility=Visibility.PUBLIC, platform={}))
    assert newest(fake)[1] == "unlisted"  # the quietest public one where none is known


def test_a_move_to_private_begins_a_thread_that_its_answers_join(fake: FakeMastodon) -> None:
    post = fake.mention("@brand my card is lost")
    sent = connect(fake).send(answer(fake, post, visibility=Visibility.PRIVATE))
    assert newest(fake)[1] == "direct"
    assert sent.thread == sent.external_id
    fake.mention("@brand 1234", above=sent.external_id, visibility="direct")
    assert read(fake).messages[-1].conversation == sent.thread


def test_a_content_warning_is_copied_as_far_as_it_fits(fake: FakeMastodon) -> None:
    post = fake.mention("@brand look")
    seen = {"visibility": "public", "spoiler_text": "Long warning " * 20}
    connect(fake).send(answer(fake, post, "short", platform=seen))
    assert newest(fake)[2] == "Long warning " * 20
    connect(fake).send(answer(fake, post, "x" * 490, platform=seen, key="2" * 32))
    assert newest(fake)[2] == "Long…"
    assert shortened("Fire", 1) == ""


def test_the_same_key_makes_one_post(fake: FakeMastodon) -> None:
    reply = answer(fake, fake.mention("@brand hello"))
    fake.fault("*", "lost")
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)
    sent = connect(fake).send(reply)
    assert len(fake.sent) == 1
    assert sent.external_id in fake.posts


def test_once_the_server_forgot_the_key_the_answer_is_looked_for_first(
    fake: FakeMastodon,
) -> None:
    reply = answer(fake, fake.mention("@brand hello"))
    first = connect(fake).send(reply)
    fake.advance(2 * 3600)
    assert connect(fake).send(reply).external_id == first.external_id
    assert len(fake.sent) == 1
    fake.delete(first.external_id)
    late = connect(fake).send(reply)
    assert late.external_id in fake.posts


def test_a_look_up_reads_all_pages_and_doubt_is_an_error() -> None:
    with FakeMastodon(page_limit=3) as fake:
        post = fake.mention("@brand hello")
        reply = answer(fake, post, f"Here, @{ANN.title()}: https://brand.example/help")
        sent = connect(fake).send(reply)
        for number in range(7):
            fake.post(f"News {number}")
        found = connect(fake).look_up(reply)
        assert found is not None
        assert found.external_id == sent.external_id
        assert connect(fake).look_up(replace(reply, text="Something else")) is None
        fake.post("broken")
        fake.break_last()
        with pytest.raises(Transient):
            connect(fake).look_up(reply)


def test_a_picture_that_is_not_ready_sends_nothing(fake: FakeMastodon) -> None:
    reply = replace(answer(fake, fake.mention("@brand hello")), files=(PICTURE,))
    fake.processing = 2  # 202 on the upload, 206 on the look
    with pytest.raises(Transient):
        connect(fake).send(reply)
    assert fake.sent == []
    fake.processing = 1
    connect(fake).send(reply)
    assert len(fake.sent) == 1


def test_four_pictures_without_words_are_an_answer(fake: FakeMastodon) -> None:
    post = fake.mention("@brand hello")
    reply = replace(answer(fake, post, ""), files=(PICTURE,) * 4)
    connect(fake).send(reply)
    assert newest(fake)[0] == f"@{ANN}"
    assert len(list(fake.posts.values())[-1].media) == 4
    form = next(r for r in fake.requests if r.path == "/api/v2/media").parts
    assert {p.name: p.data for p in form}["description"] == b"A receipt"


def test_a_failed_upload_is_not_an_unknown_answer(fake: FakeMastodon) -> None:
    reply = replace(answer(fake, fake.mention("@brand hello")), files=(PICTURE,))
    fake.fault("/api/v2/media", "lost")
    with pytest.raises(Transient):
        connect(fake).send(reply)
    text_file = Upload("a.txt", "text/plain", b"a")
    with pytest.raises(Refused, match="content type"):
        connect(fake).send(replace(reply, files=(text_file,)))
    assert fake.sent == []


def test_what_the_server_finds_too_long_is_refused_in_its_words(fake: FakeMastodon) -> None:
    with pytest.raises(Refused, match="limit of 500"):
        connect(fake).send(answer(fake, fake.mention("@brand hello"), "x" * 501))
    gone = answer(fake, fake.mention("@brand hello"))
    fake.delete(gone.in_reply_to)
    with pytest.raises(Refused):
        connect(fake).send(gone)


@pytest.mark.parametrize("body", [b"[]", b'"ok"', b"null", b"5", b'{"id": null}', b"<html>"])
def test_an_unreadable_yes_is_an_unknown_outcome(fake: FakeMastodon, body: bytes) -> None:
    reply = answer(fake, fake.mention("@brand hello"))
    fake.fault("*", Answer(200, body, {"content-type": "application/json"}))
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("Hello", 5),
        ("你好", 2),
        ("👨‍👩‍👧", 1),
        ("e\u0301", 1),
        ("@ann@other.example hi", 7),
        ("@ann hi", 7),
        ("see https://brand.example/" + "x" * 100, 27),
        ("(https://brand.example).", 26),
        ("看https://brand.example/x，谢谢", 27),
        ("mail a@b.example", 16),
        ("\ud800", 1),
    ],
)
def test_a_post_is_measured_as_the_server_does(text: str, length: int) -> None:
    assert characters(text) == length


def test_the_mention_counts_without_its_server() -> None:
    ann = Author("1", ANN)
    assert CAPABILITIES.measure("hi", Visibility.PUBLIC, ann) == len("@ann hi")
    assert CAPABILITIES.measure("hi", Visibility.PUBLIC, Author("1")) == 2
    assert CAPABILITIES.mention(Visibility.PUBLIC, ann) == (f"@{ANN}", len("@ann "))


def test_deleting_what_is_gone_is_done_and_other_acts_say_so(fake: FakeMastodon) -> None:
    ref = Ref("99", "99", Kind.MENTION, Visibility.PUBLIC, author=Author("12345"))
    connect(fake).act(Act.DELETE, ref)
    for act in (Act.LIKE, Act.BLOCK):
        with pytest.raises(Refused):
            connect(fake).act(act, ref)
    with pytest.raises(Refused):
        connect(fake).act(Act.MUTE, replace(ref, author=None))
    with pytest.raises(Unsupported):
        connect(fake).act(Act.HIDE, ref)


def test_a_report_carries_the_post_and_the_reason(fake: FakeMastodon) -> None:
    post = fake.mention("@brand you thieves")
    author = Author(fake.people.id(ANN))
    ref = Ref(post, post, Kind.MENTION, Visibility.PUBLIC, author=author)
    connect(fake).act(Act.REPORT, ref, "threatens our staff")
    (report,) = fake.reports
    assert report["status_ids[]"] == post
    assert report["comment"] == "threatens our staff"
