"""A Facebook Page read: what the common checks cannot know."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.core.contract import Author, Deletion, Direction, Json, Kind, Message, Visibility
from connectors.core.errors import AuthRevoked, Refused
from connectors.facebook import Connector
from tests.connectors.checks import walk
from tests.fakes.facebook import NAME, PAGE, FakeFacebook, person
from tests.fakes.graph import APP_ID, error
from tests.fakes.http import Answer


@pytest.fixture
def fake() -> Iterator[FakeFacebook]:
    with FakeFacebook() as fake:
        yield fake


def connect(fake: FakeFacebook, **settings: Any) -> Connector:
    return Connector(fake.account(**settings), fake.now)


def read(fake: FakeFacebook, stream: str = "comments", **settings: Any) -> dict[str, Message]:
    pages = walk(connect(fake, **settings), stream, {})
    return {m.external_id: m for page in pages for m in page.messages}


def told(fake: FakeFacebook, *bodies: Json) -> tuple[Message, ...]:
    """What these calls bring; each is one that Meta signed."""
    answers = [connect(fake).receive(fake.signed(body)) for body in bodies]
    assert {a.status for a in answers} == {200}
    return tuple(m for a in answers for m in a.messages)


def test_a_comment_says_who_where_and_under_what(fake: FakeFacebook) -> None:
    post = fake.post("We are open")
    comment = fake.comment("Until when?", "ann", post)
    answer = fake.comment("I ask too", "bob", post, comment)
    found = read(fake)
    message = found[comment]
    assert (message.conversation, message.in_reply_to) == (post, post)
    assert message.author == Author(person("ann"), None, "Ann")
    assert (message.kind, message.visibility) == (Kind.COMMENT, Visibility.PUBLIC)
    assert message.direction is Direction.IN
    assert not message.context
    assert abs(message.sent_at - fake.now()) < timedelta(seconds=5)
    assert (found[answer].conversation, found[answer].in_reply_to) == (post, comment)
    for told_by in (found, {i: told(fake, fake.change(i))[0] for i in (comment, answer)}):
        assert told_by[comment].platform == told_by[answer].platform == {"top": comment}


def test_our_posts_are_context_and_our_comments_are_ours(fake: FakeFacebook) -> None:
    post = fake.post("We are open")
    comment = fake.comment("Until six.", "", post)
    found = read(fake)
    assert (found[post].context, found[post].direction) == (True, Direction.OUT)
    assert (found[comment].context, found[comment].direction) == (False, Direction.OUT)


def test_a_visitors_post_and_one_that_names_the_page_are_to_us(fake: FakeFacebook) -> None:
    visit, tag = fake.post("You never answer", "ann"), fake.tag("See @Brand", "bob")
    for message in (read(fake)[visit], read(fake, "mentions")[tag]):
        assert (message.kind, message.direction) == (Kind.MENTION, Direction.IN)
        assert message.conversation == message.external_id
        assert not message.context
        assert message.in_reply_to is None


def test_a_comment_without_an_author_is_still_a_customers(fake: FakeFacebook) -> None:
    fake.hidden_authors = True
    post = fake.post("We are open")
    first, second = (fake.comment("Hello?", name, post) for name in ("ann", "bob"))
    found = read(fake)
    authors = {found[i].author for i in (first, second)}
    assert authors == {Author(f"unnamed:{first}"), Author(f"unnamed:{second}")}
    assert found[first].direction is Direction.IN


def test_a_comments_picture_is_an_attachment(fake: FakeFacebook) -> None:
    media = {"image": {"src": "https://cdn.example/a.jpg", "height": 1}}
    photo = {"type": "photo", "media": media, "url": "https://facebook.example/photo"}
    share = {"type": "share", "url": "https://shop.example/", "title": "The shop"}
    first, second = fake.comment("", attachment=photo), fake.comment("See", attachment=share)
    found = read(fake)
    (picture,), (link,) = found[first].attachments, found[second].attachments
    assert (picture.url, picture.mime) == ("https://cdn.example/a.jpg", "image/jpeg")
    assert (link.url, link.mime, link.name) == ("https://shop.example/", None, "The shop")


def test_only_the_latest_posts_are_watched(fake: FakeFacebook) -> None:
    posts = [fake.post(f"Post {n}") for n in range(4)]
    comments = [fake.comment(f"Comment {n}", "ann", post) for n, post in enumerate(posts)]
    assert comments[0] not in read(fake, posts="3")
    assert set(comments[1:]) <= read(fake, posts="3").keys()
    assert set(comments) <= read(fake, posts="many").keys()


def test_the_next_pass_asks_for_what_is_new_and_a_little_below(fake: FakeFacebook) -> None:
    old = fake.comment("An old one")
    fake.advance(3600)
    last = fake.comment("The last one")
    *_, page = walk(connect(fake), "comments", {})
    fake.advance(60)
    new = fake.comment("A new one")
    again = {
        m.external_id for p in walk(connect(fake), "comments", page.cursor) for m in p.messages
    }
    assert {last, new} <= again
    assert old not in again


def test_a_late_comment_below_the_newest_is_not_missed(fake: FakeFacebook) -> None:
    post = fake.post("We are open")
    fake.comment("In time", post=post)
    *_, page = walk(connect(fake), "comments", {})
    late = fake.comment("Held back by Facebook for five minutes", post=post)
    fake.items[late]["_at"] -= timedelta(minutes=5)
    again = {
        m.external_id for p in walk(connect(fake), "comments", page.cursor) for m in p.messages
    }
    assert late in again


def test_a_page_token_that_facebook_no_longer_knows_begins_the_list_again(
    fake: FakeFacebook,
) -> None:
    fake.page_limit = 2
    written = {fake.comment(f"Comment {n}") for n in range(5)}
    tags = {fake.tag(f"Tag {n}") for n in range(5)}
    for stream, wanted in (("comments", written), ("mentions", tags)):
        cursor: Json = {}
        found: set[str] = set()
        for _ in range(2):
            page = connect(fake).pull(stream, cursor)
            cursor, found = page.cursor, found | {m.external_id for m in page.messages}
        fake.fault("*", error(100, "(#100) Invalid cursors values"))
        page = connect(fake).pull(stream, cursor)
        assert page.more
        for later in walk(connect(fake), stream, page.cursor):
            found |= {m.external_id for m in later.messages}
        assert wanted <= found


def test_a_post_deleted_during_a_pass_does_not_stop_it(fake: FakeFacebook) -> None:
    first, second = fake.post("One"), fake.post("Two")
    comment = fake.comment("Under one", post=first)
    page = connect(fake).pull("comments", {})
    del fake.items[second]
    rest = [m.external_id for p in walk(connect(fake), "comments", page.cursor) for m in p.messages]
    assert rest == [comment]


def test_a_full_quota_asks_to_wait_though_the_page_came(fake: FakeFacebook) -> None:
    fake.comment("Hello")
    fake.usage = 100
    page = connect(fake).pull("comments", {})
    assert page.messages
    assert page.not_before is not None
    assert page.not_before > fake.now()


def test_an_edit_comes_again_under_its_id_and_a_removal_as_a_deletion(fake: FakeFacebook) -> None:
    comment = fake.comment("helo")
    (before,) = told(fake, fake.change(comment))
    fake.advance(60)
    (after,) = told(fake, fake.change(comment, "edited", message="hello"))
    assert (after.external_id, after.text, after.sent_at) == (comment, "hello", before.sent_at)
    assert before.edited_at is None
    assert after.edited_at is not None
    assert after.edited_at > after.sent_at
    answer = connect(fake).receive(fake.signed(fake.change(comment, "remove")))
    assert answer.messages == ()
    (gone,) = answer.events
    assert isinstance(gone, Deletion)
    assert gone.external_id == comment


def test_hiding_reactions_and_other_fields_bring_nothing(fake: FakeFacebook) -> None:
    comment = fake.comment("Hello")
    for body in (
        fake.change(comment, "hide"),
        fake.change(comment, "unhide"),
        fake.change(comment, item="reaction", reaction_type="like"),
        fake.entry({"field": "ratings", "value": {"item": "rating"}}, PAGE),
        fake.entry({"sender": {"id": "1"}, "message": {"mid": "m", "text": "hi"}}, PAGE),
    ):
        answer = connect(fake).receive(fake.signed(body))
        assert (answer.status, answer.messages, answer.events) == (200, (), ())
        assert answer.malformed == ()


def test_what_is_about_another_page_of_the_same_app_is_left_alone(fake: FakeFacebook) -> None:
    body = fake.change(fake.comment("Hello"))
    body["entry"][0]["id"] = "901"
    assert told(fake, body) == ()


def test_a_post_in_a_call_is_the_post_of_the_list(fake: FakeFacebook) -> None:
    for found in (fake.post("We are open"), fake.post("You never answer", "ann")):
        (message,) = told(fake, fake.change(found))
        listed = read(fake)[found]
        assert replace(message, sent_at=listed.sent_at) == listed


def test_the_files_that_a_call_names_are_attachments(fake: FakeFacebook) -> None:
    comment = fake.comment("")
    urls = {"photo": "https://cdn.example/a.jpg", "video": "https://cdn.example/b.mp4"}
    (message,) = told(fake, fake.change(comment, **urls))
    assert {(a.url, a.mime) for a in message.attachments} == {
        (urls["photo"], "image/jpeg"),
        (urls["video"], "video/mp4"),
    }


def test_where_the_page_is_named_in_a_comment_elsewhere_its_words_are_asked_for(
    fake: FakeFacebook,
) -> None:
    post = fake.tag("Which shop?", "bob")
    comment = fake.comment("Take @Brand", "ann", post)
    (message,) = told(fake, fake.naming(comment))
    assert (message.external_id, message.conversation) == (comment, post)
    assert (message.kind, message.text) == (Kind.MENTION, "Take @Brand")
    assert message.author == Author(person("ann"), None, "Ann")


def test_a_mention_that_cannot_be_asked_for_now_is_told_again_later(fake: FakeFacebook) -> None:
    body = fake.naming(fake.tag("See @Brand"))
    fake.fault("*", "unavailable")
    answer = connect(fake).receive(fake.signed(body))
    assert (answer.status, answer.messages) == (503, ())
    assert len(told(fake, body)) == 1


def test_a_mention_that_we_may_not_read_is_kept_aside_and_a_deleted_one_is_none(
    fake: FakeFacebook,
) -> None:
    tag = fake.tag("See @Brand")
    body = fake.naming(tag)
    fake.fault("*", "forbidden")
    (kept,) = connect(fake).receive(fake.signed(body)).malformed
    assert "pages_read_user_content" in kept.reason
    del fake.items[tag]
    assert told(fake, body) == ()


@pytest.mark.parametrize(
    "value",
    [
        {"item": "comment", "verb": "add"},
        {"item": "comment", "verb": "add", "comment_id": "1_2", "created_time": 1795343331},
        {"item": "comment", "verb": "add", "comment_id": "1_2", "post_id": "900_1"},
        {"item": "comment", "verb": "add", "comment_id": [], "post_id": {}, "created_time": "x"},
        {"item": "status", "verb": "add", "post_id": None, "created_time": 1795343331},
    ],
)
def test_odd_things_in_a_call_are_kept_aside(fake: FakeFacebook, value: Json) -> None:
    body = fake.entry({"field": "feed", "value": value}, PAGE)
    answer = connect(fake).receive(fake.signed(body))
    assert (answer.status, answer.messages, len(answer.malformed)) == (200, (), 1)


def test_fields_of_a_wrong_type_lose_nothing_but_themselves(fake: FakeFacebook) -> None:
    comment = fake.comment("Hello", parent="")
    body = fake.change(comment, photo=7, video=None, photos={"a": 1}, parent_id=[])
    body["entry"][0]["changes"][0]["value"]["from"] = "Ann"
    (message,) = told(fake, body)
    assert (message.text, message.attachments) == ("Hello", ())
    assert message.author == Author(f"unnamed:{comment}")


def test_calls_that_come_twice_or_in_the_wrong_order_bring_the_same(fake: FakeFacebook) -> None:
    comment = fake.comment("helo")
    calls = [fake.change(comment), fake.change(comment, "edited", message="hello")]
    forth, back = told(fake, *calls, *calls), told(fake, *reversed(calls))
    assert {m.external_id for m in forth} == {m.external_id for m in back} == {comment}
    assert set(map(repr, forth)) == set(map(repr, back))


def test_it_signs_in_and_says_what_is_missing(fake: FakeFacebook) -> None:
    identity = connect(fake).check()
    assert (identity.external_id, identity.handle, identity.name) == (PAGE, "@brand", NAME)
    assert identity.missing == ()
    fake.fault("*/feed", "forbidden")
    without = replace(fake.account(), secrets={"access_token": fake.secrets["access_token"]})
    permission, secret = Connector(without, fake.now).check().missing
    assert "pages_read_user_content" in permission
    assert "app secret" in secret


def test_a_persons_token_is_told_from_the_pages(fake: FakeFacebook) -> None:
    words = "(#100) Tried accessing nonexisting field (category) on node type (User)"
    fake.fault("*/me", error(100, words))
    with pytest.raises(AuthRevoked, match="token of the Page itself"):
        connect(fake).check()
    fake.fault("*/me", "forbidden")
    with pytest.raises(Refused, match="pages_read_user_content"):
        connect(fake).check()


def test_subscribing_keeps_the_fields_that_the_app_is_told_of_already(fake: FakeFacebook) -> None:
    fake.subscribed = ["messages", "feed"]
    done = connect(fake, app_id=APP_ID).subscribe("https://inbox.example/hooks/facebook/1")
    assert fake.subscribed == ["messages", "feed", "mention"]
    assert "https://inbox.example/hooks/facebook/1" in done


def test_without_an_app_id_only_a_single_app_is_taken_for_ours(fake: FakeFacebook) -> None:
    fake.subscribed = ["messages"]
    connect(fake).subscribe("https://inbox.example/hooks/facebook/1")
    assert fake.subscribed == ["messages", "feed", "mention"]
    apps = [{"id": n, "subscribed_fields": ["leadgen"]} for n in ("1", "2")]
    fake.fault("*/subscribed_apps", Answer(200, {"data": apps}))
    connect(fake).subscribe("https://inbox.example/hooks/facebook/1")
    assert fake.subscribed == ["feed", "mention"]


def test_a_list_begun_again_still_ends_at_its_floor(fake: FakeFacebook) -> None:
    fake.page_limit = 1
    fake.tag("Long ago")
    *_, page = walk(connect(fake), "mentions", {})
    floor = page.cursor["floor"]
    fake.advance(3600)
    new = [fake.tag(f"New {n}") for n in range(2)]
    first = connect(fake).pull("mentions", page.cursor)
    fake.fault("*", error(100, "(#100) Invalid cursors values"))
    again = connect(fake).pull("mentions", first.cursor)
    assert again.cursor == {"floor": floor, "top": None, "after": None}
    pages = list(walk(connect(fake), "mentions", again.cursor))
    assert {m.external_id for p in pages for m in p.messages} >= set(new)
    assert pages[-1].cursor["floor"] > floor
