"""Instagram read: what the common checks cannot know."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.core.contract import (
    Author,
    Deletion,
    Direction,
    HookAnswer,
    Json,
    Kind,
    Message,
    Receipt,
    Visibility,
)
from connectors.core.errors import AuthRevoked, Refused, Transient
from connectors.instagram import Connector
from tests.connectors.checks import walk
from tests.fakes.graph import APP_ID, error
from tests.fakes.http import Answer
from tests.fakes.instagram import DAYS_60, IG, PAGE, FakeInstagram


@pytest.fixture(params=[True, False], ids=["page", "instagram"])
def fake(request: pytest.FixtureRequest) -> Iterator[FakeInstagram]:
    """Either way of signing in."""
    with FakeInstagram(by_page=request.param) as fake:
        yield fake


@pytest.fixture
def own() -> Iterator[FakeInstagram]:
    """Instagram's own sign-in."""
    with FakeInstagram() as fake:
        yield fake


def connect(fake: FakeInstagram, **settings: Any) -> Connector:
    return Connector(fake.account(**settings), fake.now)


def read(fake: FakeInstagram, stream: str = "comments", **settings: Any) -> dict[str, Message]:
    pages = walk(connect(fake, **settings), stream, {})
    return {m.external_id: m for page in pages for m in page.messages}


def answer(fake: FakeInstagram, body: Json) -> HookAnswer:
    answer = connect(fake).receive(fake.signed(body))
    assert answer.status == 200
    return answer


def told(fake: FakeInstagram, body: Json) -> Message:
    (message,) = answer(fake, body).messages
    return message


def chat(fake: FakeInstagram, what: Json) -> HookAnswer:
    return answer(fake, fake.chat(fake.person("ann"), what))


def test_a_comment_says_who_where_and_under_what(fake: FakeInstagram) -> None:
    media = fake.media("We are open")
    comment = fake.comment("Until when?", "ann", media)
    reply = fake.comment("I ask too", "bob", media, comment)
    found = read(fake)
    message = found[comment]
    assert (message.conversation, message.in_reply_to) == (media, media)
    assert message.author == Author(fake.person("ann"), "@ann")
    assert (message.kind, message.visibility) == (Kind.COMMENT, Visibility.PUBLIC)
    assert message.direction is Direction.IN
    assert (found[reply].conversation, found[reply].in_reply_to) == (media, comment)
    assert found[reply].platform == {"top": comment}


def test_our_posts_are_context_and_our_comments_are_ours(fake: FakeInstagram) -> None:
    media = fake.media("We are open")
    comment = fake.comment("Until six.", "", media)
    for found in (read(fake)[comment], told(fake, fake.commented(comment))):
        assert (found.direction, found.context) == (Direction.OUT, False)
        assert found.author == Author(IG, "@brand")
    post = read(fake)[media]
    assert (post.context, post.text, post.direction) == (True, "We are open", Direction.OUT)
    assert [a.mime for a in post.attachments] == ["image/jpeg"]


def test_our_comment_is_known_by_our_name_where_the_id_is_another(fake: FakeInstagram) -> None:
    comment = fake.comment("Until six.", "")
    body = fake.commented(comment)
    body["entry"][0]["changes"][0]["value"]["from"] = {"id": "2105", "username": "Brand"}
    assert told(fake, body).direction is Direction.OUT


def test_both_shapes_of_a_comment_call_bring_the_same(fake: FakeInstagram) -> None:
    comment = fake.comment("Where?")
    nested, flat = fake.commented(comment), fake.commented(comment, flat=True)
    flat["entry"][0]["time"] = nested["entry"][0]["time"]
    assert told(fake, nested) == told(fake, flat)


def test_a_comment_on_an_advertisement_stands_under_the_post_it_was_made_from(
    fake: FakeInstagram,
) -> None:
    comment = fake.comment("Where?")
    body = fake.commented(comment)
    place = body["entry"][0]["changes"][0]["value"]["media"]
    place |= {"original_media_id": place["id"], "id": "1799", "ad_id": "6"}
    assert told(fake, body).conversation == fake.items[comment]["_media"]


def test_posts_without_comments_are_not_visited(fake: FakeInstagram) -> None:
    quiet = fake.media("Nobody says a word")
    fake.comment("Hello", media=fake.media("We are open"))
    read(fake)
    assert not [r for r in fake.requests if f"/{quiet}/" in r.path]


def test_only_the_latest_posts_are_watched(fake: FakeInstagram) -> None:
    posts = [fake.media(f"Post {n}") for n in range(3)]
    comments = [fake.comment(f"Comment {n}", "ann", post) for n, post in enumerate(posts)]
    found = read(fake, posts="2")
    assert comments[0] not in found
    assert set(comments[1:]) <= found.keys()


def test_a_new_answer_to_an_older_comment_is_seen(fake: FakeInstagram) -> None:
    comment = fake.comment("An old one")
    fake.advance(86_400)
    *_, page = walk(connect(fake), "comments", {})
    reply = fake.comment("A new answer", "bob", fake.items[comment]["_media"], comment)
    later = [
        m.external_id for p in walk(connect(fake), "comments", page.cursor) for m in p.messages
    ]
    assert reply in later


