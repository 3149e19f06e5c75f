"""Discord's messages coming in: channels, threads, chains of answers, the walk and its place."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.core.contract import Author, Direction, Json, Kind, Message, Page, Ref, Visibility
from connectors.core.errors import RateLimited, Refused, Transient, Unsupported
from connectors.discord import Connector
from connectors.discord.parse import HIDDEN, snowflake, time_of
from connectors.discord.position import OVERLAP, Place
from tests.connectors.checks import walk
from tests.fakes.discord import FORUM, GUILD, ME, SUPPORT, FakeDiscord
from tests.fakes.http import Answer


@pytest.fixture
def fake() -> Iterator[FakeDiscord]:
    with FakeDiscord() as fake:
        yield fake


def connect(fake: FakeDiscord, **settings: Any) -> Connector:
    return Connector(fake.account(**settings), fake.now)


def read(fake: FakeDiscord, cursor: Json | None = None, **settings: Any) -> list[Page]:
    return list(walk(connect(fake, **settings), "messages", cursor or {}))


def messages(fake: FakeDiscord, **settings: Any) -> list[Message]:
    return [m for page in read(fake, **settings) for m in page.messages]


def only(fake: FakeDiscord, **settings: Any) -> Message:
    (message,) = messages(fake, **settings)
    return message


def test_a_message_says_who_where_and_when(fake: FakeDiscord) -> None:
    said = fake.message("my card failed", "ann")
    message = only(fake)
    assert message.external_id == f"{SUPPORT}:{said['id']}"
    assert message.conversation == said["id"]
    assert message.author == Author(said["author"]["id"], "ann", "Ann")
    assert (message.kind, message.visibility) == (Kind.COMMENT, Visibility.PUBLIC)
    assert (message.direction, message.context) == (Direction.IN, False)
    assert abs(message.sent_at - time_of(int(said["id"]))) < timedelta(milliseconds=2)


def test_a_chain_of_answers_is_one_conversation_by_its_root(fake: FakeDiscord) -> None:
    root = fake.message("help", "ann")
    ours = fake.message("with what?", "brand", reply_to=root)
    third = fake.message("my card", "ann", reply_to=ours)
    fake.message("something else", "bo")
    first, answer, again, other = messages(fake)
    assert {first.conversation, answer.conversation, again.conversation} == {root["id"]}
    assert again.in_reply_to == answer.external_id
    assert again.external_id == f"{SUPPORT}:{third['id']}"
    assert (answer.direction, answer.automated) == (Direction.OUT, True)
    assert other.conversation != first.conversation


def test_a_root_that_was_stored_long_ago_is_found_by_asking(fake: FakeDiscord) -> None:
    chain = [fake.message("help", "ann")]
    for n in range(3):
        chain.append(fake.message(f"more {n}", "ann", reply_to=chain[-1]))
    fake.advance(3_600)
    fake.message("unrelated", "bo")
    cursor = read(fake)[-1].cursor
    fake.message("and now?", "ann", reply_to=chain[-1])
    _, shown, asked = (m for page in read(fake, cursor) for m in page.messages)
    assert asked.conversation == shown.conversation == chain[0]["id"]
    assert (shown.context, shown.text) == (True, "more 2")


def test_a_chain_whose_beginning_was_deleted_begins_where_it_is_known(fake: FakeDiscord) -> None:
    root = fake.message("help", "ann")
    below = fake.message("anyone?", "bo", reply_to=root)
    fake.message("me too", "ann", reply_to=below)
    fake.erase(root["id"])
    assert {m.conversation for m in messages(fake)} == {root["id"]}


def test_forum_posts_are_conversations_of_their_own(fake: FakeDiscord) -> None:
    post = fake.thread("My transfer is lost", "bo")
    fake.message("Nobody?", "bo", post)
    fake.channel("1280000000000000099", 15)
    fake.thread("Off topic", forum="1280000000000000099")
    assert {(m.conversation, m.text) for m in messages(fake)} == {
        (post, "My transfer is lost"),
        (post, "Nobody?"),
    }
    everywhere = {m.text for m in messages(fake, channels="")}
    assert everywhere == {"My transfer is lost", "Nobody?", "Off topic"}


def test_a_thread_joins_the_conversation_of_the_message_it_began_from(fake: FakeDiscord) -> None:
    root = fake.message("help", "ann")
    thread = fake.thread_from(root)
    fake.message("here I am", "ann", thread)
    found = messages(fake)
    assert {m.conversation for m in found} == {root["id"]}
    assert [m.text for m in found] == ["help", "help", "here I am"]
    assert [m.context for m in found] == [False, True, False]
    assert found[0].external_id == found[1].external_id


def test_a_thread_that_was_closed_since_is_read_once_more(fake: FakeDiscord) -> None:
    post = fake.thread("My transfer is lost", "bo")
    cursor = read(fake)[-1].cursor
    fake.message("Found it, thanks", "bo", post)
    fake.open_threads.remove(post)
    pages = read(fake, cursor)
    assert "Found it, thanks" in [m.text for page in pages for m in page.messages]
    assert post not in pages[-1].cursor["places"]
    fake.requests.clear()
    read(fake, pages[-1].cursor)
    assert not [r for r in fake.requests if post in r.path]


def test_quiet_threads_cost_no_request(fake: FakeDiscord) -> None:
    quiet, busy = fake.thread("quiet"), fake.thread("busy")
    cursor = read(fake)[-1].cursor
    fake.message("news", "bo", busy)
    fake.requests.clear()
    read(fake, cursor)
    assert [r for r in fake.requests if busy in r.path]
    assert not [r for r in fake.requests if quiet in r.path]


@pytest.mark.parametrize("newest_window", [False, True])
def test_full_pages_lose_nothing_whichever_end_discord_gives(newest_window: bool) -> None:
    with FakeDiscord(newest_window=newest_window) as fake:
        for n in range(11):
            fake.message(f"text {n}")
        first = connect(fake, page_size="4").pull("messages", {})
        for n in range(11, 17):
            fake.message(f"text {n}")
        rest = read(fake, first.cursor, page_size="4")
        found = [m.text for page in (first, *rest) for m in page.messages]
        assert sorted(set(found)) == sorted(f"text {n}" for n in range(17))


@pytest.mark.parametrize("newest_window", [False, True])
def test_the_place_moves_only_when_nothing_lies_between(newest_window: bool) -> None:
    """Every cursor on the way, if the walk stops there, leads to all that is not stored yet."""
    with FakeDiscord(newest_window=newest_window) as fake:
        for n in range(10):
            fake.message(f"text {n}")
        pages = read(fake, page_size="3")
        for stop in range(len(pages)):
            stored = {m.text for page in pages[: stop + 1] for m in page.messages}
            later = read(fake, pages[stop].cursor, page_size="3")
            stored |= {m.text for page in later for m in page.messages}
            assert len(stored) == 10


def test_places_are_numbers_not_words() -> None:
    place = Place(after=9, since=9).read([10, 11], full=False)
    assert place == Place(11, 11)
    assert Place.from_json(place.to_json()) == place
    gap = Place(0, 0).read([7, 9], full=True)
    assert (gap.question, gap.after) == ({"before": "7"}, 0)
    assert gap.read([3, 5], full=False) == Place(9, 9)


def test_an_edit_within_minutes_shows_in_the_next_round(fake: FakeDiscord) -> None:
    said = fake.message("helo")
    cursor = read(fake)[-1].cursor
    fake.advance(60)
    fake.edit(said, "hello")
    (after,) = (m for page in read(fake, cursor) for m in page.messages)
    assert (after.text, after.external_id) == ("hello", f"{SUPPORT}:{said['id']}")
    assert after.edited_at is not None
    assert timedelta(minutes=10) == timedelta(milliseconds=OVERLAP >> 22)


def test_a_later_edit_or_deletion_is_seen_by_asking(fake: FakeDiscord) -> None:
    edited, gone = fake.message("helo"), fake.message("never mind")
    one, two = messages(fake)
    fake.edit(edited, "hello")
    fake.erase(gone["id"])
    told = connect(fake).fetch([_ref(one), _ref(two)])
    (now,) = told.messages
    assert (now.text, now.conversation) == ("hello", one.conversation)
    assert told.gone == (two.external_id,)


def test_what_may_not_be_seen_is_not_called_gone(fake: FakeDiscord) -> None:
    fake.message("hello")
    ref = _ref(only(fake))
    fake.no_history.add(SUPPORT)
    assert connect(fake).fetch([ref]).gone == ()
    fake.fault("*", "limited")
    with pytest.raises(RateLimited):
        connect(fake).fetch([ref])


def test_bots_and_webhooks_are_no_customers(fake: FakeDiscord) -> None:
    fake.message("beep", author="ann", webhook_id="77")
    robot = {"id": "9", "username": "quiz", "bot": True}
    fake.message("boop")["author"] = robot
    assert [(m.automated, m.context) for m in messages(fake)] == [(True, True)] * 2


def test_the_team_speaks_for_us_and_a_setting_asks_for_a_mention(fake: FakeDiscord) -> None:
    olga = fake.user("olga")["id"]
    call = fake.message("<@1> help", "ann", mentions=[fake.user("brand")])
    fake.message("I look into it", "olga", reply_to=call)
    fake.message("nice weather", "bo")
    ours = fake.message("How can we help?", "brand")
    fake.message("like this", "bo", reply_to=ours)
    found = messages(fake, team=f"{olga}, 5", customers="mentions")
    told = [(m.direction, m.kind, m.context) for m in found if m.author and m.author.id != ME]
    assert told == [
        (Direction.IN, Kind.MENTION, False),
        (Direction.OUT, Kind.COMMENT, False),
        (Direction.IN, Kind.COMMENT, True),
        (Direction.IN, Kind.COMMENT, False),
    ]
    assert not next(m for m in found if m.text == "I look into it").automated


def test_discords_own_notes_are_no_messages(fake: FakeDiscord) -> None:
    for note in (6, 7, 8, 18, 46):
        fake.message("a note", type=note)
    assert messages(fake) == []


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"sticker_items": [{"id": "1", "name": "wave"}]}, "[sticker: wave]"),
        ({"poll": {"question": {"text": "Red?"}}}, "[poll: Red?]"),
        (
            {
                "message_snapshots": [{"message": {"content": "as they said"}}],
                "message_reference": {"type": 1, "message_id": "5"},
            },
            "[forwarded] as they said",
        ),
        ({"embeds": [{"title": "A page"}]}, "[A page]"),
        ({"components": [{"type": 17}]}, ""),
        ({}, HIDDEN),
    ],
)
def test_what_is_no_text_is_shown_in_words(fake: FakeDiscord, said: Json, text: str) -> None:
    fake.message(**said)
    message = only(fake)
    assert message.text.strip("[]") == text.strip("[]")
    assert message.in_reply_to is None


@pytest.mark.parametrize(
    "odd",
    [
        {"author": None},
        {"author": {"id": "x"}},
        {"timestamp": 5},
        {"type": "0"},
        {"content": None, "sticker_items": 7},
        {"mentions": [1]},
        {"attachments": [{"filename": "a"}]},
        {"type": 19, "message_reference": {"message_id": "x"}},
    ],
)
def test_odd_items_become_malformed_and_the_page_goes_on(fake: FakeDiscord, odd: Json) -> None:
    fake.message("x").update(odd)
    fake.message("I am here")
    pages = read(fake)
    malformed = [m for page in pages for m in page.malformed]
    assert [m.text for page in pages for m in page.messages] == ["I am here"]
    assert len(malformed) == 1


def test_the_check_names_what_is_missing(fake: FakeDiscord) -> None:
    fake.message("hello")
    told = connect(fake).check()
    assert (told.external_id, told.handle, told.missing) == (ME, "@brand", ())
    fake.sees_text = False
    fake.no_history.add(SUPPORT)
    fake.hidden.add(FORUM)
    missing = connect(fake, guild="4").check().missing
    assert len(missing) == 3
    assert "Message Content intent" in missing[0]
    assert f"Read Message History (or any message) in channel {SUPPORT}" in missing[1]
    assert "View Channel" in missing[2]
    fake.thread("x")
    assert "server 4" in connect(fake, guild="4").check().missing[-1]
    assert "`channels` or `guild`" in connect(fake, channels="", guild="").check().missing[-1]


def test_a_channel_that_was_taken_from_us_holds_up_no_other(fake: FakeDiscord) -> None:
    fake.channel("77", 0)
    fake.message("over there", channel="77")
    fake.hidden.add(SUPPORT)
    assert [m.text for m in messages(fake, channels=f"{SUPPORT} 77", guild="")] == ["over there"]


def test_the_only_channel_taken_from_us_is_an_error(fake: FakeDiscord) -> None:
    fake.hidden.add(SUPPORT)
    with pytest.raises(Refused, match="View Channel"):
        read(fake, channels=SUPPORT, guild="")


def test_a_server_that_hides_its_threads_holds_up_no_channel(fake: FakeDiscord) -> None:
    post = fake.thread("My transfer is lost")
    cursor = read(fake)[-1].cursor
    fake.message("hello")
    fake.fault(f"/guilds/{GUILD}/threads/active", "forbidden")
    pages = read(fake, cursor)
    assert "hello" in [m.text for page in pages for m in page.messages]
    assert post in pages[-1].cursor["places"]


@pytest.mark.parametrize("told", [{}, {"id": None}, {"id": "None"}, {"id": []}])
def test_who_we_are_is_never_guessed(fake: FakeDiscord, told: Json) -> None:
    """Our own messages would be taken for customers'."""
    fake.message("hello")
    unknown = replace(fake.account(), external_id=None)
    assert Connector(unknown, fake.now).pull("messages", {}).messages
    fake.fault("/users/@me", Answer(200, told))
    with pytest.raises(Transient):
        Connector(unknown, fake.now).pull("messages", {})


