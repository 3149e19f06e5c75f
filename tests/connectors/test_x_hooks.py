"""X calling us: the X Activity API, genuine and otherwise."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors.core.contract import (
    Account,
    Attachment,
    Author,
    Deletion,
    Direction,
    HookAnswer,
    HookRequest,
    Kind,
    Visibility,
)
from connectors.core.errors import AuthExpired, Refused
from connectors.x import Connector
from connectors.x.hooks import SIGNATURE, sign
from tests.connectors.fixtures.x.steps import called, connect, only, read, signed_in
from tests.fakes.http import Answer
from tests.fakes.x import ME, FakeX
from tests.fakes.x_hooks import EVENTS

BODY = rb'{"a":1,"t":"h\u00e9llo"}'
URL = "https://desk.example/hooks/x/key"


@pytest.fixture
def fake() -> Iterator[FakeX]:
    with FakeX() as fake:
        yield fake


def told(fake: FakeX, event: Any) -> HookAnswer:
    """The answer to a signed call with this JSON, or these bytes."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return signed_in(fake).receive(called(fake, body))


def test_known_signatures() -> None:
    """Made with X's own validators in other languages."""
    assert len(BODY) == 24
    assert sign("xsecret", b"challenge123") == "sha256=9Mmth/o+WcxpfdOyCHuGmMWC5jjq/grr+vemv+R/Zhc="
    assert sign("xsecret", BODY) == "sha256=KshT8XBp6REnEyibEsWR6PZ+sQNcwE9wjigItUEiAmA="


def test_the_known_vectors_pass_the_door(fake: FakeX) -> None:
    account = fake.account()
    keyed = replace(account, secrets={**account.secrets, "consumer_secret": "xsecret"})
    connector = Connector(keyed, fake.now)
    query = {"crc_token": "challenge123", "nonce": "1"}
    asked = connector.receive(HookRequest("GET", "/h", {}, query, b"", fake.now()))
    expected = "sha256=9Mmth/o+WcxpfdOyCHuGmMWC5jjq/grr+vemv+R/Zhc="
    assert (asked.status, asked.body) == (200, {"response_token": expected})
    headers = {SIGNATURE: "sha256=KshT8XBp6REnEyibEsWR6PZ+sQNcwE9wjigItUEiAmA="}
    call = HookRequest("POST", "/h", headers, {}, BODY, fake.now())
    assert connector.receive(call).status == 200
    assert connector.receive(replace(call, body=BODY + b" ")).status == 401


@pytest.mark.parametrize("told_by", [None, "", "sha256=", "sha1=AAAA", "sha256=\u00e9\udc80"])
def test_a_call_without_the_right_signature_brings_nothing(
    fake: FakeX, told_by: str | None
) -> None:
    fake.dm("Hello")
    call = called(fake, fake.event("dm.received", fake.dms[-1]))
    headers = {} if told_by is None else {SIGNATURE: told_by}
    answer = signed_in(fake).receive(replace(call, headers=headers))
    assert (answer.status, answer.messages) == (401, ())


def test_without_the_secret_nobody_is_believed(fake: FakeX) -> None:
    account = fake.signed_in()
    blind = replace(account, secrets={**account.secrets, "webhook_secret": ""})
    fake.dm("Hello")
    call = called(fake, fake.event("dm.received", fake.dms[-1]))
    forged = replace(call, headers={SIGNATURE: sign("", call.body)})
    question = HookRequest("GET", "/h", {}, {"crc_token": "t"}, b"", fake.now())
    for request in (call, forged, question):
        assert Connector(blind, fake.now).receive(request).status == 401


def test_a_direct_message_is_the_one_that_the_list_shows(fake: FakeX) -> None:
    fake.dm("See https://shop.example/a?b=1&c=2 & <this>", "ann", pictures=(b"x" * 100,))
    answer = told(fake, fake.event("dm.received", fake.dms[-1]))
    listed = only(fake, "dms")
    assert answer.messages == (listed,)
    assert listed.text == "See https://shop.example/a?b=1&c=2 & <this>"
    assert listed.author == Author(fake.user("ann"), "ann", "Ann")
    assert listed.conversation == f"{ME}-{fake.user('ann')}"
    assert (listed.kind, listed.visibility) == (Kind.DM, Visibility.PRIVATE)


def test_our_own_message_comes_back_as_ours(fake: FakeX) -> None:
    fake.dm("On its way", own=True)
    (message,) = told(fake, fake.event("dm.sent", fake.dms[-1])).messages
    assert message.direction is Direction.OUT
    assert message == only(fake, "dms")