def test_a_post_whose_comments_cannot_be_listed_does_not_stop_the_pass(
    fake: FakeInstagram,
) -> None:
    comment = fake.comment("Under one", media=fake.media("One"))
    closed = fake.media("Two")
    fake.comment("Under two", media=closed)
    fake.fault(f"*/{closed}/comments", error(100, "(#100) Comments are off"))
    assert comment in read(fake)


def test_unreadable_comments_and_answers_are_kept_aside(fake: FakeInstagram) -> None:
    media = fake.media("We are open")
    above = fake.comment("Above", media=media)
    broken = fake.comment("No time", "bob", media, above)
    del fake.items[broken]["timestamp"]
    pages = list(walk(connect(fake), "comments", {}))
    assert above in {m.external_id for p in pages for m in p.messages}
    assert len([m for p in pages for m in p.malformed]) == 1


def test_the_words_of_a_mention_are_asked_for(fake: FakeInstagram) -> None:
    comment = fake.mention("Ask @brand", "ann")
    message = told(fake, fake.naming(comment))
    assert (message.external_id, message.text) == (comment, "Ask @brand")
    assert message.conversation == message.in_reply_to == fake.items[comment]["_media"]
    assert (message.kind, message.direction) == (Kind.MENTION, Direction.IN)
    assert message.author == Author("@ann", "@ann")  # the id is not told there


def test_a_caption_that_names_us_is_a_customers_post(fake: FakeInstagram) -> None:
    media = fake.media("Thank you @brand", "bob")
    message = told(fake, fake.naming(media))
    assert (message.external_id, message.conversation) == (media, media)
    assert (message.text, message.kind) == ("Thank you @brand", Kind.MENTION)
    assert (message.direction, message.context) == (Direction.IN, False)
    assert message.author == Author("@bob", "@bob")


def test_a_mention_that_cannot_be_asked_for_now_is_told_again_later(fake: FakeInstagram) -> None:
    body = fake.naming(fake.mention("Ask @brand"))
    fake.fault("*", "unavailable")
    first = connect(fake).receive(fake.signed(body))
    assert (first.status, first.messages) == (503, ())
    assert told(fake, body).text == "Ask @brand"


def test_a_mention_that_we_may_not_read_is_kept_aside_and_a_deleted_one_is_none(
    fake: FakeInstagram,
) -> None:
    comment = fake.mention("Ask @brand")
    body = fake.naming(comment)
    fake.fault("*", "forbidden")
    assert len(answer(fake, body).malformed) == 1
    del fake.items[comment]
    got = answer(fake, body)
    assert (got.messages, got.malformed) == ((), ())


def test_a_private_message_by_either_way(fake: FakeInstagram) -> None:
    first = fake.dm("My card was refused")
    second = fake.dm("This one", reply_to={"mid": first})
    ann = fake.person("ann")
    listed, called = read(fake, "dms")[second], told(fake, fake.event(second))
    assert listed.author == Author(ann, "@ann")
    for message in (listed, called):
        assert (message.conversation, message.in_reply_to) == (ann, first)
        assert (message.kind, message.visibility) == (Kind.DM, Visibility.PRIVATE)


def test_a_reply_to_a_story_shows_the_story(fake: FakeInstagram) -> None:
    story = {"story": {"id": "1", "url": "https://cdn.example/story.jpg"}}
    message = told(fake, fake.event(fake.dm("Nice"), reply_to=story))
    assert (message.text, message.in_reply_to) == ("Nice", None)
    assert [(a.url, a.name) for a in message.attachments] == [
        ("https://cdn.example/story.jpg", "story")
    ]


@pytest.mark.parametrize("kind", ["share", "story_mention", "image", "ig_reel"])
def test_shares_and_story_mentions_are_files(fake: FakeInstagram, kind: str) -> None:
    files = [{"type": kind, "payload": {"url": "https://cdn.example/x"}}]
    message = told(fake, fake.event(fake.dm(""), attachments=files))
    assert [a.url for a in message.attachments] == ["https://cdn.example/x"]


def test_an_unsent_message_is_a_deletion(fake: FakeInstagram) -> None:
    got = chat(fake, {"message": {"mid": "m_1", "is_deleted": True}})
    (gone,) = got.events
    assert isinstance(gone, Deletion)
    assert (got.messages, gone.external_id) == ((), "m_1")


def test_that_a_message_was_seen_is_a_receipt(fake: FakeInstagram) -> None:
    (seen,) = chat(fake, {"read": {"mid": "m_1"}}).events
    assert isinstance(seen, Receipt)
    assert (seen.state, seen.external_id) == ("read", "m_1")


def test_the_times_of_chat_calls_are_read_in_all_their_shapes(fake: FakeInstagram) -> None:
    for stamp in ("2026-11-20T09:15:31+0000", "1795166131", 1795166131, 1795166131000):
        body = fake.event(fake.dm("Hello"))
        body["entry"][0]["messaging"][0]["timestamp"] = stamp
        assert told(fake, body).sent_at.isoformat() == "2026-11-20T09:15:31+00:00"


