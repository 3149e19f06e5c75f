"""Reddit's own rules for reading: two forms of one comment, deletions, walking."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.core.contract import Deletion, Direction, Kind, Message, Page, Ref, Visibility
from connectors.core.errors import Malformed, RateLimited, Refused
from connectors.reddit import Connector
from connectors.reddit.parse import View, names, parse_thing
from connectors.reddit.walk import ANCHORS, Place, page
from tests.connectors.checks import incoming, walk
from tests.fakes.http import Answer
from tests.fakes.reddit import ME, SUB, FakeReddit

VIEW = View(ME, SUB, datetime(2026, 11, 20, 9, 15, 31, tzinfo=UTC))


@pytest.fixture
def fake() -> Iterator[FakeReddit]:
    with FakeReddit() as served:
        yield served


@pytest.fixture
def reddit(fake: FakeReddit) -> Connector:
    return Connector(fake.account(), fake.now)


def read(reddit: Connector, stream: str) -> list[Message]:
    return [m for p in walk(reddit, stream, {}) for m in p.messages]


def test_inbox_and_subreddit_bring_the_same_message(fake: FakeReddit, reddit: Connector) -> None:
    post = fake.post("We are open", ME)
    fake.comment("Thanks u/brand, but where is it?", above=post, inbox="post_reply")
    (noticed,), (listed,) = read(reddit, "inbox"), read(reddit, "subreddit")
    assert noticed == listed
    assert (listed.kind, listed.conversation, listed.in_reply_to) == (Kind.MENTION, post, post)
    assert listed.author is not None
    assert (listed.author.id, listed.author.handle) == ("ann", "u/ann")


def test_the_inbox_stays_unread_on_reddit(fake: FakeReddit, reddit: Connector) -> None:
    name = fake.mention("u/brand help")
    read(reddit, "inbox")
    assert fake.things[name]["new"] is True


def test_words_come_as_they_were_written(fake: FakeReddit, reddit: Connector) -> None:
    fake.reply("**Bold** & <b> &amp; [link](https://shop.example/?a=1&b=2)")
    (message,) = read(reddit, "inbox")
    assert message.text == "**Bold** & <b> &amp; [link](https://shop.example/?a=1&b=2)"


def test_a_private_message_belongs_to_its_first_message(
    fake: FakeReddit, reddit: Connector
) -> None:
    first = fake.message("Is anybody there?")
    ours = fake.message("Yes", ME, above=first)
    fake.message("Good", above=ours)
    later, earlier = read(reddit, "inbox")
    assert {later.conversation, earlier.conversation} == {first}
    assert (later.kind, later.visibility, later.in_reply_to) == (Kind.DM, Visibility.PRIVATE, ours)


def test_all_who_write_in_the_own_subreddit_are_customers_but_its_team(
    fake: FakeReddit, reddit: Connector
) -> None:
    post = fake.post("My card is gone\n\nWhat now?", "cy")
    fake.comment("Call them", "ann", above=post)
    fake.comment("Please read the rules", "AutoModerator", above=post)
    fake.comment("Keep calm", "ada", above=post, distinguished="moderator")
    (asked,) = read(reddit, "posts")
    assert (asked.text, asked.context) == ("My card is gone\n\nWhat now?", False)
    seen = {m.author.id: (m.context, m.automated) for m in read(reddit, "subreddit") if m.author}
    assert seen == {
        "ada": (True, False),
        "AutoModerator": (True, True),
        "ann": (False, False),
    }


def test_a_moderator_of_another_subreddit_who_writes_to_us_is_a_customer(
    fake: FakeReddit, reddit: Connector
) -> None:
    post = fake.post("Ask us", ME, "payments")
    fake.comment("Please post less", "ada", post, inbox="post_reply", distinguished="moderator")
    (message,) = read(reddit, "inbox")
    assert message.context is False


def test_our_own_post_is_context_and_our_own_comment_an_answer(
    fake: FakeReddit, reddit: Connector
) -> None:
    post = fake.post("We are open", ME)
    fake.comment("We moved", ME, above=post)
    (ours,) = read(reddit, "posts")
    assert (ours.direction, ours.context) == (Direction.OUT, True)
    (answer,) = read(reddit, "own")
    assert (answer.direction, answer.context, answer.in_reply_to) == (Direction.OUT, False, post)


def test_an_account_without_subreddit_asks_for_none(fake: FakeReddit) -> None:
    reddit = Connector(fake.account(subreddit="", modmail="yes"), fake.now)
    for stream in ("posts", "subreddit", "modmail"):
        assert reddit.pull(stream, {}) == Page((), {})
    assert fake.requests == []


@pytest.mark.parametrize("given_name", ["brandhelp", "r/brandhelp", "/r/brandhelp/"])
def test_a_subreddit_may_be_written_as_people_do(fake: FakeReddit, given_name: str) -> None:
    fake.post("Hello")
    assert len(read(Connector(fake.account(subreddit=given_name), fake.now), "posts")) == 1


def test_a_setting_that_is_no_subreddit_reaches_no_other_address(fake: FakeReddit) -> None:
    with pytest.raises(Refused, match="no name of a subreddit"):
        Connector(fake.account(subreddit="../api/v1/me"), fake.now).pull("posts", {})
    assert fake.requests == []


def test_an_edit_of_a_recent_comment_is_seen_in_the_next_look(
    fake: FakeReddit, reddit: Connector
) -> None:
    name = fake.comment("Helo")
    first = reddit.pull("subreddit", {})
    fake.things[name] |= {"body": "Hello", "edited": fake.now().timestamp()}
    (again,) = reddit.pull("subreddit", first.cursor).messages
    assert (again.external_id, again.text) == (name, "Hello")
    assert again.edited_at is not None


def test_what_is_left_of_a_deleted_comment_is_a_deletion(
    fake: FakeReddit, reddit: Connector
) -> None:
    name = fake.reply("My PIN is 1234")
    fake.things[name] |= {"author": None, "body": "[deleted]"}
    found = reddit.pull("inbox", {})
    assert found.messages == ()
    assert [e.external_id for e in found.events if isinstance(e, Deletion)] == [name]


def test_somebody_who_writes_deleted_in_brackets_is_not_deleted() -> None:
    told = {"name": "t1_a", "author": "ann", "body": "[deleted]", "created_utc": 1.0}
    thing = {"kind": "t1", "data": {**told, "link_id": "t3_p", "parent_id": "t3_p"}}
    assert isinstance(parse_thing(thing, VIEW), Message)


def test_words_of_a_closed_account_stay_but_are_no_customers() -> None:
    told = {"name": "t1_a", "author": "[deleted]", "body": "Hello", "created_utc": 1.0}
    thing = {"kind": "t1", "data": {**told, "link_id": "t3_p", "parent_id": "t3_p"}}
    message = parse_thing(thing, VIEW)
    assert isinstance(message, Message)
    assert (message.author, message.context) == (None, True)


def test_pictures_come_along() -> None:
    media = {"m1": {"m": "image/png", "s": {"u": "https://i.redd.example/m1.png?a=1&b=2"}}, "m2": 4}
    told = {"name": "t3_p", "author": "ann", "title": "Look", "created_utc": 1.0, "is_self": False}
    data = {**told, "media_metadata": media, "url": "https://i.redd.example/p.jpg"}
    message = parse_thing({"kind": "t3", "data": data}, VIEW)
    assert isinstance(message, Message)
    urls = [a.url for a in message.attachments]
    assert urls == ["https://i.redd.example/m1.png?a=1&b=2", "https://i.redd.example/p.jpg"]


def test_a_locked_post_says_that_it_takes_no_answers(fake: FakeReddit, reddit: Connector) -> None:
    fake.post("Hello", locked=True)
    (message,) = read(reddit, "posts")
    assert message.can_reply_publicly is False
    assert "locked" in (message.reply_note or "")


@pytest.mark.parametrize("text", ["u/brand help", "Hey /u/Brand!", "(u/BRAND)"])
def test_a_mention_is_a_name_after_u(text: str) -> None:
    assert names(text, ME)


@pytest.mark.parametrize("text", ["brand", "u/brandon", "u/brand-new", "menu/brand", "r/u/brand"])
def test_what_only_looks_like_a_mention_is_none(text: str) -> None:
    assert not names(text, ME)


def test_a_deleted_last_item_of_a_page_does_not_end_the_walk(fake: FakeReddit) -> None:
    """Reddit lists nothing after an item that is no longer there."""
    fake.page_limit = 3
    written = [fake.reply(f"Question {n}") for n in range(9)]
    reddit = Connector(fake.account(), fake.now)
    first = reddit.pull("inbox", {})
    fake.erase(first.messages[-1].external_id)
    rest = list(walk(reddit, "inbox", first.cursor))
    seen = {m.external_id for p in (first, *rest) for m in p.messages}
    assert seen == set(written)


def test_the_floor_stays_until_the_walk_is_over() -> None:
    place = Place(floor=100.0).past(["t1_c", "t1_b"], [400.0, 300.0], "t1_b")
    assert (place.floor, place.ceiling) == (100.0, 400.0)
    assert place.past(["t1_a"], [200.0], None) == Place(floor=400.0)


def test_a_page_that_repeats_its_end_ends_the_walk() -> None:
    place = Place(None, 400.0, ("t1_b", "t1_a"))
    assert place.past(["t1_a"], [100.0], "t1_a") == Place(400.0)


def test_a_walk_gives_up_after_a_few_empty_pages() -> None:
    place = Place(None, 400.0, tuple(f"t1_{n}" for n in range(ANCHORS)))
    for _ in range(ANCHORS):
        place = place.past([], [], None)
    assert place == Place(400.0)


def test_a_quiet_look_costs_one_small_call(fake: FakeReddit, reddit: Connector) -> None:
    for n in range(30):
        fake.advance(10)
        fake.reply(f"Question {n}")
    (last,) = walk(reddit, "inbox", {})
    fake.advance(300)
    fake.requests.clear()
    fake.reply("One more")
    pages = list(walk(reddit, "inbox", last.cursor))
    assert "One more" in [m.text for m in incoming(pages)]
    assert [r.query["limit"] for r in fake.requests] == ["25"]


def test_a_page_with_the_last_call_says_when_to_go_on(fake: FakeReddit) -> None:
    fake.quota = 1
    found = Connector(fake.account(), fake.now).pull("inbox", {})
    assert found.not_before is not None
    assert timedelta(seconds=500) < found.not_before - fake.now() <= timedelta(seconds=540)


def test_a_limit_ends_when_reddit_says(fake: FakeReddit, reddit: Connector) -> None:
    fake.fault("*", "limited")
    with pytest.raises(RateLimited) as e:
        reddit.pull("inbox", {})
    assert e.value.resets_at is not None
    assert abs(e.value.resets_at - fake.now() - timedelta(seconds=120)) < timedelta(seconds=5)


def test_a_list_that_redirects_to_the_sign_in_page_is_refused_once(
    fake: FakeReddit, reddit: Connector
) -> None:
    fake.fault("*", Answer(302, "", {"location": "/login/"}))
    with pytest.raises(Refused, match="no longer gives this list"):
        reddit.pull("inbox", {})
    assert len(fake.requests) == 1


def test_modmail_of_a_customer_and_of_the_team(fake: FakeReddit, reddit: Connector) -> None:
    asked = fake.modmail.write("Hello team")
    place = fake.modmail.place(asked)
    fake.modmail.write("Somebody look please", "ada", place, isInternal=True)
    fake.modmail.write("Welcome", "ada", place)
    messages = read(reddit, "modmail")
    assert [(m.text, m.direction) for m in messages] == [
        ("Hello team", Direction.IN),
        ("Welcome", Direction.OUT),
    ]
    assert {m.conversation for m in messages} == {f"modmail_{place}"}
    assert fake.modmail.read == set()


def test_discussions_among_moderators_are_not_read(fake: FakeReddit, reddit: Connector) -> None:
    fake.modmail.internal.add(fake.modmail.place(fake.modmail.write("Between us", "ada")))
    assert read(reddit, "modmail") == []


def test_only_conversations_that_changed_are_read_again(
    fake: FakeReddit, reddit: Connector
) -> None:
    kept = fake.modmail.place(fake.modmail.write("First"))
    fake.modmail.write("Second")
    last = list(walk(reddit, "modmail", {}))[-1]
    fake.requests.clear()
    fake.modmail.write("First again", to=kept)
    pages = list(walk(reddit, "modmail", last.cursor))
    assert [m.text for p in pages for m in p.messages] == ["First", "First again"]
    read_again = [r.path for r in fake.requests if r.path.count("/") == 4]
    assert read_again == [f"/api/mod/conversations/{kept}"]


def test_a_lost_place_in_modmail_begins_at_the_top(fake: FakeReddit) -> None:
    fake.page_limit = 1
    reddit = Connector(fake.account(), fake.now)
    fake.modmail.write("First")
    fake.modmail.write("Second")
    first = reddit.pull("modmail", {})
    fake.modmail.erase(first.messages[0].external_id)
    rest = [m.text for p in walk(reddit, "modmail", first.cursor) for m in p.messages]
    assert rest == ["First"]


def test_what_reddit_does_not_show_is_neither_here_nor_gone(
    fake: FakeReddit, reddit: Connector
) -> None:
    told = reddit.fetch([Ref("t1_zzz", "t3_zz", Kind.COMMENT, Visibility.PUBLIC)])
    assert (told.messages, told.gone) == ((), ())


def test_a_404_that_is_not_reddits_proves_nothing(fake: FakeReddit, reddit: Connector) -> None:
    name = fake.modmail.write("Hello")
    place = f"modmail_{fake.modmail.place(name)}"
    fake.fault("*", Answer(404, "<html>No such page</html>"))
    with pytest.raises(Refused):
        reddit.fetch([Ref(f"modmail_{name}", place, Kind.DM, Visibility.PRIVATE)])


def test_the_post_above_a_comment_can_be_asked_for(fake: FakeReddit, reddit: Connector) -> None:
    fake.mention("u/brand help")
    (message,) = read(reddit, "inbox")
    told = reddit.fetch([Ref(message.conversation, "", Kind.COMMENT, Visibility.PUBLIC)])
    assert [m.text for m in told.messages] == ["Whom to trust?"]


ODD: tuple[Any, ...] = (
    None,
    True,
    3,
    -1.5,
    float("nan"),
    1e300,
    "",
    "x",
    [],
    ["x"],
    {},
    {"s": 1},
    {"a": {"s": {}}},
)
JUNK = st.sampled_from(ODD)
FIELDS = ("name", "author", "body", "title", "selftext", "link_id", "parent_id", "created_utc")
MORE = ("edited", "media_metadata", "url", "distinguished", "context", "subreddit", "subject")


@given(
    kind=st.sampled_from(["t1", "t3", "t4"]),
    wrong=st.dictionaries(st.sampled_from((*FIELDS, *MORE)), JUNK, max_size=4),
    left_out=st.sets(st.sampled_from(FIELDS), max_size=2),
)
def test_an_odd_item_is_read_or_set_aside_and_never_raises(
    kind: str, wrong: dict[str, Any], left_out: set[str]
) -> None:
    good: dict[str, Any] = {
        "name": f"{kind}_a1",
        "author": "ann",
        "body": "Hello",
        "title": "Hello",
        "selftext": "",
        "link_id": "t3_p",
        "parent_id": "t3_p",
        "created_utc": 1795343331.0,
    }
    data = {n: v for n, v in (good | wrong).items() if n not in left_out}
    body = {"data": {"after": None, "children": [{"kind": kind, "data": data}]}}
    found = page(body, {}, lambda thing: parse_thing(thing, VIEW))
    assert len(found.messages) + len(found.events) + len(found.malformed) == 1


@given(JUNK)
def test_what_is_no_item_at_all_is_set_aside(junk: Any) -> None:
    with pytest.raises(Malformed):
        parse_thing(junk, VIEW)
