"""The Mastodon connector reading the fake server: what the common checks cannot know."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.core.contract import Author, Direction, Kind, Ref, Visibility
from connectors.core.errors import AuthRevoked, Malformed, RateLimited, Refused, Transient
from connectors.core.html import html_to_text
from connectors.mastodon import CAPABILITIES, Connector
from connectors.mastodon.parse import Threads, parse_status, status_of_notification
from tests.connectors.fixtures.mastodon.harness import ANN
from tests.connectors.fixtures.mastodon.steps import connect, only, read
from tests.fakes.http import Answer
from tests.fakes.mastodon import CODE, FakeMastodon
from tests.fakes.mastodon_items import ME, written


@pytest.fixture
def fake() -> Iterator[FakeMastodon]:
    with FakeMastodon() as fake:
        yield fake


def contexts_asked(fake: FakeMastodon) -> int:
    return sum(r.path.endswith("/context") for r in fake.requests)


def test_a_mention_says_who_where_and_when(fake: FakeMastodon) -> None:
    post = fake.mention(
        "@brand is the app down?\nSee https://ann.example/a/long/way/to/the/picture"
    )
    message = only(fake)
    assert (message.external_id, message.conversation) == (post, post)
    assert message.author == Author(fake.people.id(ANN), ANN, "Ann")
    assert (message.kind, message.visibility) == (Kind.MENTION, Visibility.PUBLIC)
    assert (message.direction, message.context) == (Direction.IN, False)
    lines = "@brand is the app down?\nSee https://ann.example/a/long/way/to/the/picture"
    assert message.text == lines
    assert abs(message.sent_at - fake.posts[post].made_at) < timedelta(milliseconds=1)
    assert contexts_asked(fake) == 0


def test_a_direct_post_is_private_and_so_is_one_for_followers(fake: FakeMastodon) -> None:
    fake.mention("@brand my card is lost", visibility="direct")
    fake.mention("@brand only friends see this", visibility="private")
    fake.mention("@brand what is this", visibility="limited")
    direct, friends, unknown = read(fake).messages
    assert (direct.kind, direct.visibility) == (Kind.DM, Visibility.PRIVATE)
    assert friends.visibility is unknown.visibility is Visibility.PRIVATE


def test_a_comment_belongs_to_our_post_above_it(fake: FakeMastodon) -> None:
    root = fake.post("We are open again")
    bo = fake.post("Nice", "bo@other.example", above=root)
    first = fake.mention("@brand not for me", above=bo)
    second = fake.mention("@brand hello?", above=first)
    messages = {m.external_id: m for m in read(fake).messages}
    assert {m.conversation for m in messages.values()} == {root}
    assert messages[second].in_reply_to == first
    assert [m.external_id for m in messages.values() if m.context] == [root]
    assert messages[root].direction is Direction.OUT
    assert not messages[bo].context  # a comment under our post, though without our name in it
    assert contexts_asked(fake) == 1


def test_strangers_above_a_mention_are_context_and_a_long_thread_is_cut(
    fake: FakeMastodon,
) -> None:
    above = root = fake.post("Who knows a bank?", "cy@far.example")
    for number in range(30):
        above = fake.post(f"Number {number}", "cy@far.example", above=above)
    fake.mention("@brand maybe you?", above=above)
    *shown, mention = read(fake).messages
    assert len(shown) == 20
    assert (shown[0].external_id, shown[-1].external_id) == (root, above)
    assert all(m.context and m.direction is Direction.IN for m in shown)
    assert mention.conversation == root
    assert not mention.context


def test_a_private_part_of_a_public_thread_is_a_thread_of_its_own(fake: FakeMastodon) -> None:
    root = fake.post("We are open again")
    public = fake.mention("@brand my card is lost", above=root)
    ours = fake.post(f"@{ANN} which one?", above=public, visibility="direct")
    private = fake.mention("@brand 1234", above=ours, visibility="direct")
    threads = {m.external_id: m.conversation for m in read(fake).messages}
    assert threads == {root: root, public: root, ours: ours, private: ours}
    own = {m.external_id: m.conversation for m in read(fake, "replies").messages}
    assert own[ours] == ours


def test_a_thread_whose_top_is_gone_begins_at_the_first_post_that_is_left(
    fake: FakeMastodon,
) -> None:
    root = fake.post("Oops")
    reply = fake.mention("@brand what?", above=root)
    last = fake.mention("@brand hello?", above=reply)
    fake.delete(root)
    assert {m.conversation for m in read(fake).messages} == {reply}
    assert last in {m.external_id for m in read(fake).messages}


def test_a_post_deleted_while_we_read_still_comes(fake: FakeMastodon) -> None:
    root = fake.post("Hello")
    post = fake.mention("@brand hi", above=root)
    fake.fault("*/context", Answer(404, {"error": "Record not found"}))
    message = only(fake)
    assert (message.external_id, message.conversation) == (post, post)


def test_strangers_whom_the_server_filters_come_too(fake: FakeMastodon) -> None:
    fake.filtered.add(fake.mention("@brand I am new here"))
    assert only(fake).text == "@brand I am new here"


def test_a_notification_that_shows_up_late_is_not_lost(fake: FakeMastodon) -> None:
    fake.mention("@brand old")
    fake.advance(3600)
    cursor = read(fake).cursor
    late = fake.mention("@brand late")
    fake.mention("@brand newer")
    hidden = fake.told.pop(-2)
    cursor = read(fake, cursor=cursor).cursor
    fake.told.insert(-1, hidden)
    assert late in {m.external_id for m in read(fake, cursor=cursor).messages}
    fake.advance(3600)
    settled = read(fake, cursor=cursor).cursor
    assert read(fake, cursor=settled).messages == ()


def test_our_answers_come_back_and_our_other_posts_are_context(
    fake: FakeMastodon,
) -> None:
    post = fake.mention("@brand hello")
    news = fake.post("News!")
    more = fake.post("More news!", above=news)
    reply = fake.post(f"@{ANN} good morning", above=post)
    bare = fake.post("And good night", above=post)
    direct = fake.post(f"@{ANN} in private", visibility="direct")
    own = {m.external_id: m for m in read(fake, "replies").messages}
    assert {i: m.context for i, m in own.items() if i != post} == {
        news: True,
        more: True,
        reply: False,
        bare: False,
        direct: False,
    }
    assert all(m.direction is Direction.OUT for i, m in own.items() if i != post)
    assert own[reply].conversation == own[post].conversation == post
    assert own[more].conversation == news


def test_the_first_look_at_our_own_posts_goes_back_one_page() -> None:
    with FakeMastodon(page_limit=3) as fake:
        posts = [fake.post(f"News {n}") for n in range(7)]
        fake.advance(3600)
        first = read(fake, "replies")
        assert [m.external_id for m in first.messages] == posts[-3:]
        new = [fake.post(f"More {n}") for n in range(4)]
        later = read(fake, "replies", first.cursor)
        assert [m.external_id for m in later.messages] == new


def test_a_quote_of_our_post_is_for_us_and_a_robot_is_a_robot(fake: FakeMastodon) -> None:
    news = written(fake.posts[fake.post("News!")], fake.people, fake.posts)
    fake.mention("Look at this", kind="quote", quote={"state": "accepted", "quoted_status": news})
    fake.mention("Look at that", kind="quote", quote={"state": "revoked", "quoted_status": None})
    fake.mention("@brand beep", "newsbot@other.example")
    quote, revoked, robot = read(fake).messages
    assert (quote.context, revoked.context) == (False, False)
    assert (quote.automated, robot.automated) == (False, True)


def test_a_content_warning_is_the_subject_and_kept_for_the_answer(fake: FakeMastodon) -> None:
    fake.mention("@brand it burned", spoiler_text="Fire\x00")
    message = only(fake)
    assert message.subject == "Fire\ufffd"
    assert message.platform == {
        "visibility": "public",
        "spoiler_text": "Fire\ufffd",
        "language": "en",
    }


def test_names_stand_without_their_address_and_lies_do_not() -> None:
    mention = '<a href="https://here.example/@brand" class="mention">@<span>brand</span></a>'
    lie = '<a href="https://evil.example/x" class="mention">@bank.example/login</a>'
    assert html_to_text(f"<p>{mention} hi</p>", names=True) == "@brand hi"
    assert "https://evil.example/x" in html_to_text(lie, names=True)
    assert "https://here.example/@brand" in html_to_text(mention)


def test_edits_and_deletions_are_found_by_asking_again(fake: FakeMastodon) -> None:
    root = fake.post("News!")
    edited = fake.mention("@brand helo", above=root)
    deleted = fake.mention("@brand oops", above=root)
    fake.edit(edited, "@brand hello")
    fake.delete(deleted)
    place = (root, Kind.MENTION, Visibility.PUBLIC)
    told = connect(fake).fetch([Ref(i, *place) for i in (edited, deleted, root)])
    again, top = told.messages
    assert (again.text, again.conversation) == ("@brand hello", root)
    assert again.edited_at is not None
    assert (top.context, top.direction) == (True, Direction.OUT)
    assert told.gone == (deleted,)


def test_doubt_is_not_a_deletion(fake: FakeMastodon) -> None:
    post = fake.mention("@brand hello")
    fake.fault("*", "unavailable")
    with pytest.raises(Transient):
        connect(fake).fetch([Ref(post, post, Kind.MENTION, Visibility.PUBLIC)])


def test_a_used_up_quota_says_when_it_comes_back() -> None:
    with FakeMastodon(quota=2) as fake:
        fake.mention("@brand hello")
        page = connect(fake).pull("notifications", {})
        assert page.not_before is None
        page = connect(fake).pull("notifications", page.cursor)
        assert page.not_before is not None
        assert page.not_before > fake.now()
        with pytest.raises(RateLimited) as e:
            connect(fake).pull("notifications", {})
        assert e.value.resets_at is not None
        assert timedelta(0) < e.value.resets_at - fake.now() <= timedelta(minutes=5)


def test_a_redirect_is_not_followed(fake: FakeMastodon) -> None:
    fake.fault("*", Answer(302, "", {"location": f"{fake.url}/elsewhere"}))
    with pytest.raises(Refused):
        connect(fake).pull("notifications", {})
    assert len(fake.requests) == 1


def test_an_account_without_a_server_says_what_to_enter(fake: FakeMastodon) -> None:
    homeless = replace(fake.account(), base_url=None)
    with pytest.raises(AuthRevoked, match="base URL"):
        Connector(homeless, fake.now).check()


def test_check_tells_missing_permissions_and_a_server_of_short_posts(fake: FakeMastodon) -> None:
    assert connect(fake).check().missing == ()
    assert connect(fake).check().handle == "@brand@here.example"
    fake.fault("*/instance", Answer(200, {"configuration": {"statuses": {"max_characters": 300}}}))
    fake.fault("*/apps/*", Answer(200, {"scopes": ["read", "write:statuses"]}))
    missing = connect(fake).check().missing
    assert "write:media" in missing
    assert "read:statuses" not in missing
    assert "posts of 500 characters (this server takes 300)" in missing
    fake.fault("*/instance", Answer(404))  # other servers than Mastodon's
    assert connect(fake).check().handle == "@brand"


def test_signing_in_registers_an_app(fake: FakeMastodon) -> None:
    nobody = replace(fake.account(), secrets={})
    begun = Connector(nobody, fake.now).begin("https://desk.example/back", "state1", "verifier")
    assert begun.url.startswith(f"{fake.url}/oauth/authorize?response_type=code&client_id=")
    for part in ("code_challenge_method=S256", "state=state1", "write%3Astatuses"):
        assert part in begun.url
    back = Connector(replace(nobody, secrets=dict(begun.secrets)), fake.now)
    fresh = back.exchange(CODE, "https://desk.example/back", "verifier")
    assert fresh.expires_at is None
    signed_in = replace(nobody, secrets={**begun.secrets, **fresh.secrets})
    assert Connector(signed_in, fake.now).check().external_id == ME
    with pytest.raises(AuthRevoked):
        back.exchange("another code", "https://desk.example/back", "verifier")


ODD: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.just("0001-01-01T00:00:00+05:00")
    | st.just([None])
    | st.just({})
)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_an_odd_item_is_a_message_or_malformed_never_a_crash(data: st.DataObject) -> None:
    item: dict[str, Any] = {"id": "1", "status": json.loads(STATUS)}
    status = item["status"]
    places = [item, status, status["account"]]
    for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=4)):
        place[data.draw(st.sampled_from(sorted(place)))] = data.draw(ODD)
    above: Any = data.draw(st.lists(ODD | st.just(status), max_size=2))
    threads = Threads(ME, lambda _: above)
    below = {"id": "2", "status": {**json.loads(STATUS), "id": "9", "in_reply_to_id": "2"}}
    messages, malformed = threads.read([item, below], status_of_notification, told=True)
    assert "9" in {m.external_id for m in messages}
    assert all(isinstance(m, Malformed) for m in malformed)


STATUS = json.dumps(
    {
        "id": "2",
        "created_at": "2026-11-20T09:15:30.940Z",
        "edited_at": None,
        "in_reply_to_id": "1",
        "in_reply_to_account_id": None,
        "visibility": "public",
        "spoiler_text": "",
        "language": "en",
        "content": "<p>hi</p>",
        "account": {"id": "3", "acct": "ann", "display_name": "Ann", "bot": False},
        "mentions": [{"id": ME}],
        "media_attachments": [{"url": None}],
        "quote": {"quoted_status": {"account": {"id": ME}}},
    }
)


def recordings(name: str) -> list[Any]:
    folder = os.environ.get("REPLYDESK_CONTRACTS")
    if not folder:
        pytest.skip("REPLYDESK_CONTRACTS names no folder of recordings")
    text = (Path(folder) / "mastodon" / name).read_text("utf-8")
    found: list[Any] = yaml.load(text, yaml.CSafeLoader)["interactions"]
    return found


@pytest.mark.parametrize(
    "name", ["test_notifications.yaml", "test_notifications_mentions_only.yaml"]
)
def test_recorded_notifications_are_read(name: str, fake: FakeMastodon) -> None:
    asked = [r for r in recordings(name) if "/notifications" in r["request"]["uri"]]
    (item, *_) = json.loads(asked[0]["response"]["body"]["string"])
    (told,) = item["status"]["mentions"]
    threads = Threads(told["id"], lambda _: [])
    (message,), malformed = threads.read([item], status_of_notification, told=True)
    assert malformed == ()
    assert (message.kind, message.visibility) == (Kind.MENTION, Visibility.PUBLIC)
    assert message.text.startswith("@")
    assert "http" not in message.text
    written_here = written(fake.posts[fake.mention("hi")], fake.people, fake.posts)
    assert written_here.keys() <= item["status"].keys()
    assert written_here["account"].keys() <= item["account"].keys()
    headers = {h.lower() for h in asked[0]["response"]["headers"]}
    assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"} <= headers


def test_a_recorded_reply_was_asked_for_as_we_ask(fake: FakeMastodon) -> None:
    reply = recordings("test_status_reply.yaml")[2]
    status = json.loads(reply["response"]["body"]["string"])
    message = parse_status(status, status["account"]["id"], "root")
    assert (message.direction, message.context) == (Direction.OUT, False)
    assert message.text == "@mastodonpy_test_2 same!"
    fields = {pair.partition("=")[0] for pair in reply["request"]["body"].split("&")}
    assert fields >= {"status", "in_reply_to_id", "visibility", "spoiler_text"}


def test_the_channel_needs_no_password_where_the_server_signs_in() -> None:
    assert CAPABILITIES.wanted({"sign_in": "oauth"}) == ()
    assert [s.name for s in CAPABILITIES.wanted({"sign_in": "token"})] == ["access_token"]