@pytest.mark.parametrize("spelling", ["tweet", "post"])
def test_a_mention_is_the_one_that_the_list_shows(spelling: str) -> None:
    with FakeX(spelling="post" if spelling == "post" else "tweet") as fake:
        root = fake.own_post("We are open")
        fake.mention("@brand is it?", replied_to=root, pictures=(b"x" * 100,))
        (message,) = told(fake, fake.event("post.mention.create", fake.posts[-1])).messages
        assert message == only(fake, "mentions")
        assert message.attachments == (Attachment(fake.posts[-1].media[0]["url"]),)


def test_an_untagged_answer_is_the_one_that_search_finds(fake: FakeX) -> None:
    fake.mention("It does not work", replied_to=fake.own_post("Open"), untagged=True)
    (message,) = told(fake, fake.event("post.reply.create", fake.posts[-1])).messages
    (page,) = read(connect(fake, search="on"), "search")
    assert message in page.messages
    assert (message.kind, message.context) == (Kind.COMMENT, False)


def test_our_own_thread_is_no_answer(fake: FakeX) -> None:
    fake.own_post("More of it", replied_to=fake.own_post("News"))
    event = json.loads(fake.event("post.reply.create", fake.posts[-1]))
    del event["data"]["payload"]["in_reply_to_user_id"]
    (message,) = told(fake, event).messages
    assert (message.direction, message.context) == (Direction.OUT, True)


def test_a_quote_of_our_post_may_be_answered_in_public(fake: FakeX) -> None:
    fake.mention("Look at this", quoted=fake.own_post("We are open"))
    (message,) = told(fake, fake.event("post.quote.create", fake.posts[-1])).messages
    assert (message.context, message.can_reply_publicly) == (False, True)


def test_a_deleted_post_of_ours_is_told(fake: FakeX) -> None:
    post = fake.own_post("Too early")
    request = called(fake, fake.event("post.delete", fake.posts[-1]))
    answer = signed_in(fake).receive(request)
    assert answer.events == (Deletion(post, request.received_at),)
    assert answer.messages == ()


def test_the_same_call_twice_brings_the_same(fake: FakeX) -> None:
    fake.dm("Hello")
    call = called(fake, fake.event("dm.received", fake.dms[-1]))
    first, second = (signed_in(fake).receive(call) for _ in range(2))
    assert first == second


def test_an_unreadable_message_does_not_hide_the_next(fake: FakeX) -> None:
    fake.dm("Hello")
    event = json.loads(fake.event("dm.received", fake.dms[-1]))
    event["data"]["payload"]["direct_message_events"].insert(0, {"id": "1"})
    answer = told(fake, event)
    assert [m.text for m in answer.messages] == ["Hello"]
    assert [b.raw for b in answer.malformed] == [{"id": "1"}]


def odd(kind: str, payload: object) -> dict[str, object]:
    return {"data": {"event_type": kind, "filter": {"user_id": ME}, "payload": payload}}


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "text",
        {},
        {"id": 5},
        {"id": "5", "author_id": None, "created_at": 7},
        {"direct_message_events": [None]},
        {"direct_message_events": 5},
        {"direct_message_events": [{"message_create": {"message_data": {"text": 5}}}]},
        {"id": "9" * 40, "author_id": "2", "text": "far ahead"},
        {"referenced_tweets": [5]},
    ],
)
def test_an_odd_payload_is_set_aside(fake: FakeX, kind: str, payload: object) -> None:
    answer = told(fake, odd(kind, payload))
    assert answer.status == 200
    assert answer.messages == ()
    assert len(answer.malformed) + len(answer.events) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"for_user_id": ME, "direct_message_events": [{"id": "1"}], "users": {}},
        {"data": {"event_type": "dm.read", "filter": {"user_id": ME}, "payload": {}}},
        {"data": {"event_type": "dm.received", "filter": {"user_id": "999"}, "payload": {}}},
        {"data": {"event_type": "oauth.revoke", "filter": {}, "payload": {"user_id": ME}}},
        {"data": None},
        [],
    ],
    ids=["deprecated", "unknown", "another account", "no account", "nothing", "list"],
)
def test_a_genuine_call_without_news_is_answered(fake: FakeX, body: object) -> None:
    answer = told(fake, body)
    assert (answer.status, answer.messages, answer.malformed) == (200, (), ())


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000])
def test_a_signed_body_that_is_no_json_is_set_aside(fake: FakeX, body: bytes) -> None:
    answer = told(fake, body)
    assert (answer.status, len(answer.malformed)) == (200, 1)


# Registering


