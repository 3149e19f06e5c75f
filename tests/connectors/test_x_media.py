"""Pictures, moderation, moves to private and quotas on the fake X."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.core.contract import (
    Act,
    Attachment,
    Author,
    Kind,
    Outgoing,
    Ref,
    Upload,
    Visibility,
)
from connectors.core.errors import (
    OutcomeUnknown,
    RateLimited,
    Refused,
    Transient,
    Unsupported,
)
from connectors.x import CAPABILITIES, Connector
from connectors.x.client import Client
from connectors.x.media import PIECE, download
from tests.connectors.fixtures.x.steps import (
    answer,
    connect,
    only,
    private_answer,
    read,
    signed_in,
)
from tests.connectors.offer_checks import png
from tests.fakes.http import Answer
from tests.fakes.x import ME, FakeX

PICTURE = Upload("receipt.png", "image/png", png(), "A receipt")
PLAIN = replace(PICTURE, description="")


@pytest.fixture
def fake() -> Iterator[FakeX]:
    with FakeX() as fake:
        yield fake


def public(fake: FakeX, text: str, *files: Upload) -> Outgoing:
    return replace(answer(fake, text, fake.mention("@brand where is it?")), files=files)


# Pictures of answers


@pytest.mark.parametrize("way", [connect, signed_in], ids=["keys", "token"])
def test_a_public_answer_carries_up_to_four_pictures(
    fake: FakeX, way: Callable[[FakeX], Connector]
) -> None:
    way(fake).send(public(fake, "Like this", *[PICTURE] * 4))
    assert fake.files == [PICTURE.data] * 4
    assert {u.words for u in fake.pictures.uploads.values()} == {"A receipt"}
    assert {u.category for u in fake.pictures.uploads.values()} == {"tweet_image"}


def test_a_private_answer_carries_one(fake: FakeX) -> None:
    reply = private_answer(fake, "Like this", fake.dm("Where?"))
    sent = connect(fake).send(replace(reply, files=(PICTURE,)))
    assert fake.files == [PICTURE.data]
    echo = next(m for p in read(connect(fake), "dms") for m in p.messages if m.text == "Like this")
    assert echo.external_id == sent.external_id
    assert len(echo.attachments) == 1


def test_a_picture_may_go_without_words_and_is_found_again(fake: FakeX) -> None:
    reply = public(fake, "", PLAIN)
    fake.fault("/2/tweets", "lost")
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)
    fake.own_post("something else", replied_to=reply.in_reply_to)
    found = connect(fake).look_up(reply)
    assert found is not None
    assert found.external_id == fake.posts[-2].id
    assert "text" not in json.loads(fake.requests[3].raw)


def test_a_large_picture_goes_up_in_pieces(fake: FakeX) -> None:
    large = replace(PLAIN, data=bytes(range(256)) * (PIECE // 256 + 100))
    connect(fake).send(public(fake, "Large", large))
    assert fake.files == [large.data]
    steps = [r.path.rpartition("/")[2] for r in fake.requests]
    assert steps == ["initialize", "append", "append", "finalize", "tweets"]


@pytest.mark.parametrize("step", ["initialize", "*/append", "*/finalize"])
@pytest.mark.parametrize("fault", ["lost", "unavailable", "garbled"])
def test_an_upload_that_fails_sends_nothing(fake: FakeX, step: str, fault: str) -> None:
    reply = public(fake, "Like this", PLAIN)
    fake.fault(f"/2/media/upload/{step}", fault)
    with pytest.raises(Transient):
        connect(fake).send(reply)
    assert fake.sent == []


@pytest.mark.parametrize(("state", "error"), [("failed", Refused), ("pending", Transient)])
def test_a_picture_that_x_has_not_ready_is_not_sent(
    fake: FakeX, state: str, error: type[Exception]
) -> None:
    fake.pictures.state = state
    with pytest.raises(error):
        connect(fake).send(public(fake, "Like this", PLAIN))
    assert fake.sent == []


def test_a_picture_that_x_refuses_is_refused(fake: FakeX) -> None:
    fake.fault("/2/media/upload/initialize", "forbidden")
    with pytest.raises(Refused, match="did not take the picture"):
        connect(fake).send(public(fake, "Like this", PLAIN))


# Pictures of customers


@pytest.mark.parametrize(
    ("way", "path"),
    [(connect, "/1.1/ton/data/dm/"), (signed_in, "/2/dm_conversations/media/")],
    ids=["keys", "token"],
)
def test_a_picture_of_a_direct_message_is_fetched_as_ourselves(
    fake: FakeX, way: Callable[[FakeX], Connector], path: str
) -> None:
    fake.dm("See here", pictures=(b"p" * 3000,))
    message = only(fake, "dms")
    assert message.text == "See here"
    (attachment,) = message.attachments
    connector = way(fake)
    assert connector.download(attachment, 3000).data == b"p" * 3000
    with pytest.raises(Refused, match="too long"):
        connector.download(attachment, 2999)
    assert fake.requests[-1].path.startswith(path)


def test_a_file_may_be_as_large_as_the_inbox_takes_it(fake: FakeX) -> None:
    fake.dm("See here", pictures=(b"p" * 9_000_000,))
    (attachment,) = only(fake, "dms").attachments
    assert len(connect(fake).download(attachment, 25_000_000).data) == 9_000_000


def test_a_public_picture_is_fetched_as_nobody(fake: FakeX) -> None:
    fake.mention("@brand see here", pictures=(b"p" * 3000,))
    (attachment,) = only(fake, "mentions").attachments
    assert signed_in(fake).download(attachment, 3000).data == b"p" * 3000
    assert "authorization" not in fake.requests[-1].headers


@pytest.mark.parametrize(
    "url",
    [
        "https://ton.twitter.com.evil.example/1.1/ton/data/dm/1/2/x.png",
        "https://evil.example/https://ton.twitter.com/1.1/ton/data/dm/1/2/x.png",
        "http://ton.twitter.com/1.1/ton/data/dm/1/2/x.png",
        "https://ton.twitter.com@evil.example/1.1/ton/data/dm/1/2/x.png",
    ],
)
def test_an_address_that_only_looks_like_xs_gets_no_signature(fake: FakeX, url: str) -> None:
    for account in (fake.account(), fake.signed_in()):
        assert download(Client(account, fake.now), url, 100) is None
    assert fake.requests == []


def test_a_picture_that_is_gone_is_refused(fake: FakeX) -> None:
    attachment = Attachment("https://ton.twitter.com/1.1/ton/data/dm/1/2/none.png")
    for connector in (connect(fake), signed_in(fake)):
        with pytest.raises(Refused, match="no longer"):
            connector.download(attachment, 100)


# Moderation


def ref(fake: FakeX, post: str, *, ours: bool = False, kind: Kind = Kind.MENTION) -> Ref:
    where = Visibility.PRIVATE if kind is Kind.DM else Visibility.PUBLIC
    return Ref(post, post, kind, where, ours, Author(fake.user("brand" if ours else "ann")))


def test_a_reply_under_our_post_is_hidden_and_shown_again(fake: FakeX) -> None:
    post = fake.mention("@brand scam!", replied_to=fake.own_post("We are open"))
    for act, hidden in ((Act.HIDE, True), (Act.HIDE, True), (Act.UNHIDE, False)):
        connect(fake).act(act, ref(fake, post))
        assert fake.posts[-1].hidden is hidden


def test_elsewhere_nothing_can_be_hidden(fake: FakeX) -> None:
    post = fake.mention("@brand scam!")
    with pytest.raises(Refused, match="this account began"):
        connect(fake).act(Act.HIDE, ref(fake, post))


def test_our_edited_answer_is_deleted_as_it_is_now(fake: FakeX) -> None:
    first = fake.own_post("Helo", replied_to=fake.mention("@brand hi"))
    newest = fake.edit(first, "Hello")
    target = replace(ref(fake, first, ours=True), platform={"post_id": newest})
    connect(fake).act(Act.DELETE, target)
    connect(fake).act(Act.DELETE, target)
    assert [p.text for p in fake.posts] == ["@brand hi"]
    assert fake.requests[-1].path == f"/2/tweets/{newest}"


def test_our_direct_message_is_deleted(fake: FakeX) -> None:
    sent = connect(fake).send(private_answer(fake, "Oops", fake.dm("Hello")))
    connect(fake).act(Act.DELETE, ref(fake, sent.external_id, ours=True, kind=Kind.DM))
    assert [d.text for d in fake.dms] == ["Hello"]


def test_x_blocks_direct_messages_and_mutes_people(fake: FakeX) -> None:
    ann = ref(fake, fake.dm("Buy now"), kind=Kind.DM)
    for act in (Act.BLOCK, Act.UNBLOCK, Act.MUTE, Act.UNMUTE):
        connect(fake).act(act, ann)
    assert fake.acts == ["block", "unblock", "mute", "unmute"]
    paths = [f"{r.method} {r.path}" for r in fake.requests]
    user = fake.user("ann")
    assert paths == [
        f"POST /2/users/{user}/dm/block",
        f"POST /2/users/{user}/dm/unblock",
        f"POST /2/users/{ME}/muting",
        f"DELETE /2/users/{ME}/muting/{user}",
    ]


def test_what_x_does_not_have_is_not_tried(fake: FakeX) -> None:
    theirs, ours = ref(fake, "1"), ref(fake, "2", ours=True)
    message = ref(fake, "3", kind=Kind.DM)
    for act, on in (
        (Act.LIKE, theirs),
        (Act.REPORT, theirs),
        (Act.DELETE, theirs),
        (Act.HIDE, ours),
        (Act.HIDE, message),
        (Act.BLOCK, ours),
        (Act.MUTE, replace(theirs, author=None)),
    ):
        with pytest.raises(Unsupported):
            connect(fake).act(act, on)
    assert fake.requests == []


def test_a_lost_act_may_be_tried_again(fake: FakeX) -> None:
    post = fake.mention("@brand scam!", replied_to=fake.own_post("We are open"))
    fake.fault("*/hidden", "lost")
    with pytest.raises(Transient):
        connect(fake).act(Act.HIDE, ref(fake, post))


# Into private


def moved(fake: FakeX, text: str) -> Outgoing:
    return replace(
        public(fake, text),
        visibility=Visibility.PRIVATE,
        answers_visibility=Visibility.PUBLIC,
    )


def test_a_move_to_private_tells_its_thread(fake: FakeX) -> None:
    sent = connect(fake).send(moved(fake, "Let us talk here"))
    assert sent.thread == only(fake, "dms").conversation == f"{ME}-{fake.user('ann')}"


def test_a_lost_move_is_found_with_its_thread(fake: FakeX) -> None:
    reply = moved(fake, "Let us talk here")
    fake.fault("*/messages", "lost")
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)
    found = connect(fake).look_up(reply)
    assert found is not None
    assert (found.external_id, found.thread) == (fake.dms[-1].id, f"{ME}-{fake.user('ann')}")


def test_an_ordinary_answer_moves_nothing(fake: FakeX) -> None:
    assert connect(fake).send(private_answer(fake, "Yes", fake.dm("Hello?"))).thread is None


# Quotas and prices


def test_each_list_tells_what_is_left_of_its_quota(fake: FakeX) -> None:
    connector = connect(fake)
    for stream in ("mentions", "dms", "dms"):
        connector.pull(stream, {})
    told = {b.name: (b.limit, b.remaining) for b in connector.budgets()}
    assert told == {"Reading mentions": (300, 299), "Reading direct messages": (15, 13)}
    for budget in connector.budgets():
        assert budget.resets_at is not None
        assert timedelta(0) < budget.resets_at - fake.now() <= timedelta(minutes=16)


def test_a_refusal_tells_the_quota_of_the_day_too(fake: FakeX) -> None:
    reset = str(int(fake.now().timestamp()) + 80_000)
    daily = {"limit": "1440", "remaining": "0", "reset": reset}
    headers = {f"x-user-limit-24hour-{k}": v for k, v in daily.items()}
    reply = private_answer(fake, "Hi", fake.dm("Hi"))
    fake.fault("*", Answer(429, {}, headers))
    connector = connect(fake)
    with pytest.raises(RateLimited):
        connector.send(reply)
    told = {b.name: (b.limit, b.remaining) for b in connector.budgets()}
    assert told["Sending direct messages (account, 24 hours)"] == (1440, 0)


def test_prices_name_every_list_and_their_source() -> None:
    price = CAPABILITIES.price
    assert price is not None
    assert set(CAPABILITIES.streams) == set(CAPABILITIES.reach)
    assert set(price.per_item) == {*CAPABILITIES.streams, "single messages"}
    assert price.per_day == {
        "dms": pytest.approx(0.40)
    }  # the first look and its senders, once per UTC day
    assert "August 2026" in price.source


def test_an_unreachable_x_gives_no_picture(fake: FakeX) -> None:
    attachment = Attachment("https://ton.twitter.com/1.1/ton/data/dm/1/2/x.png")
    for account in (fake.account(), fake.signed_in()):
        away = replace(account, base_url="http://127.0.0.1:9")
        with pytest.raises(Transient):
            Connector(away, fake.now).download(attachment, 100)
