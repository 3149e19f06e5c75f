"""What is said around a customer's words on the fake X: threads, parents, single messages."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.core.contract import Author, Direction, Kind, Message, Ref, Visibility
from connectors.core.errors import RateLimited, Transient
from connectors.x.lists import WATCHED, query_for
from tests.connectors.fixtures.x.steps import connect, only, read
from tests.fakes.http import Answer
from tests.fakes.x import ME, FakeX

WEEK_S = 7 * 86_400


@pytest.fixture
def fake() -> Iterator[FakeX]:
    with FakeX() as fake:
        yield fake


def found(fake: FakeX, stream: str = "search") -> dict[str, Message]:
    pages = read(connect(fake, search="on"), stream)
    return {m.text: m for page in pages for m in page.messages}


# Search


def test_search_costs_nothing_until_it_is_switched_on(fake: FakeX) -> None:
    fake.mention("No tag", replied_to=fake.own_post("We are open"), untagged=True)
    for settings in ({}, {"search": "off"}):
        page = connect(fake, **settings).pull("search", {"kept": 1})
        assert (page.messages, page.cursor, page.more) == ((), {"kept": 1}, False)
    assert fake.requests == []


def test_an_answer_that_does_not_mention_us_is_a_comment_of_a_customer(fake: FakeX) -> None:
    root = fake.own_post("We are open")
    post = fake.mention("It does not work", replied_to=root, untagged=True)
    message = found(fake)["It does not work"]
    assert (message.external_id, message.conversation, message.in_reply_to) == (post, root, root)
    assert (message.kind, message.context) == (Kind.COMMENT, False)
    assert message.direction is Direction.IN
    assert not message.can_reply_publicly  # X's rule: it summoned nobody


def test_our_post_is_shown_above_its_comments_and_opens_nothing(fake: FakeX) -> None:
    fake.mention("It does not work", replied_to=fake.own_post("We are open"), untagged=True)
    root = found(fake)["We are open"]
    assert (root.direction, root.context) == (Direction.OUT, True)


def test_a_third_party_in_our_thread_is_context(fake: FakeX) -> None:
    root = fake.own_post("We are open")
    first = fake.mention("It does not work", replied_to=root, untagged=True)
    cursor = connect(fake, search="on").pull("search", {}).cursor
    fake.mention("For me neither", "bob", replied_to=first, untagged=True)
    page = connect(fake, search="on").pull("search", cursor)
    aside = next(m for m in page.messages if m.text == "For me neither")
    assert (aside.conversation, aside.context, aside.author) == (
        root,
        True,
        Author(fake.user("bob"), "bob", "Bob"),
    )


def test_one_search_names_the_newest_threads_and_stays_short(fake: FakeX) -> None:
    roots = [fake.own_post(f"News {n}") for n in range(WATCHED + 3)]
    cursor = connect(fake, search="on").pull("search", {}).cursor
    connect(fake, search="on").pull("search", cursor)
    query = fake.requests[-1].query["query"]
    assert query == query_for(ME, roots[3:])
    assert len(query) <= 512


def test_a_descent_through_pages_keeps_its_question() -> None:
    with FakeX(page_limit=2) as fake:
        for n in range(5):
            fake.own_post(f"News {n}")
        read(connect(fake, search="on"), "search")
        assert len({r.query["query"] for r in fake.requests}) == 1
        assert len(fake.requests) == 3


def test_after_a_long_silence_search_asks_for_no_more_than_its_reach(fake: FakeX) -> None:
    fake.mention("Long ago", replied_to=fake.own_post("We are open"), untagged=True)
    cursor = connect(fake, search="on").pull("search", {}).cursor
    fake.advance(WEEK_S + 60)
    fresh = fake.mention("Just now", replied_to=fake.own_post("Still open"), untagged=True)
    page = connect(fake, search="on").pull("search", cursor)
    assert fresh in [m.external_id for m in page.messages]
    assert "since_id" not in fake.requests[-1].query
    assert page.cursor["threads"] == [fake.posts[-2].id]  # the old thread is watched no longer


def test_the_same_post_is_the_same_in_every_list(fake: FakeX) -> None:
    """Else a customer's message could be stored as mere context, and never get an answer."""
    root = fake.own_post("We are open")
    asked = fake.mention("@brand is it?", replied_to=root)
    fake.own_post("Yes", replied_to=asked)
    searched = found(fake)
    for stream, text in (("mentions", "@brand is it?"), ("replies", "Yes")):
        assert found(fake, stream)[text] == searched[text]
    assert found(fake, "replies")["We are open"] == searched["We are open"]


# What comes along


