"""The X connector answering on the fake X: what the common checks cannot know."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.core.contract import (
    Direction,
    Outgoing,
    Visibility,
)
from connectors.core.errors import (
    OutcomeUnknown,
    RateLimited,
    Refused,
    Transient,
)
from connectors.x import CAPABILITIES
from connectors.x.length import weighted
from tests.connectors.fixtures.x.steps import answer, connect, only, private_answer, read
from tests.fakes.http import Answer
from tests.fakes.x import ME, FakeX


@pytest.fixture
def fake() -> Iterator[FakeX]:
    with FakeX() as fake:
        yield fake


def test_a_public_answer_goes_under_the_newest_version(fake: FakeX) -> None:
    post = fake.mention("@brand helo")
    fake.edit(post, "@brand hello")
    message = only(fake, "mentions")
    reply = answer(fake, "Hello Ann", message.external_id, dict(message.platform))
    sent = connect(fake).send(reply)
    assert sent.external_id == fake.posts[-1].id
    assert sent.sent_at is not None
    assert abs(sent.sent_at - fake.now()) < timedelta(minutes=1)
    echo = only(fake, "replies")
    assert (echo.external_id, echo.in_reply_to) == (sent.external_id, message.platform["post_id"])


def test_a_private_answer_joins_its_conversation(fake: FakeX) -> None:
    dm = fake.dm("Where is my money?")
    sent = connect(fake).send(private_answer(fake, "On its way", dm))
    (page,) = read(connect(fake), "dms")
    echo = page.messages[0]
    assert (echo.external_id, echo.direction) == (sent.external_id, Direction.OUT)
    assert echo.conversation == page.messages[1].conversation


def test_a_public_post_can_be_answered_in_private(fake: FakeX) -> None:
    reply = replace(answer(fake, "Hi", fake.mention("Hello")), visibility=Visibility.PRIVATE)
    connect(fake).send(reply)
    assert fake.dms[-1].thread == f"{ME}-{fake.user('ann')}"


def test_x_refuses_an_answer_that_was_not_asked_for(fake: FakeX) -> None:
    own = fake.own_post("We are open")
    post = fake.mention("I see", replied_to=own)
    with pytest.raises(Refused, match="mention or quote"):
        connect(fake).send(answer(fake, "Thanks", post))
    assert fake.sent == []


def test_spent_credits_are_a_matter_of_billing(fake: FakeX) -> None:
    reply = answer(fake, "Hi", fake.mention("@brand hi"))
    fake.fault("*", "capped", times=2)
    with pytest.raises(RateLimited, match="credits") as e:
        connect(fake).pull("dms", {})
    assert e.value.resets_at is not None
    with pytest.raises(Refused, match="credits"):
        connect(fake).send(reply)


def test_a_slow_answer_leaves_a_read_undone_and_a_send_unknown(fake: FakeX) -> None:
    reply = answer(fake, "Hi", fake.mention("@brand hi"))
    connector = connect(fake, timeout_s=0.2)
    fake.fault("*", "slow", times=2)
    with pytest.raises(Transient):
        connector.pull("mentions", {})
    with pytest.raises(OutcomeUnknown):
        connector.send(reply)
    assert fake.sent == ["Hi"]


BARE = [{"code": 1, "message": "?"}]


@pytest.mark.parametrize(
    ("given", "on_pull", "on_send"),
    [
        (Answer(200, {}), Transient, OutcomeUnknown),
        (Answer(200, ["?"]), Transient, OutcomeUnknown),
        (Answer(200, {"errors": BARE}), Transient, OutcomeUnknown),
        (Answer(302, "", {"location": "/2/users/me"}), Transient, OutcomeUnknown),
        (Answer(400, {"errors": BARE}), Refused, Refused),
        (Answer(402, {}), RateLimited, Refused),
        (Answer(404, "gone"), Refused, Refused),
        (Answer(429, {}, {"x-rate-limit-reset": "soon"}), Transient, OutcomeUnknown),
        (Answer(500, ["?"]), Transient, OutcomeUnknown),
        (Answer(503, {"title": "Down"}), Transient, OutcomeUnknown),
    ],
)
def test_odd_answers_become_errors_that_say_what_now(
    fake: FakeX, given: Answer, on_pull: type[Exception], on_send: type[Exception]
) -> None:
    reply = answer(fake, "Hi", fake.mention("@brand hi"))
    fake.fault("*", given, times=2)
    with pytest.raises(on_pull):
        connect(fake).pull("dms", {})
    with pytest.raises(on_send):
        connect(fake).send(reply)
    assert len(fake.requests) == 2  # nothing was followed or tried again


def test_a_used_up_day_outlasts_a_used_up_quarter_hour(fake: FakeX) -> None:
    day = int(fake.now().timestamp()) + 80_000
    daily = {"x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": str(day)}
    fake.fault("*", Answer(429, {}, daily))
    with pytest.raises(RateLimited) as e:
        connect(fake).send(answer(fake, "Hi", fake.mention("@brand hi")))
    assert e.value.resets_at == datetime.fromtimestamp(day, UTC)


def look_up_cases() -> list[Callable[[FakeX, str], Outgoing]]:
    return [
        lambda fake, text: answer(fake, text, fake.mention("@brand where is it?")),
        lambda fake, text: private_answer(fake, text, fake.dm("Where is it?")),
    ]


@pytest.mark.parametrize("ask", look_up_cases(), ids=["public", "private"])
def test_a_lost_answer_is_found_once_x_shows_it(ask: Callable[[FakeX, str], Outgoing]) -> None:
    text = "@ann  It is at shop.example/track, <soon> & safe 👍 https://shop.example/x"
    with FakeX(read_lag_s=30, page_limit=2) as fake:
        reply = ask(fake, text)
        fake.fault("*", "lost")
        with pytest.raises(OutcomeUnknown):
            connect(fake).send(reply)
        assert connect(fake).look_up(reply) is None  # hidden by X's read lag
        fake.advance(CAPABILITIES.read_lag_s)
        for n in range(4):
            fake.own_post(f"Something else {n}")
            fake.dm(f"And more {n}")
        fake.advance(CAPABILITIES.read_lag_s)
        found = connect(fake).look_up(reply)
        own = (i for i in (*fake.posts, *fake.dms) if i.text == text)
        assert found is not None
        assert found.external_id == next(own).id
        assert fake.sent == [text]


@pytest.mark.parametrize("ask", look_up_cases(), ids=["public", "private"])
def test_the_same_words_elsewhere_or_long_ago_are_not_this_answer(
    ask: Callable[[FakeX, str], Outgoing],
) -> None:
    with FakeX() as fake:
        connect(fake).send(ask(fake, "Thank you"))
        fake.advance(3600)
        fake.own_post("Thank you", replied_to=fake.mention("@brand other", "bob"))
        fake.dm("Thank you", "bob", own=True)
        assert connect(fake).look_up(ask(fake, "Thank you")) is None


def test_of_equal_answers_the_nearest_in_time_is_it(fake: FakeX) -> None:
    dm = fake.dm("Are you there?")
    connector = connect(fake)
    connector.send(private_answer(fake, "Yes", dm))
    fake.advance(60)
    second = private_answer(fake, "Yes", dm)
    sent = connector.send(second)
    fake.advance(60)
    connector.send(private_answer(fake, "Yes", dm))
    found = connector.look_up(second)
    assert found is not None
    assert found.external_id == sent.external_id


# Measuring


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("Hello, world! 👋", 16),
        ("你好", 4),
        ("한국어", 6),
        ("https://shop.example/" + "a" * 99, 23),
        ("(https://shop.example/a), ok", 29),
        ("请看https://shop.example/b谢谢", 31),
        ("see shop.com.", 28),
        ("not a link: v2.0, e.g. a@b.com", 30),
        ("👨‍👩‍👧‍👦", 2),
        ("👍🏽🇩🇪1️⃣", 6),
        ("cafe\u0301", 4),
        ("“quoted” – so…", 15),
        ("@ann @bo thanks", 6),
    ],
)
def test_posts_are_weighed_as_x_does(text: str, weight: int) -> None:
    assert weighted(text) == weight


def test_direct_messages_are_counted_in_code_points() -> None:
    assert CAPABILITIES.measure("你好👋", Visibility.PRIVATE) == 3
    assert CAPABILITIES.measure("你好👋", Visibility.PUBLIC) == 6
