"""The Bluesky connector reading public posts and signing in: what the common checks cannot know."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.bluesky import Connector
from connectors.bluesky.client import server_in
from connectors.bluesky.parse import UNREADABLE_ITEM, parse_message, parse_post
from connectors.bluesky.richtext import written_out
from connectors.core.contract import Author, Direction, Kind, Ref, Visibility
from connectors.core.errors import AuthExpired, AuthRevoked, RateLimited, Refused
from tests.connectors.fixtures.bluesky.harness import ANN
from tests.connectors.fixtures.bluesky.steps import connect, only, read
from tests.fakes.bluesky import PASSWORD, FakeBluesky
from tests.fakes.bluesky_items import CDN, ME, did_of, reference
from tests.fakes.http import Answer

FACET = "app.bsky.richtext.facet"


@pytest.fixture
def fake() -> Iterator[FakeBluesky]:
    with FakeBluesky() as fake:
        yield fake


def asked(fake: FakeBluesky, method: str) -> int:
    return sum(r.path == f"/xrpc/{method}" for r in fake.requests)


def mark(text: str, words: str, **feature: str) -> dict[str, Any]:
    start = len(text.partition(words)[0].encode())
    index = {"byteStart": start, "byteEnd": start + len(words.encode())}
    return {"index": index, "features": [feature]}


def test_a_mention_says_who_where_and_when(fake: FakeBluesky) -> None:
    post = fake.mention("@brand.example is the app down?", langs=["en"])
    message = only(fake)
    assert (message.external_id, message.conversation) == (post, post)
    assert message.author == Author(did_of(ANN), ANN, "Ann")
    assert (message.kind, message.visibility) == (Kind.MENTION, Visibility.PUBLIC)
    assert (message.direction, message.context) == (Direction.IN, False)
    assert message.platform == {"cid": fake.posts[post].cid, "langs": ["en"]}
    assert abs(message.sent_at - fake.posts[post].indexed_at) < timedelta(milliseconds=1)
    assert asked(fake, "app.bsky.feed.getPosts") == 0


def test_the_networks_time_counts_and_not_the_authors(fake: FakeBluesky) -> None:
    fake.mention("@brand.example hi", createdAt="2031-01-01T00:00:00Z")
    assert abs(only(fake).sent_at - fake.now()) < timedelta(minutes=1)


def test_a_comment_belongs_to_our_post_above_it(fake: FakeBluesky) -> None:
    root = fake.post("We are open again")
    bo = fake.post("Nice", "bo.example", above=root)
    first = fake.mention("not for me", above=bo)
    second = fake.mention("hello?", above=first)
    messages = {m.external_id: m for m in read(fake).messages}
    assert {m.conversation for m in messages.values()} == {root}
    assert messages[second].in_reply_to == first
    assert messages[second].kind is Kind.COMMENT
    assert messages[second].platform["root"] == {"uri": root, "cid": fake.posts[root].cid}
    assert [m.external_id for m in messages.values() if m.context] == [root]
    assert messages[root].direction is Direction.OUT
    assert not messages[bo].context  # a comment under our post
    assert list(messages)[:2] == [root, bo]
    assert asked(fake, "app.bsky.feed.getPosts") == 1


def test_strangers_above_a_mention_are_context(fake: FakeBluesky) -> None:
    root = fake.post("Who knows a bank?", "cy.example")
    fake.mention("@brand.example maybe?", above=root, reason="mention")
    above, mention = read(fake).messages
    assert (above.external_id, above.context, mention.context) == (root, True, False)


def test_whoever_writes_deep_below_our_comment_in_a_strangers_thread_is_a_customer(
    fake: FakeBluesky,
) -> None:
    root = fake.post("Who knows a bank?", "cy.example")
    ours = fake.post("We do", above=root)
    bo = fake.mention("Really?", "bo.example", above=ours)
    ann = fake.mention("I doubt it", above=bo)
    cy = fake.mention("Me too", "cy.example", above=ann)
    connector = connect(fake)
    seen: dict[str, bool] = {}
    for n in (-1, -2, -3):  # one a page, newest first
        told = fake.told[n]
        fake.told, kept = [told], fake.told
        for message in connector.pull("notifications", {}).messages:
            seen.setdefault(message.external_id, message.context)  # what came first stays
        fake.told = kept
    assert seen == {root: True, ours: False, bo: False, ann: False, cy: False}


def test_a_strange_address_above_holds_up_no_page(fake: FakeBluesky) -> None:
    root = fake.post("News")
    post = fake.mention("hello", above=root)
    fake.fault("*.getPosts", Answer(400, {"error": "InvalidRequest", "message": "bad uri"}))
    assert [m.external_id for m in connect(fake).pull("notifications", {}).messages] == [post]


def test_quotes_are_for_us_also_when_asked_for_again(fake: FakeBluesky) -> None:
    news = reference(fake.posts[fake.post("News!")])["parent"]
    plain = {"$type": "app.bsky.embed.record", "record": news}
    deep = {"$type": "app.bsky.embed.recordWithMedia", "record": {"record": news}}
    uris = [fake.mention("Look", reason="quote", embed=embed) for embed in (plain, deep)]
    assert [m.context for m in read(fake).messages] == [False, False]
    refs = [Ref(u, u, Kind.MENTION, Visibility.PUBLIC) for u in uris]
    assert [m.context for m in connect(fake).fetch(refs).messages] == [False, False]


def test_pictures_come_with_their_address(fake: FakeBluesky) -> None:
    image = {"image": {"ref": {"$link": "bafk"}}, "alt": ""}
    fake.mention("look", embed={"$type": "app.bsky.embed.images", "images": [image, image]})
    urls = [a.url for a in only(fake).attachments]
    assert urls == [f"{fake.url}{CDN}/0", f"{fake.url}{CDN}/1"]


def test_a_post_indexed_late_is_not_lost(fake: FakeBluesky) -> None:
    fake.mention("first")
    late = fake.mention("late", late=True)
    fake.advance(60)
    fake.mention("newest")
    cursor = read(fake).cursor
    fake.told.insert(-1, ("mention", late))
    fake.advance(60)
    assert late in {m.external_id for m in read(fake, cursor=cursor).messages}


def test_a_later_look_stops_where_the_last_one_began() -> None:
    with FakeBluesky(page_limit=3) as fake:
        for number in range(9):
            fake.mention(f"old {number}")
        fake.advance(3600)
        cursor = read(fake).cursor
        new = fake.mention("new")
        before = asked(fake, "app.bsky.notification.listNotifications")
        assert new in {m.external_id for m in read(fake, cursor=cursor).messages}
        assert asked(fake, "app.bsky.notification.listNotifications") == before + 1


def test_a_forgotten_page_token_begins_again_at_the_top(fake: FakeBluesky) -> None:
    post = fake.mention("hello")
    cursor = {"floor": None, "ceiling": "5", "next": "who knows"}
    page = connect(fake).pull("notifications", cursor)
    assert (page.messages, page.cursor["next"], page.more) == ((), None, False)
    assert [m.external_id for m in read(fake, cursor=page.cursor).messages] == [post]


def test_our_answers_come_back_and_our_other_posts_are_context(fake: FakeBluesky) -> None:
    post = fake.mention("hello")
    news = fake.post("News!")
    more = fake.post("More news!", above=news)
    reply = fake.post("Good morning", above=post)
    again = fake.post("And good night", above=reply)
    named = "Look, @ann.example"
    call = fake.post(named, facets=[mark(named, "@ann.example", did=did_of(ANN))])
    own = {m.external_id: m for m in read(fake, "replies").messages}
    contexts = {news: True, more: True, reply: False, again: False, call: False}
    assert {i: m.context for i, m in own.items() if i != post} == contexts
    assert all(m.direction is Direction.OUT for i, m in own.items() if i != post)
    assert own[again].conversation == post


def test_what_we_pass_on_is_not_ours(fake: FakeBluesky) -> None:
    theirs = fake.posts[fake.post("Nice day", "bo.example")]
    entry = {"post": {"uri": theirs.uri}, "reason": {"$type": "#reasonRepost"}}
    fake.fault("*.getAuthorFeed", Answer(200, {"feed": [entry]}))
    page = connect(fake).pull("replies", {})
    assert (page.messages, page.malformed) == ((), ())


def test_the_first_look_at_our_own_posts_goes_back_one_page() -> None:
    with FakeBluesky(page_limit=3) as fake:
        posts = [fake.post(f"News {n}") for n in range(7)]
        first = read(fake, "replies")
        assert {m.external_id for m in first.messages} == set(posts[-3:])
        fake.advance(3600)
        new = [fake.post(f"More {n}") for n in range(5)]
        later = {m.external_id for m in read(fake, "replies", first.cursor).messages}
        assert set(new) <= later


@pytest.mark.parametrize(
    ("text", "words", "url", "said"),
    [
        ("👋 see a.example/lo...", "a.example/lo...", "https://a.example/long", "👋 see {url}"),
        ("see https://a.example/", "https://a.example/", "https://a.example/", "see {url}"),
        ("您 bank.example", "bank.example", "https://evil.example", "您 bank.example ({url})"),
        ("here it is", "here", "https://a.example", "here ({url}) it is"),
    ],
)
def test_links_are_written_out(text: str, words: str, url: str, said: str) -> None:
    marks = [mark(text, words, uri=url)]
    assert written_out(text, marks) == said.format(url=url)
    assert written_out(text, None) == text


def test_links_over_one_another_are_written_out_once() -> None:
    marks = [mark("see here now", "here now", uri=f"https://{n}.example") for n in "ba"]
    marks += [mark("see here now", "now", uri="https://c.example"), {"index": {}, "features": 5}]
    assert written_out("see here now", marks) == "see here now (https://a.example)"


def test_deleted_posts_are_gone_and_the_others_are_told_again(fake: FakeBluesky) -> None:
    root = fake.post("News")
    uris = [fake.mention(f"hello {n}", above=root) for n in range(30)]
    fake.delete(uris[3])
    refs = [Ref(u, root, Kind.COMMENT, Visibility.PUBLIC) for u in uris]
    told = connect(fake).fetch(refs)
    assert told.gone == (uris[3],)
    assert len(told.messages) == 29


def test_a_used_up_quota_says_when_it_comes_back() -> None:
    with FakeBluesky(quota=1) as fake:
        fake.mention("hello")
        page = connect(fake).pull("notifications", {})
        assert page.not_before is not None
        assert page.not_before.tzinfo is UTC
        with pytest.raises(RateLimited) as e:
            connect(fake).pull("notifications", {})
        assert e.value.resets_at is not None
        assert timedelta(0) < e.value.resets_at - fake.now() <= timedelta(minutes=5)


def test_a_new_account_signs_in_with_its_app_password(fake: FakeBluesky) -> None:
    new = connect(fake, app_password=PASSWORD)
    assert new.check().external_id == ME
    with pytest.raises(AuthExpired):
        new.pull("notifications", {})
    fresh = new.renew()
    assert {"access_jwt", "refresh_jwt", "did"} <= fresh.secrets.keys()
    assert fresh.expires_at is not None
    assert timedelta(hours=1) < fresh.expires_at - fake.now() <= timedelta(hours=2)
    signed_in = connect(fake, **fresh.secrets)
    assert signed_in.check().handle == "@brand.example"


def test_both_tokens_are_replaced_and_a_used_one_falls_back_to_the_password(
    fake: FakeBluesky,
) -> None:
    account = fake.account()
    first = Connector(account, fake.now).renew().secrets
    assert first["access_jwt"] != account.secrets["access_jwt"]
    assert first["refresh_jwt"] != account.secrets["refresh_jwt"]
    assert asked(fake, "com.atproto.server.createSession") == 0
    again = Connector(account, fake.now).renew().secrets  # its refresh token is used up
    assert asked(fake, "com.atproto.server.createSession") == 1
    connect(fake, **again).check()


def test_a_refused_password_asks_for_a_person(fake: FakeBluesky) -> None:
    wrong = connect(fake, app_password="wrong")
    for call in (wrong.check, wrong.renew):
        with pytest.raises(AuthRevoked, match="app password"):
            call()
    with pytest.raises(AuthRevoked):
        connect(fake, refresh_jwt="old").renew()


def test_the_accounts_own_server_is_followed_unless_a_base_url_is_set(fake: FakeBluesky) -> None:
    service = {"id": "#atproto_pds", "serviceEndpoint": "https://pds.example/"}
    fake.did_doc = {"service": [{"id": "#other"}, service]}
    fresh = connect(fake).renew()
    assert fresh.secrets["pds"] == "https://pds.example"
    here = replace(fake.account(), secrets={**fake.tokens, "pds": "http://127.0.0.1:9"})
    assert Connector(here, fake.now).check().external_id == ME
    moved = replace(here, base_url=None, secrets={**fake.tokens, "pds": fake.url})
    assert Connector(moved, fake.now).check().external_id == ME
    assert server_in({"service": [{**service, "serviceEndpoint": "http://pds.example"}]}) is None


def test_a_password_without_direct_messages_is_told_and_the_rest_goes_on() -> None:
    with FakeBluesky() as fake:
        fake.scope = "com.atproto.appPass"
        words = {"error": "InvalidToken", "message": "Bad token method"}
        fake.fault("*.getLog", Answer(400, words))  # the newer words; the fake says the older ones
        fresh = connect(fake, app_password=PASSWORD).renew().secrets
        connector = connect(fake, **fresh)
        assert "direct messages" in connector.check().missing[0]
        for _ in range(2):
            with pytest.raises(Refused, match="app password"):
                connector.pull("dms", {})
        fake.mention("hello")
        assert len(connector.pull("notifications", {}).messages) == 1


@pytest.mark.parametrize("name", ["AccountTakedown", "AccountDeactivated"])
def test_a_blocked_account_asks_for_a_person(fake: FakeBluesky, name: str) -> None:
    fake.fault("*", Answer(400, {"error": name, "message": "Account has been taken down"}))
    with pytest.raises(AuthRevoked):
        connect(fake).pull("notifications", {})


POST = {
    "uri": f"at://{did_of(ANN)}/app.bsky.feed.post/3l6oveex3ii2l",
    "cid": "bafyrei1",
    "author": {"did": did_of(ANN), "handle": ANN, "displayName": "Ann"},
    "indexedAt": "2026-11-20T09:15:32.100Z",
    "embed": {"images": [{"fullsize": "https://a.example"}], "thumbnail": None, "media": None},
    "record": {
        "text": "still broken",
        "langs": ["en"],
        "facets": [{"index": {"byteStart": 1, "byteEnd": 3}, "features": [{"uri": "https://a"}]}],
        "reply": {"root": {"uri": f"at://{ME}/a.b/1", "cid": "c"}, "parent": None},
        "embed": {"record": {"record": {"uri": f"at://{ME}/a.b/2"}}},
    },
}
MESSAGE = {
    "id": "3kmsg",
    "text": "hi",
    "sender": {"did": ME},
    "sentAt": "2026-11-20T09:16:00.000Z",
    "facets": [],
}
ODD: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.just("0001-01-01T00:00:00+05:00")
    | st.sampled_from([[None], [1], {}, [{}], [{"index": 1, "features": [1]}], {"a": 1}])
)


def places(value: Any) -> list[dict[str, Any]]:
    """All objects inside a JSON value."""
    if isinstance(value, list):
        return [found for v in value for found in places(v)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for v in value.values() for found in places(v))]


@settings(deadline=None, max_examples=300)
@given(st.data(), st.sampled_from([POST, MESSAGE]))
def test_an_odd_item_is_read_or_raises_what_is_caught(data: st.DataObject, item: Any) -> None:
    item = deepcopy(item)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from([p for p in places(item) if p]))
        place[data.draw(st.sampled_from(sorted(place)))] = deepcopy(data.draw(ODD))
    try:
        if "uri" in item:
            message = parse_post(item, ME)
        else:
            message = parse_message(item, "3kconvo", ME, {}) or parse_post(POST, ME)
    except UNREADABLE_ITEM:
        return
    assert isinstance(message.sent_at, datetime)
    json.dumps(dict(message.platform))