def test_the_parent_of_a_mention_comes_along_as_context(fake: FakeX) -> None:
    parent = fake.mention("My shop is slow", "bob", untagged=True)
    fake.mention("@brand can you help Bob?", replied_to=parent)
    messages = found(fake, "mentions")
    above = messages["My shop is slow"]
    assert (above.external_id, above.context) == (parent, True)
    assert above.author is not None
    assert above.author.id == fake.user("bob")
    assert messages["@brand can you help Bob?"].in_reply_to == parent


def test_a_customers_parent_is_left_to_the_list_that_brings_it(fake: FakeX) -> None:
    first = fake.mention("@brand hello?")
    fake.own_post("Hello", replied_to=first)
    fake.mention("@brand thanks", replied_to=fake.posts[-1].id)
    (page,) = read(connect(fake), "mentions")
    assert sorted(m.text for m in page.messages) == ["@brand hello?", "@brand thanks"]


def test_an_unreadable_extra_does_not_hurt_the_page(fake: FakeX) -> None:
    parent = fake.mention("?", "bob", untagged=True)
    fake.break_last(fake.posts)
    fake.mention("@brand can you help Bob?", replied_to=parent)
    (page,) = read(connect(fake), "mentions")
    assert [m.text for m in page.messages] == ["@brand can you help Bob?"]
    assert page.malformed == ()


# Single messages


def ref(message: Message) -> Ref:
    m = message
    return Ref(m.external_id, m.conversation, m.kind, m.visibility, False, m.author, m.platform)


def bare(post: str) -> Ref:
    """A parent that is known by its id alone."""
    return Ref(post, post, Kind.MENTION, Visibility.PUBLIC)


def test_an_edit_after_the_reading_is_seen(fake: FakeX) -> None:
    post = fake.mention("@brand helo")
    stored = ref(only(fake, "mentions"))
    fake.advance(60)
    newest = fake.edit(post, "@brand hello")
    (message,) = connect(fake).fetch([stored]).messages
    assert (message.external_id, message.text) == (post, "@brand hello")
    assert message.edited_at is not None
    assert message.platform == {"post_id": newest}


def test_a_missing_parent_is_found_by_its_id(fake: FakeX) -> None:
    parent = fake.mention("My shop is slow", "bob", untagged=True)
    (message,) = connect(fake).fetch([bare(parent)]).messages
    assert (message.text, message.context) == ("My shop is slow", True)


def test_what_x_hides_is_not_called_gone(fake: FakeX) -> None:
    kind = "https://api.twitter.com/2/problems/not-authorized-for-resource"
    hidden = {"type": kind, "resource_id": "5", "parameter": "ids", "value": "5"}
    fake.fault("/2/tweets", Answer(200, {"errors": [hidden]}))
    told = connect(fake).fetch([bare("5")])
    assert (told.messages, told.gone) == ((), ())


def test_many_posts_are_asked_for_by_the_hundred(fake: FakeX) -> None:
    fake.quota = 1000
    posts = [fake.mention(f"@brand {n}") for n in range(130)]
    fake.erase(posts[129])
    told = connect(fake).fetch([bare(p) for p in posts])
    assert len(told.messages) == 129
    assert told.gone == (posts[129],)
    assert len(fake.requests) == 2


def test_a_message_older_than_x_shows_is_not_called_gone(fake: FakeX) -> None:
    fake.dm("Long ago")
    stored = ref(only(fake, "dms"))
    fake.advance(30 * 86_400)
    fake.requests.clear()
    told = connect(fake).fetch([stored])
    assert (told.messages, told.gone, fake.requests) == ((), (), [])


def test_single_messages_are_read_while_the_quota_lasts() -> None:
    with FakeX(quota=2) as fake:
        fake.dm("Hello")
        stored = ref(only(fake, "dms"))
        refs = [replace(stored, external_id=fake.dm(f"More {n}")) for n in range(4)]
        fake.advance(60)
        told = connect(fake).fetch(refs)
        assert 1 <= len(told.messages) < 4
        assert told.gone == ()
        fake.fault("/2/dm_events/*", "limited")
        with pytest.raises(RateLimited):
            connect(fake).fetch(refs)


@pytest.mark.parametrize("spelling", ["tweet", "post"])
def test_single_posts_are_read_in_either_spelling(spelling: str) -> None:
    with FakeX(spelling="post" if spelling == "post" else "tweet", strict=True) as fake:
        post = fake.mention("@brand hello")
        (message,) = connect(fake).fetch([bare(post)]).messages
        assert message.author == Author(fake.user("ann"), "ann", "Ann")


def test_a_single_post_without_an_answer_is_no_answer(fake: FakeX) -> None:
    fake.fault("/2/tweets", Answer(200, {}), times=2)
    with pytest.raises(Transient):
        connect(fake).fetch([bare("5")])
