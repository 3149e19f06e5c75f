"""The X connector reading the fake X: what the common checks cannot know."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from connectors.core.contract import (
    Attachment,
    Author,
    Direction,
    Kind,
    Visibility,
)
from connectors.core.errors import (
    AuthRevoked,
    RateLimited,
    Unsupported,
)
from connectors.x import CAPABILITIES, Connector
from connectors.x.parse import (
    Surroundings,
    parse_direct_message,
    parse_post,
    read_items,
    time_of_id,
)
from tests.connectors.fixtures.x.steps import asks, connect, only, read
from tests.fakes.x import ME, SECRETS, FakeX

Spelling = Literal["tweet", "post"]


@pytest.fixture
def fake() -> Iterator[FakeX]:
    with FakeX() as fake:
        yield fake


def test_a_mention_says_who_where_and_when(fake: FakeX) -> None:
    root = fake.own_post("We are open")
    post = fake.mention("@brand is the app down?", "ann", replied_to=root)
    message = only(fake, "mentions")
    assert message.external_id == post
    assert message.conversation == root
    assert message.in_reply_to == root
    assert message.author == Author(fake.user("ann"), "ann", "Ann")
    assert (message.kind, message.visibility) == (Kind.MENTION, Visibility.PUBLIC)
    assert message.direction is Direction.IN
    assert abs(message.sent_at - fake.posts[-1].made_at) < timedelta(milliseconds=1)
    assert message.can_reply_publicly


def test_a_direct_message_says_who_where_and_when(fake: FakeX) -> None:
    dm = fake.dm("My parcel never arrived", "ann")
    message = only(fake, "dms")
    assert message.external_id == dm
    assert message.conversation == f"{ME}-{fake.user('ann')}"
    assert message.author == Author(fake.user("ann"), "ann", "Ann")
    assert (message.kind, message.visibility) == (Kind.DM, Visibility.PRIVATE)
    assert abs(message.sent_at - fake.dms[-1].made_at) < timedelta(milliseconds=1)


def test_our_own_words_come_back_as_ours(fake: FakeX) -> None:
    post = fake.mention("@brand hello")
    fake.own_post("Hello Ann", replied_to=post)
    fake.dm("Hello in private", own=True)
    for stream in ("replies", "dms"):
        message = only(fake, stream)
        assert message.direction is Direction.OUT
        assert message.author is not None
        assert message.author.id == ME


def test_announcements_and_our_own_threads_are_not_answers(fake: FakeX) -> None:
    first = fake.own_post("A new feature")
    fake.mention("More of it", "brand", replied_to=first, in_reply_to_user_id=ME)
    (page,) = read(connect(fake), "replies")
    assert [m.context for m in page.messages] == [True, True]
    assert fake.requests[-1].query["exclude"] == "retweets"


def test_an_edited_post_keeps_its_first_id(fake: FakeX) -> None:
    post = fake.mention("@brand helo")
    before = only(fake, "mentions")
    fake.advance(60)
    edited = fake.edit(post, "@brand hello")
    after = only(fake, "mentions")
    assert after.external_id == before.external_id == post
    assert after.text == "@brand hello"
    assert abs(after.sent_at - before.sent_at) < timedelta(milliseconds=1)
    assert after.edited_at is not None
    assert after.edited_at - after.sent_at >= timedelta(seconds=60)
    assert after.platform == {"post_id": edited}


def test_a_post_that_did_not_summon_us_cannot_be_answered_in_public(fake: FakeX) -> None:
    own = fake.own_post("We are open")
    fake.mention("I see", replied_to=own)
    quoting = fake.mention("Look at this", quoted=own)
    (page,) = read(connect(fake), "mentions")
    by_id = {m.external_id: m for m in page.messages if not m.context}
    assert by_id.pop(quoting).can_reply_publicly
    (unsummoned,) = by_id.values()
    assert not unsummoned.can_reply_publicly
    assert "mentions this account" in (unsummoned.reply_note or "")


def test_a_repost_opens_no_turn(fake: FakeX) -> None:
    fake.mention("RT @brand news", referenced_tweets=[{"type": "retweeted", "id": "5"}])
    assert only(fake, "mentions").context


def test_escapes_and_short_links_are_undone_once(fake: FakeX) -> None:
    fake.mention("@brand 1 < 2 && &amp; see https://shop.example/a?b=1&c=2")
    message = only(fake, "mentions")
    assert message.text == "@brand 1 < 2 && &amp; see https://shop.example/a?b=1&c=2"


def test_a_long_post_comes_whole(fake: FakeX) -> None:
    long = "@brand " + "word " * 200
    fake.mention(long[:275], note_tweet={"text": long.replace("word", "w&amp;d", 1)})
    assert only(fake, "mentions").text == long.replace("word", "w&d", 1)


def test_media_become_attachments_and_their_links_go() -> None:
    post = {
        "id": "1990000000000000105",
        "text": "@brand broken https://t.co/pic",
        "author_id": "2222",
        "attachments": {"media_keys": ["3_1", "7_2", "9_9"]},
        "entities": {"urls": [{"url": "https://t.co/pic", "media_key": "3_1"}]},
    }
    media = [
        {"media_key": "3_1", "type": "photo", "url": "https://img.example/1.jpg"},
        {
            "media_key": "7_2",
            "variants": [
                {"url": "https://img.example/s.mp4", "bit_rate": 1, "content_type": "video/mp4"},
                {"url": "https://img.example/l.mp4", "bit_rate": 9, "content_type": "video/mp4"},
            ],
        },
    ]
    now = datetime(2026, 11, 23, tzinfo=UTC)
    message = parse_post(post, Surroundings.of({"includes": {"media": media}}, ME, now))
    assert message.text == "@brand broken"
    assert message.attachments == (
        Attachment("https://img.example/1.jpg"),
        Attachment("https://img.example/l.mp4", "video/mp4"),
    )


def test_an_id_tells_its_time() -> None:
    """X's documentation shows this post as of 19:26:16 on the last day of 2019."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    found = time_of_id("1212092628029698048", now)
    assert found is not None
    assert found.replace(microsecond=0) == datetime(2019, 12, 31, 19, 26, 16, tzinfo=UTC)
    assert time_of_id("20", now) is None
    assert time_of_id("9000000000000000000", now) is None