def test_an_echo_is_ours_under_whatever_id(fake: FakeInstagram) -> None:
    fake.dm("Hello?")
    body = fake.event(fake.dm("Hello Ann", own=True, app_id="4242"))
    body["entry"][0]["messaging"][0]["sender"]["id"] = "2105"
    message = told(fake, body)
    assert (message.direction, message.conversation) == (Direction.OUT, fake.person("ann"))
    assert message.automated


def test_what_another_app_has_in_hand_comes_too(fake: FakeInstagram) -> None:
    body = fake.event(fake.dm("Hello?"))
    body["entry"][0]["standby"] = body["entry"][0].pop("messaging")
    assert told(fake, body).text == "Hello?"


def test_what_is_about_another_account_or_unknown_is_left_alone(fake: FakeInstagram) -> None:
    other = fake.commented(fake.comment("Hello"))
    other["entry"][0]["id"] = "17841499999999999"
    insights = fake.entry({"field": "story_insights", "value": {"reach": 1}}, IG)
    for body in (other, insights):
        got = answer(fake, body)
        assert (got.messages, got.events, got.malformed) == ((), (), ())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("comments", {"text": "no id", "media": {"id": "1"}}),
        ("comments", {"id": "1", "media": "no object"}),
        ("comments", {"id": "1", "text": 7, "media": {"id": True}}),
        ("mentions", {"comment_id": "1"}),
    ],
)
def test_odd_things_in_a_call_are_kept_aside(fake: FakeInstagram, field: str, value: Json) -> None:
    got = answer(fake, fake.entry({"field": field, "value": value}, IG))
    assert (got.messages, len(got.malformed)) == ((), 1)


def test_a_call_may_be_signed_with_the_apps_instagram_secret(fake: FakeInstagram) -> None:
    request = fake.signed(fake.commented(fake.comment("Hello")), "instagram secret")
    assert connect(fake).receive(request).status == 401
    secrets = {**fake.secrets, "instagram_app_secret": "instagram secret"}
    knowing = Connector(replace(fake.account(), secrets=secrets), fake.now)
    assert len(knowing.receive(request).messages) == 1


def test_it_signs_in_as_the_professional_account(fake: FakeInstagram) -> None:
    identity = connect(fake).check()
    assert (identity.external_id, identity.handle, identity.name) == (IG, "@brand", "Brand")
    assert identity.missing == ()
    fake.fault("*/conversations", error(10, "(#10) Requires instagram_manage_messages"))
    (permission,) = connect(fake).check().missing
    assert "instagram_manage_messages" in permission


def test_a_page_without_an_instagram_account_is_told() -> None:
    with FakeInstagram(by_page=True) as fake:
        fake.fault("*/me", Answer(200, {"id": PAGE, "name": "Brand"}))
        with pytest.raises(Refused, match="professional account"):
            connect(fake).check()


def test_each_way_of_signing_in_has_its_own_server() -> None:
    with FakeInstagram() as fake:
        for sign_in, host in (
            ("", "https://graph.instagram.com"),
            ("instagram", "https://graph.instagram.com"),
            ("page", "https://graph.facebook.com"),
        ):
            account = replace(fake.account(sign_in=sign_in), base_url=None)
            assert Connector(account, fake.now).base_url() == host


def test_instagrams_own_token_is_renewed_in_time(own: FakeInstagram) -> None:
    fresh = connect(own).renew()
    assert fresh.secrets == {"access_token": own.secrets["access_token"]}
    assert fresh.expires_at is not None
    lasts = fresh.expires_at - own.now()
    assert timedelta(days=29) < lasts < timedelta(seconds=DAYS_60)
    assert "access_token" not in own.requests[-1].query
    connect(own).check()


def test_a_token_younger_than_a_day_is_kept_and_renewed_tomorrow(own: FakeInstagram) -> None:
    own.token_age_s = 60
    fresh = connect(own).renew()
    assert fresh.secrets == {}
    assert fresh.expires_at is not None
    assert timedelta(hours=23) < fresh.expires_at - own.now() < timedelta(hours=25)


def test_a_token_that_ran_out_needs_a_person(own: FakeInstagram) -> None:
    stale = connect(own)
    own.secrets = {**own.secrets, "access_token": "another"}
    with pytest.raises(AuthRevoked, match="run out"):
        stale.renew()
    own.fault("*", "garbled")
    with pytest.raises(Transient):
        stale.renew()


def test_a_pages_token_need_not_be_renewed() -> None:
    with FakeInstagram(by_page=True) as fake:
        assert connect(fake).renew().secrets == {}
        assert connect(fake).renew().expires_at is None
        assert fake.requests == []


def test_subscribing_is_for_the_account_or_its_page(fake: FakeInstagram) -> None:
    fake.subscribed = ["live_comments"]
    told = connect(fake, app_id=APP_ID).subscribe("https://inbox.example/hooks/instagram/1")
    assert "subscribe to: comments, mentions, messages, " in told
    added = {"feed"} if fake.by_page else {"comments", "mentions", "messages"}
    assert {"live_comments", *added} <= set(fake.subscribed)