def test_x_is_told_where_to_call_for_what(fake: FakeX) -> None:
    said = signed_in(fake).subscribe(URL)
    assert URL in said
    assert "direct messages" in said
    (webhook,) = fake.hooks.webhooks.values()
    asked = [(s["event_type"], s["filter"], s["webhook_id"]) for s in fake.hooks.subscriptions]
    assert asked == [(e, {"user_id": ME}, webhook["id"]) for e in sorted(EVENTS, key=asked_order)]


def asked_order(event: str) -> int:
    order = ("dm.received", "dm.sent", "post.mention", "post.reply", "post.quote", "post.delete")
    return next(n for n, name in enumerate(order) if event.startswith(name))


def test_asking_again_changes_nothing_but_wakes_the_webhook(fake: FakeX) -> None:
    signed_in(fake).subscribe(URL)
    (webhook,) = fake.hooks.webhooks.values()
    webhook["valid"] = False
    before = list(fake.hooks.subscriptions)
    said = signed_in(fake).subscribe(URL)
    assert fake.hooks.subscriptions == before
    assert webhook["valid"]
    assert "mentions" in said


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("CrcValidationFailed", "can be reached from the internet"),
        ("UrlValidationFailed", "https://"),
        ("WebhookLimitExceeded", "Remove one"),
        ("SomethingNew", "SomethingNew"),
    ],
)
def test_a_refused_address_is_explained(fake: FakeX, reason: str, words: str) -> None:
    fake.hooks.refuses = reason
    with pytest.raises(Refused, match=words):
        signed_in(fake).subscribe(URL)
    assert fake.hooks.subscriptions == []


def test_an_address_with_a_port_is_refused(fake: FakeX) -> None:
    with pytest.raises(Refused, match="names no port"):
        signed_in(fake).subscribe("https://desk.example:8443/hooks/x")


def test_keys_alone_are_told_what_x_withholds(fake: FakeX) -> None:
    said = connect(fake).subscribe(URL)
    assert f"X calls {URL} for: quotes of our posts, deletions of our posts." in said
    assert "Not for direct messages:" in said
    assert "OAuth 2.0" in said


@pytest.mark.parametrize("token", ["", "wrong"])
def test_the_apps_bearer_token_is_asked_for(fake: FakeX, token: str) -> None:
    account = fake.signed_in()
    without = replace(account, secrets={**account.secrets, "bearer_token": token})
    with pytest.raises(Refused, match="bearer token") as e:
        Connector(without, fake.now).subscribe(URL)
    assert "wrong" not in str(e.value)


def test_a_stale_token_is_renewed_before_subscribing(fake: FakeX) -> None:
    connector = signed_in(fake)
    fake.sign_ins.expire()
    with pytest.raises(AuthExpired):
        connector.subscribe(URL)


def test_a_webhook_without_an_id_is_not_taken_for_one(fake: FakeX) -> None:
    fake.fault("/2/webhooks", Answer(200, {"data": {}}))
    with pytest.raises(Refused):
        signed_in(fake).subscribe(URL)


class Desk(HTTPServer):
    """Replydesk's door, as far as X can see it."""

    def __init__(self, fake: FakeX, account: Account) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.url = f"http://127.0.0.1:{self.server_port}/hooks/x"
        self.connector, self.fake = Connector(account, fake.now), fake
        self.answers: list[HookAnswer] = []


class _Door(BaseHTTPRequestHandler):
    server: Desk

    def log_message(self, format: str, *args: object) -> None:
        """Tests want silence."""

    def answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(parts.query))
        now = self.server.fake.now()
        request = HookRequest(self.command, parts.path, headers, query, body, now)
        told = self.server.connector.receive(request)
        self.server.answers.append(told)
        self.send_response(told.status)
        self.end_headers()
        self.wfile.write(json.dumps(told.body).encode())

    do_GET = do_POST = answer  # noqa: N815 - http.server's names


def test_x_asks_the_door_and_then_calls_it(fake: FakeX) -> None:
    """Over real sockets: the registration is refused to a wrong secret, then a customer writes."""
    account = fake.signed_in()
    with Desk(fake, account) as desk:
        threading.Thread(target=desk.serve_forever, args=(0.02,), daemon=True).start()
        wrong = {**account.secrets, "webhook_secret": "wrong"}
        desk.connector = Connector(replace(account, secrets=wrong), fake.now)
        with pytest.raises(Refused, match="did not get the right answer"):
            desk.connector.subscribe(desk.url)
        desk.connector = Connector(account, fake.now)
        desk.connector.subscribe(desk.url)
        fake.dm("Hello")
        fake.hooks.call(fake.event("dm.received", fake.dms[-1]))
        desk.shutdown()
    assert [m.text for m in desk.answers[-1].messages] == ["Hello"]