@pytest.mark.parametrize("strict", [False, True], ids=["ignores", "refuses"])
@pytest.mark.parametrize("spelling", ["tweet", "post"])
@pytest.mark.parametrize("stream", ["mentions", "dms"])
def test_either_spelling_is_found_out_and_remembered(
    spelling: Spelling, strict: bool, stream: str
) -> None:
    with FakeX(spelling=spelling, strict=strict) as fake:
        first = fake.own_post("We are open")
        fake.dm("@brand in private")
        fake.edit(fake.mention("@brand hi", quoted=first, replied_to=first), "@brand hello")
        (page,) = read(connect(fake), stream)
        (message,) = (m for m in page.messages if not m.context)
        assert message.author == Author(fake.user("ann"), "ann", "Ann")
        if stream == "mentions":
            assert (message.in_reply_to, message.edited_at is not None) == (first, True)
        fake.requests.clear()
        connect(fake).pull(stream, page.cursor)
        assert len(fake.requests) == 1


def test_an_unreadable_page_alone_does_not_turn_the_spelling() -> None:
    with FakeX(strict=True) as fake:
        fake.mention("broken")
        fake.break_last(fake.posts)
        (page,) = read(connect(fake), "mentions")
        assert len(page.malformed) == 1
        assert page.cursor["names"] == "tweet"


def test_a_sender_left_out_is_derived_or_the_item_set_aside() -> None:
    event = {"id": "1990000000000000002", "text": "Hi", "dm_conversation_id": f"{ME}-2222"}
    now = datetime(2026, 11, 23, tzinfo=UTC)
    for users, sender in ((["2222"], "2222"), ([ME], ME), ([ME, "2222"], None), ([], None)):
        body = {"data": [event], "includes": {"users": [{"id": u} for u in users]}}
        around = Surroundings.of(body, ME, now)
        messages, malformed = read_items(body, around, parse_direct_message)
        assert [m.author and m.author.id for m in messages] == ([sender] if sender else [])
        assert len(malformed) == (0 if sender else 1)


def test_joins_and_leaves_are_no_messages(fake: FakeX) -> None:
    fake.dm("", event_type="ParticipantsJoin")
    (page,) = read(connect(fake), "dms")
    assert (page.messages, page.malformed) == ((), ())


def test_nothing_new_is_an_empty_page(fake: FakeX) -> None:
    for stream in CAPABILITIES.streams:
        (page,) = read(connect(fake), stream)
        assert (page.messages, page.malformed, page.more) == ((), (), False)


