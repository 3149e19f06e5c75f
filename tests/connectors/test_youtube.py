"""YouTube's own rules for reading: threads, answers that lists leave out, quota, what is gone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.core.contract import Budget, Direction, Json, Kind, Message, Page, Ref, Visibility
from connectors.core.errors import RateLimited, Refused, Transient
from connectors.youtube import Connector
from connectors.youtube.client import next_midnight
from connectors.youtube.parse import Thread, parse_comment, read_threads
from connectors.youtube.walk import MOST_WATCHED, Place
from tests.connectors.checks import walk
from tests.fakes.http import Answer
from tests.fakes.youtube import CHANNEL, FakeYouTube, failure

DAY_S = 86_400


@pytest.fixture
def fake() -> Iterator[FakeYouTube]:
    with FakeYouTube() as served:
        yield served


@pytest.fixture
def youtube(fake: FakeYouTube) -> Connector:
    return Connector(fake.account(), fake.now)


def look(youtube: Connector, cursor: Json, stream: str = "comments") -> tuple[list[Message], Json]:
    """One look from `cursor` to its end."""
    pages = list(walk(youtube, stream, cursor))
    return [m for p in pages for m in p.messages], pages[-1].cursor


def ref(name: str) -> Ref:
    return Ref(name, name.partition(".")[0], Kind.COMMENT, Visibility.PUBLIC)


def test_a_thread_is_its_first_comment_and_the_answers(
    fake: FakeYouTube, youtube: Connector
) -> None:
    top = fake.comment("Does it work in Norway?")
    below = fake.comment("I would like to know too", "cy", top)
    fake.comment("Yes", CHANNEL, top)
    found = {m.text: m for m in look(youtube, {})[0]}
    first, second, ours = (found[t] for t in (*list(found)[:1], "I would like to know too", "Yes"))
    assert (first.external_id, first.conversation, first.in_reply_to) == (top, top, None)
    assert (second.external_id, second.conversation, second.in_reply_to) == (below, top, top)
    assert (ours.direction, ours.context, first.subject) == (
        Direction.OUT,
        False,
        "https://youtu.be/v1",
    )
    assert first.author is not None
    assert (first.author.id, first.author.handle) == ("UCann", "@ann")


def test_our_own_first_comment_is_context(fake: FakeYouTube, youtube: Connector) -> None:
    fake.comment("Welcome", CHANNEL)
    ((message,), _) = look(youtube, {})
    assert (message.direction, message.context) == (Direction.OUT, True)


def test_an_answer_that_names_somebody_answers_that_person(
    fake: FakeYouTube, youtube: Connector
) -> None:
    top = fake.comment("First")
    below = fake.comment("Second", "cy", top)
    fake.comment("@cy We are on it", CHANNEL, top)
    fake.comment("@ann So for you", CHANNEL, top)
    found = {m.text: m.in_reply_to for m in look(youtube, {})[0]}
    assert (found["@cy We are on it"], found["@ann So for you"]) == (below, top)


def test_an_answer_that_begins_with_our_own_name_answers_the_thread(
    fake: FakeYouTube, youtube: Connector
) -> None:
    top = fake.comment("First")
    fake.comment("@brand here: we are on it", CHANNEL, top)
    assert [m.in_reply_to for m in look(youtube, {})[0]] == [None, top]


def test_answers_that_the_list_leaves_out_are_read(fake: FakeYouTube, youtube: Connector) -> None:
    top = fake.comment("Who else?")
    for n in range(8):
        fake.comment(f"Me too {n}", f"user{n}", top)
    assert {m.text for m in look(youtube, {})[0]} == {
        "Who else?",
        *(f"Me too {n}" for n in range(8)),
    }


def test_a_new_answer_under_an_old_thread_is_seen(fake: FakeYouTube) -> None:
    fake.page_limit = 3
    youtube = Connector(fake.account(), fake.now)
    old = fake.comment("Old")
    for n in range(6):
        fake.advance(3600)
        fake.comment(f"Newer {n}")
    _, cursor = look(youtube, {})
    fake.advance(3600)
    fake.comment("And now?", "cy", old)
    seen, _ = look(youtube, cursor)
    assert "And now?" in {m.text for m in seen}


def test_a_quiet_look_costs_a_list_and_one_question_for_fifty_threads(fake: FakeYouTube) -> None:
    fake.page_limit = 3
    youtube = Connector(fake.account(), fake.now)
    for n in range(30):
        fake.advance(3600)
        fake.comment(f"Comment {n}")
    _, cursor = look(youtube, {})
    before = fake.used
    look(youtube, cursor)
    assert fake.used - before == 2


def test_a_full_thread_is_read_again_only_when_it_changed(
    fake: FakeYouTube, youtube: Connector
) -> None:
    top = fake.comment("Who else?")
    for n in range(8):
        fake.comment(f"Me too {n}", f"user{n}", top)
    _, cursor = look(youtube, {})
    fake.requests.clear()
    _, cursor = look(youtube, cursor)
    assert [r.path for r in fake.requests] == ["/youtube/v3/commentThreads"]
    fake.comment("Me as well", "zoe", top)
    fake.requests.clear()
    seen, _ = look(youtube, cursor)
    assert fake.requests[-1].query["parentId"] == top
    assert "Me as well" in {m.text for m in seen}


def test_a_thread_that_fell_asleep_is_watched_no_more(fake: FakeYouTube) -> None:
    youtube = Connector(fake.account(reply_days="2"), fake.now)
    fake.comment("Old")
    _, cursor = look(youtube, {})
    assert cursor["threads"]
    fake.advance(3 * DAY_S)
    assert youtube.pull("comments", cursor).cursor["check"] == []


def test_no_more_than_some_hundred_threads_are_watched() -> None:
    threads = [Thread(f"U{n}", 0, 0, n, n) for n in range(MOST_WATCHED + 100)]
    place = Place().having_seen(threads, 0).without_sleepers(0)
    assert len(place.threads) == MOST_WATCHED
    assert "U0" not in place.threads


def test_a_list_that_leaves_a_thread_out_does_not_end_the_watch(fake: FakeYouTube) -> None:
    fake.page_limit = 1
    youtube = Connector(fake.account(), fake.now)
    old = fake.comment("Old")
    fake.advance(3600)
    fake.comment("New")
    _, cursor = look(youtube, {})
    fake.comments[old]["status"] = "heldForReview"
    _, cursor = look(youtube, cursor)
    fake.comments[old]["status"] = "published"
    fake.comment("And now?", "cy", old)
    assert "And now?" in {m.text for m in look(youtube, cursor)[0]}


def test_a_thread_that_is_refused_holds_up_nothing_and_is_tried_again(
    fake: FakeYouTube, youtube: Connector
) -> None:
    top = fake.comment("Who else?")
    for n in range(8):
        fake.comment(f"Me too {n}", f"user{n}", top)
    fake.fault("/youtube/v3/comments", "forbidden")
    seen, cursor = look(youtube, {})
    assert len(seen) == 6
    assert len({m.text for m in look(youtube, cursor)[0]}) == 9


def test_a_thread_deleted_before_it_was_read_in_full_holds_up_nothing(
    fake: FakeYouTube, youtube: Connector
) -> None:
    top = fake.comment("Who else?")
    for n in range(8):
        fake.comment(f"Me too {n}", f"user{n}", top)
    first = youtube.pull("comments", {})
    del fake.comments[top]
    assert first.more
    assert list(walk(youtube, "comments", first.cursor))[-1].cursor["deep"] == []


def test_page_tokens_that_ran_out_begin_the_walk_again(fake: FakeYouTube) -> None:
    fake.page_limit = 3
    youtube = Connector(fake.account(), fake.now)
    for n in range(7):
        fake.comment(f"Comment {n}")
    first = youtube.pull("comments", {})
    fake.closed_pages = True
    stale = youtube.pull("comments", first.cursor)
    assert (stale.messages, stale.more) == ((), True)
    fake.closed_pages = False
    seen, _ = look(youtube, stale.cursor)
    assert len({m.text for m in seen}) == 7


def test_the_first_look_goes_back_some_days_only(fake: FakeYouTube) -> None:
    fake.page_limit = 1
    for n in range(5):
        fake.comment(f"Comment {n}")
        fake.advance(DAY_S)
    seen, _ = look(Connector(fake.account(history_days="2"), fake.now), {})
    assert [m.text for m in seen] == ["Comment 4", "Comment 3", "Comment 2"]


def test_an_edit_keeps_its_id_and_says_when(fake: FakeYouTube, youtube: Connector) -> None:
    name = fake.comment("Helo")
    _, cursor = look(youtube, {})
    fake.advance(60)
    fake.edit(name, "Hello")
    ((again,), _) = look(youtube, cursor)
    assert (again.external_id, again.text) == (name, "Hello")
    assert again.edited_at is not None
    assert again.edited_at > again.sent_at


def test_a_thread_that_takes_no_answers_says_so(fake: FakeYouTube, youtube: Connector) -> None:
    fake.comments[fake.comment("Hello")]["can_reply"] = False
    ((message,), _) = look(youtube, {})
    assert message.can_reply_publicly is False
    assert message.reply_note


def test_a_held_comment_is_the_same_message_once_it_is_published(
    fake: FakeYouTube, youtube: Connector
) -> None:
    name = fake.hold("Buy this")
    ((held,), _) = look(youtube, {}, "held")
    assert look(youtube, {})[0] == []
    fake.comments[name]["status"] = "published"
    ((published,), _) = look(youtube, {})
    assert (held.hidden, published.hidden) == (True, False)
    assert replace(published, hidden=True) == held


@pytest.mark.parametrize("by_id", [True, False])
@pytest.mark.parametrize("status", ["heldForReview", "likelySpam"])
def test_what_is_only_held_is_not_gone(
    fake: FakeYouTube, youtube: Connector, status: str, by_id: bool
) -> None:
    """Google does not say whether it shows such comments when asked for by id."""
    fake.shows_held_by_id = by_id
    name = fake.comment("Buy this", status=status)
    told = youtube.fetch([ref(name)])
    assert [m.external_id for m in told.messages] == [name]
    assert told.gone == ()


def test_a_rejected_comment_is_gone(fake: FakeYouTube, youtube: Connector) -> None:
    name = fake.comment("Buy this", status="rejected")
    assert youtube.fetch([ref(name)]).gone == (name,)


def test_while_lists_have_more_pages_nothing_is_called_gone(fake: FakeYouTube) -> None:
    fake.page_limit = 1
    for n in range(3):
        fake.hold(f"Held {n}")
    name = fake.comment("Somewhere", status="rejected")
    told = Connector(fake.account(), fake.now).fetch([ref(name)])
    assert (told.messages, told.gone) == ((), ())


def test_one_missing_comment_does_not_spoil_the_others(
    fake: FakeYouTube, youtube: Connector
) -> None:
    """Where YouTube answers a list of ids with 404 because of one of them."""
    names = [fake.comment(f"Comment {n}") for n in range(3)]
    fake.fault("/youtube/v3/comments", failure(404, "commentNotFound", "Not all were found."))
    told = youtube.fetch([ref(n) for n in names])
    assert [m.external_id for m in told.messages] == names
    assert told.gone == ()


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-10-31T12:00:00Z", "2026-11-01T07:00:00Z"),
        ("2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"),  # 25 hours: clocks go back
        ("2027-03-14T08:00:00Z", "2027-03-15T07:00:00Z"),  # 23 hours: clocks go forward
        ("2026-11-20T07:59:59Z", "2026-11-20T08:00:00Z"),
    ],
)
def test_the_quota_day_ends_at_midnight_in_california(now: str, midnight: str) -> None:
    assert next_midnight(datetime.fromisoformat(now)) == datetime.fromisoformat(midnight)


def test_a_used_up_quota_rests_until_midnight(fake: FakeYouTube) -> None:
    at = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    youtube = Connector(fake.account(), lambda: at)
    fake.fault("*", "quota")
    with pytest.raises(RateLimited) as e:
        youtube.pull("comments", {})
    assert e.value.resets_at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    fake.fault("*", "hurried")
    with pytest.raises(RateLimited) as hurried:
        youtube.pull("comments", {})
    assert hurried.value.resets_at == at + timedelta(minutes=1)


def test_reading_keeps_to_its_share_of_the_day(fake: FakeYouTube) -> None:
    at, tomorrow = (datetime(2026, 11, *day, tzinfo=UTC) for day in ((20, 20), (21, 8)))
    youtube = Connector(fake.account(daily_quota="3"), lambda: at)
    first = youtube.pull("comments", {})
    assert first.not_before is None
    assert youtube.budgets() == (Budget("Units to read comments today", 2, 1, tomorrow),)
    second = youtube.pull("comments", first.cursor)
    assert second.not_before == tomorrow
    before = fake.used
    with pytest.raises(RateLimited):
        youtube.pull("comments", second.cursor)
    assert fake.used == before
    later = Connector(fake.account(daily_quota="3"), lambda: at + timedelta(days=1))
    assert later.pull("comments", second.cursor).not_before is None


@pytest.mark.parametrize("setting", ["", "no", "-5", "0", "1e9"])
def test_a_setting_that_is_no_number_is_the_default(fake: FakeYouTube, setting: str) -> None:
    youtube = Connector(fake.account(daily_quota=setting), fake.now)
    youtube.pull("comments", {})
    assert youtube.budgets()[0].limit == 7000


def test_an_answer_that_is_no_list_is_not_an_empty_one(
    fake: FakeYouTube, youtube: Connector
) -> None:
    fake.fault("*", Answer(200, {"hello": "world"}))
    with pytest.raises(Transient):
        youtube.pull("comments", {})


@pytest.mark.parametrize("error", ["broken", {"error": "x"}, {"error": {"errors": "no"}}, []])
def test_an_error_in_an_odd_form_is_a_refusal(
    fake: FakeYouTube, youtube: Connector, error: Any
) -> None:
    fake.fault("*", Answer(403, error))
    with pytest.raises(Refused) as e:
        youtube.pull("comments", {})
    assert e.value.reason


def test_a_comment_without_channel_is_known_by_name() -> None:
    snippet = {"textDisplay": "Hi", "publishedAt": "2026-11-20T09:15:31Z"}
    named = parse_comment({"id": "a", "snippet": {**snippet, "authorDisplayName": "@ann"}}, CHANNEL)
    assert named.author is not None
    assert named.author.id == "name:@ann"
    nobody = parse_comment({"id": "a", "snippet": snippet}, CHANNEL)
    assert (nobody.author, nobody.context) == (None, True)


ODD: tuple[Any, ...] = (None, True, 3, float("nan"), "", "x", [], ["x"], {}, {"value": 4})
FIELDS = ("textDisplay", "textOriginal", "publishedAt", "updatedAt", "authorChannelId", "parentId")
MORE = ("authorDisplayName", "videoId", "imageUrl")
WRONG = st.dictionaries(st.sampled_from((*FIELDS, *MORE)), st.sampled_from(ODD), max_size=4)
ABOUT = st.dictionaries(
    st.sampled_from(("topLevelComment", "totalReplyCount", "canReply")), st.sampled_from(ODD)
)


@given(WRONG, ABOUT, st.sampled_from(ODD), st.sampled_from(ODD))
def test_an_odd_thread_is_read_or_set_aside_and_never_raises(
    wrong: dict[str, Any], about: dict[str, Any], replies: Any, thread: Any
) -> None:
    good = {
        "textDisplay": "Hello",
        "publishedAt": "2026-11-20T09:15:31Z",
        "authorChannelId": {"value": "UCann"},
    }
    top = {"id": "U1", "snippet": good | wrong}
    item = {"id": "U1", "snippet": {"topLevelComment": top, **about}, "replies": replies}
    found = read_threads([item, thread], CHANNEL)
    assert len(found.messages) + len(found.malformed) == 2


def test_a_page_is_whole_without_items(fake: FakeYouTube, youtube: Connector) -> None:
    """Google leaves keys with nothing in them out."""
    fake.fault("*", Answer(200, {"pageInfo": {"totalResults": 0}}))
    page = youtube.pull("comments", {})
    assert isinstance(page, Page)
    assert (page.messages, page.more) == ((), False)


def test_the_channel_is_asked_for_where_it_is_not_known(fake: FakeYouTube) -> None:
    fake.comment("Welcome", CHANNEL)
    youtube = Connector(replace(fake.account(), external_id=None), fake.now)
    ((message,), _) = look(youtube, {})
    assert message.direction is Direction.OUT