def test_people_and_emoji_have_their_names_back(fake: FakeDiscord) -> None:
    brand = fake.user("brand")
    fake.message(f"<@{ME}> <@!5> <:sad:77> <#12>", mentions=[brand])
    assert only(fake).text == "@brand <@!5> :sad: <#12>"


def test_texts_hidden_by_discord_are_told_so(fake: FakeDiscord) -> None:
    fake.sees_text = False
    fake.message("hello")
    assert only(fake).text == HIDDEN


def test_history_begins_as_far_back_as_the_setting_says(fake: FakeDiscord) -> None:
    fake.message("long ago")
    fake.advance(3 * 86_400)
    fake.message("lately")
    assert [m.text for m in messages(fake, history_days="2")] == ["lately"]
    assert [m.text for m in messages(fake, history_days="4")] == ["long ago", "lately"]
    assert snowflake(time_of(1_300_000_000_000_000_001)) <= 1_300_000_000_000_000_001


def test_a_channel_whose_calls_are_used_up_is_asked_again_later(fake: FakeDiscord) -> None:
    for n in range(5):
        fake.message(f"text {n}")
    fake.calls = 1
    page = connect(fake, page_size="2", guild="").pull("messages", {})
    assert page.more
    assert page.not_before is not None
    assert page.not_before > fake.now()
    (budget,) = connect_and_pull(fake).budgets()
    assert (budget.name, budget.remaining) == ("Messages of a channel", 0)


def connect_and_pull(fake: FakeDiscord) -> Connector:
    connector = connect(fake, channels=SUPPORT, guild="")
    connector.pull("messages", {})
    return connector


def test_nothing_to_read_is_no_error(fake: FakeDiscord) -> None:
    assert read(fake, channels="", guild="")[-1].messages == ()
    assert read(fake, channels="", guild=GUILD)[-1].messages == ()
    with pytest.raises(Unsupported):
        connect(fake).pull("dms", {})


def _ref(m: Message) -> Ref:
    return Ref(m.external_id, m.conversation, m.kind, m.visibility, False, m.author, m.platform)