def test_complaints_beside_the_data_do_not_hide_it(fake: FakeX) -> None:
    fake.mention("@brand hello")
    fake.partial = True
    assert only(fake, "mentions").text == "@brand hello"


def test_a_quiet_look_at_direct_messages_is_small_and_single() -> None:
    with FakeX(page_limit=30) as fake:
        for n in range(50):
            fake.dm(f"Message {n}")
        *_, last = read(connect(fake), "dms")
        fake.requests.clear()
        read(connect(fake), "dms", last.cursor)
        (request,) = fake.requests
        assert request.query["max_results"] == "20"


def test_an_item_that_shows_up_late_is_not_passed_over(fake: FakeX) -> None:
    for stream, write in (("mentions", fake.mention), ("dms", fake.dm)):
        late = write("@brand I was first", late_s=20)
        fake.advance(10)
        write("@brand I was seen first")
        *_, page = read(connect(fake), stream)
        assert late not in [m.external_id for m in page.messages]
        fake.advance(30)
        *_, page = read(connect(fake), stream, page.cursor)
        assert late in [m.external_id for m in page.messages]


def test_what_was_read_long_ago_is_not_brought_again(fake: FakeX) -> None:
    for write in (fake.mention, fake.dm):
        write("@brand long ago")
        fake.advance(120)
        write("@brand just now")
    for stream in ("mentions", "dms"):
        *_, page = read(connect(fake), stream)
        again = connect(fake).pull(stream, page.cursor)
        assert [m.text for m in again.messages] == ["@brand just now"]


def test_a_late_post_is_found_below_newer_pages() -> None:
    with FakeX(page_limit=2) as fake:
        late = fake.mention("@brand I was first", late_s=20)
        for n in range(3):
            fake.mention(f"@brand I was seen before {n}")
        *_, page = read(connect(fake), "mentions")
        fake.advance(30)
        pages = read(connect(fake), "mentions", page.cursor)
        assert late in [m.external_id for p in pages for m in p.messages]


def test_a_page_token_that_x_forgot_begins_the_descent_again() -> None:
    with FakeX(page_limit=2) as fake:
        ids = {fake.mention(f"@brand {n}") for n in range(6)}
        connector = connect(fake)
        first = connector.pull("mentions", {})
        fake.fault("*", "bad_token")
        again = connector.pull("mentions", first.cursor)
        assert (again.messages, again.more) == ((), False)
        pages = read(connector, "mentions", again.cursor)
        assert {m.external_id for p in pages for m in p.messages} == ids


def test_a_used_up_quota_stops_the_stream_until_it_returns() -> None:
    with FakeX(quota=2) as fake:
        connector = connect(fake)
        assert connector.pull("dms", {}).not_before is None
        page = connector.pull("dms", {})
        assert page.not_before is not None
        assert fake.now() < page.not_before <= fake.now() + timedelta(minutes=16)
        with pytest.raises(RateLimited) as e:
            connector.pull("dms", {})
        assert e.value.resets_at == page.not_before
        fake.advance(16 * 60)
        connector.pull("dms", {})


def test_an_unknown_stream_is_unsupported(fake: FakeX) -> None:
    with pytest.raises(Unsupported):
        connect(fake).pull("lists", {})


# Signing in


def test_wrong_keys_are_told_from_right_ones(fake: FakeX) -> None:
    assert connect(fake).check().handle == "@brand"
    account = fake.account()
    for name in SECRETS:
        wrong = replace(account, secrets={**account.secrets, name: "wrong"})
        with pytest.raises(AuthRevoked):
            Connector(wrong, fake.now).check()


def test_our_id_is_found_without_asking(fake: FakeX) -> None:
    fake.mention("@brand hello")
    account = replace(fake.account(), external_id=None)
    (page,) = read(Connector(account, fake.now), "mentions")
    assert len(page.messages) == len(fake.requests) == 1


def test_an_account_with_its_own_address_keeps_to_the_proxy_rules_for_that_address(
    fake: FakeX, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert connect(fake).check().external_id == ME


def test_without_a_base_url_x_itself_is_called(
    fake: FakeX, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asks(replace(fake.account(), base_url=None), fake, monkeypatch)
    assert asked.startswith(b"CONNECT api.twitter.com:443 ")
