"""LINE's own rules: signatures, events, groups, retry keys, the month's quota."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.core.contract import (
    Account,
    Attachment,
    Author,
    Budget,
    Deletion,
    Kind,
    Message,
    Outgoing,
    Visibility,
)
from connectors.core.errors import OutcomeUnknown, Refused, Transient, Unsupported
from connectors.line import CAPABILITIES, Connector, is_signed
from connectors.line.parse import STANDBY
from tests.connectors.openapi import hold
from tests.fakes.http import Request
from tests.fakes.line import BOT, SECRETS, FakeLine, signature

API, HOOK = "line/messaging-api.yml", "line/webhook.yml"
BODY = b'{"a":1,"t":"h\\u00e9llo"}'  # the escape is literal; LINE signs bytes, not meaning


@pytest.fixture
def fake() -> Iterator[FakeLine]:
    with FakeLine() as fake:
        yield fake


def connect(fake: FakeLine, **settings: Any) -> Connector:
    return Connector(fake.account(**settings), fake.now)


def received(fake: FakeLine, *events: dict[str, Any], **settings: Any) -> tuple[Message, ...]:
    answer = connect(fake, **settings).receive(fake.request(*events))
    assert (answer.status, answer.malformed) == (200, ())
    return answer.messages


def answer_to(message: Message, text: str, fake: FakeLine, key: str = "1" * 32) -> Outgoing:
    assert message.author is not None
    where = (message.conversation, message.external_id, message.author, text)
    place = (message.visibility, message.kind, fake.now())
    return Outgoing(key, *where, *place, platform=message.platform)


def test_the_signature_is_lines(fake: FakeLine) -> None:
    """The vector was checked against line-bot-sdk's validator."""
    assert is_signed("rCD5q5D6gslKZQwMhFwj1+NDJ9DPhbNU6b2GDD4pMkk=", BODY, "lsecret")
    assert not is_signed("rCD5q5D6gslKZQwMhFwj1+NDJ9DPhbNU6b2GDD4pMkk=", BODY + b" ", "lsecret")
    assert not is_signed("\udcff", BODY, "lsecret")


def test_without_the_channel_secret_nothing_is_believed(fake: FakeLine) -> None:
    call = fake.request(fake.message("Hi"))
    empty = replace(call, headers={"x-line-signature": signature(call.body, "")})
    for secrets in ({}, {"access_token": SECRETS["access_token"]}):
        connector = Connector(replace(fake.account(), secrets=secrets), fake.now)
        assert connector.receive(call).status == connector.receive(empty).status == 401
    assert connect(fake).receive(replace(call, headers={})).status == 401


def test_a_message_says_who_where_and_when(fake: FakeLine) -> None:
    (message,) = received(fake, fake.message("Where is my refund?", "ann", quotedMessageId="460"))
    assert message.conversation == fake.person("ann")
    assert message.author == Author(fake.person("ann"), name="Ann Example")
    assert (message.kind, message.visibility) == (Kind.DM, Visibility.PRIVATE)
    assert message.external_id == fake.events[0]["message"]["id"]
    assert message.in_reply_to == "460"
    assert abs(message.sent_at - fake.now()) < timedelta(seconds=5)
    assert not message.context


def test_a_redelivered_event_is_the_same_message(fake: FakeLine) -> None:
    event = fake.message("Hi")
    first = connect(fake).receive(fake.request(event)).messages
    assert connect(fake).receive(fake.redelivered(event)).messages == first


def test_one_unreadable_event_does_not_stop_the_others(fake: FakeLine) -> None:
    broken = [
        fake.message("x") | {"timestamp": "noon"},
        fake.message("x") | {"timestamp": 10**30},
        fake.message("x") | {"source": None},
        fake.message("x") | {"message": {"type": "text", "id": "9", "text": 7}},
        fake.message("x") | {"message": {"type": "image"}},
        {"type": ["message"]},
        {},
    ]
    calls = fake.request(fake.message("Before"), *broken, fake.message("After"))
    answer = connect(fake).receive(calls)
    assert [m.text for m in answer.messages] == ["Before", "After"]
    assert [m.raw for m in answer.malformed] == broken


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff\xfe", b'{"destination":"U"}', b"[" * 9999])
def test_a_signed_call_that_is_none_goes_to_quarantine(fake: FakeLine, body: bytes) -> None:
    call = replace(fake.request(), body=body, headers={"x-line-signature": signature(body)})
    answer = connect(fake).receive(call)
    assert (answer.status, answer.messages, len(answer.malformed)) == (200, (), 1)


def test_what_is_no_message_is_passed_over(fake: FakeLine) -> None:
    kinds = ("follow", "unfollow", "join", "memberJoined", "beacon", "invented2027")
    assert received(fake, *(fake.event(kind) for kind in kinds)) == ()


def test_an_unsent_message_is_deleted(fake: FakeLine) -> None:
    said = fake.message("My card is 12")["message"]["id"]
    answer = connect(fake).receive(fake.request(fake.unsend(said)))
    (gone,) = answer.events
    assert isinstance(gone, Deletion)
    assert gone.external_id == said
    assert answer.messages == ()


def test_a_tapped_button_is_shown_and_opens_nothing(fake: FakeLine) -> None:
    (tap,) = received(fake, fake.event("postback", postback={"data": "menu=refund"}))
    assert (tap.text, tap.context) == ("[menu=refund]", True)
    assert tap.external_id == fake.events[0]["webhookEventId"]


def test_stickers_places_and_kinds_to_come_have_words(fake: FakeLine) -> None:
    hello: dict[str, Any] = {"packageId": "1", "stickerId": "2", "stickerResourceType": "STATIC"}
    place: dict[str, Any] = {"title": "Our shop", "latitude": 35.65, "longitude": 139.7}
    said = received(
        fake,
        fake.message(type="sticker", keywords=["hi", "wave"], **hello),
        fake.message("Thanks!", type="sticker", **hello),
        fake.message(type="location", **place),
        fake.message(type="hologram"),
    )
    texts = ["[sticker: hi, wave]", "[sticker: Thanks!]", "Our shop\n35.65, 139.7", "[hologram]"]
    assert [m.text for m in said] == texts


def test_files_are_named_by_their_message(fake: FakeLine) -> None:
    outside = {"type": "external", "originalContentUrl": "https://files.example/a.jpg"}
    picture, document, linked = received(
        fake,
        fake.picture(b"x" * 1000),
        fake.message(type="file", fileName="bill.pdf", fileSize=2048),
        fake.message(type="image", contentProvider=outside),
    )
    assert picture.attachments == (Attachment(mime="image/jpeg", ref=picture.external_id),)
    assert document.attachments == (
        Attachment(name="bill.pdf", size=2048, ref=document.external_id),
    )
    assert linked.attachments == (Attachment("https://files.example/a.jpg", "image/jpeg"),)


def test_a_file_in_preparation_comes_later_and_a_lost_one_never(fake: FakeLine) -> None:
    (picture,) = received(fake, fake.picture(b"x" * 1000))
    fake.fault("*/content", "preparing")
    with pytest.raises(Transient):
        connect(fake).download(picture.attachments[0], 5000)
    assert connect(fake).download(picture.attachments[0], 5000).mime == "image/jpeg"
    fake.files.clear()
    with pytest.raises(Refused):
        connect(fake).download(picture.attachments[0], 5000)


@pytest.mark.parametrize("kind", ["C", "R"])
def test_in_a_group_who_mentions_us_is_a_customer(fake: FakeLine, kind: str) -> None:
    group = fake.group("savers", kind)
    us = {"mentionees": [{"type": "user", "index": 0, "length": 6, "isSelf": True}]}
    everybody = {"mentionees": [{"type": "all", "index": 0, "length": 4}]}
    call, chat, loud = received(
        fake,
        fake.message("@Brand is the app down?", "bo", group, mention=us),
        fake.message("works for me", "ann", group),
        fake.message("@All hi", "ann", group, mention=everybody),
    )
    assert (call.kind, call.context) == (Kind.MENTION, False)
    assert (chat.kind, chat.context, loud.context) == (Kind.COMMENT, True, True)
    assert {m.conversation for m in (call, chat)} == {group}
    assert call.visibility is Visibility.PUBLIC
    assert call.author == Author(fake.person("bo"), name="Bo Example")


def test_groups_may_count_wholly_or_not_at_all(fake: FakeLine) -> None:
    said = fake.message("anybody from the brand here?", "ann", fake.group("savers"))
    (all_,) = received(fake, said, groups="all")
    assert not all_.context
    assert received(fake, said, groups="none") == ()


def test_a_person_whom_a_group_hides_is_the_group(fake: FakeLine) -> None:
    group = fake.group("savers")
    (message,) = received(fake, fake.message("hi", "", group))
    assert message.author == Author(group)
    assert fake.requests == []  # there is nobody to ask for


def test_an_answer_in_a_group_goes_to_the_group_and_quotes(fake: FakeLine) -> None:
    group = fake.group("savers")
    us = {"mentionees": [{"type": "user", "index": 0, "length": 6, "isSelf": True}]}
    (asked,) = received(fake, fake.message("@Brand help", "bo", group, mention=us))
    connect(fake).send(answer_to(asked, "Here we are.", fake))
    quoted = {"type": "text", "text": "Here we are.", "quoteToken": f"q{asked.external_id}"}
    assert fake.requests[-1].json == {"to": group, "messages": [quoted]}
    private = replace(
        answer_to(asked, "Psst", fake, "2" * 32),
        visibility=Visibility.PRIVATE,
        answers_visibility=Visibility.PUBLIC,
    )
    with pytest.raises(Unsupported):
        connect(fake).send(private)
    assert fake.sent == ["Here we are."]


def test_a_call_waits_for_few_names_and_fails_for_none(fake: FakeLine) -> None:
    names = ["ann", "bo", "cy"]
    said = received(fake, *(fake.message("hi", n) for n in names), fake.message("again", "bo"))
    told = [m.author.name for m in said if m.author]
    assert told == ["Ann Example", "Bo Example", None, "Bo Example"]
    for fault in ("unavailable", "garbled", "lost"):
        fake.fault("/v2/bot/profile/*", fault)
        (nameless,) = received(fake, fake.message("hi", "ann"))
        assert nameless.author == Author(fake.person("ann"))


def test_a_repeat_after_a_lost_answer_is_the_first_message(fake: FakeLine) -> None:
    (asked,) = received(fake, fake.message("Hi"))
    reply = answer_to(asked, "Hello", fake)
    fake.fault("*/push", "lost")
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)
    again = connect(fake).send(reply)
    assert fake.sent == ["Hello"]
    assert again.external_id == connect(fake).send(reply).external_id
    assert again.external_id.isdigit()
    key = fake.requests[-1].headers["x-line-retry-key"]
    assert key == "11111111-1111-1111-1111-111111111111"


def test_another_text_under_a_known_key_is_refused(fake: FakeLine) -> None:
    (asked,) = received(fake, fake.message("Hi"))
    connect(fake).send(answer_to(asked, "Hello", fake))
    with pytest.raises(Refused):
        connect(fake).send(answer_to(asked, "Something else", fake))


def test_nothing_is_repeated_once_line_forgot_the_key(fake: FakeLine) -> None:
    (asked,) = received(fake, fake.message("Hi"))
    reply = answer_to(asked, "Hello", fake)
    fake.advance(24 * 3600)
    before = len(fake.requests)
    with pytest.raises(Refused, match="day old"):
        connect(fake).send(reply)
    assert len(fake.requests) == before


def test_a_chat_in_standby_is_kept_and_not_answered(fake: FakeLine) -> None:
    (asked,) = received(fake, fake.message("Hi") | {"mode": "standby"})
    assert (asked.can_reply_publicly, asked.reply_note) == (False, STANDBY)
    assert not asked.context
    with pytest.raises(Refused, match="standby"):
        connect(fake).send(answer_to(asked, "Hello", fake))
    assert fake.sent == []


def test_a_used_up_month_is_no_matter_of_waiting(fake: FakeLine) -> None:
    (asked,) = received(fake, fake.message("Hi"))
    fake.quota = 0
    with pytest.raises(Refused, match="month"):
        connect(fake).send(answer_to(asked, "Hello", fake))


def test_lines_own_words_explain_a_refusal(fake: FakeLine) -> None:
    (asked,) = received(fake, fake.message("Hi"))
    long = "😀" * 2501
    assert CAPABILITIES.measure(long, Visibility.PRIVATE) == 5002
    with pytest.raises(Refused, match="Length must be between 0 and 5000"):
        connect(fake).send(answer_to(asked, long, fake))


def test_the_check_tells_the_months_messages(fake: FakeLine) -> None:
    connector = connect(fake)
    assert connector.budgets() == ()
    identity = connector.check()
    assert (identity.external_id, identity.handle, identity.missing) == (BOT, "@brand", ())
    assert connector.budgets() == (Budget("Messages this month", 200, 200),)
    fake.quota = None
    connector.check()
    assert connector.budgets() == ()


@pytest.mark.parametrize("webhook", [None, {"endpoint": "https://x.example", "active": False}])
def test_the_check_says_when_line_does_not_call(fake: FakeLine, webhook: Any) -> None:
    fake.webhook = webhook
    assert len(connect(fake).check().missing) == 1
    told = connect(fake).subscribe("https://inbox.example/hooks/line/k")
    assert "Use webhook" in told
    assert fake.webhook == {"endpoint": "https://inbox.example/hooks/line/k", "active": False}


def test_the_token_goes_to_no_other_server(fake: FakeLine) -> None:
    account = Account("line", "@brand", BOT, "http://127.0.0.1:9", {}, SECRETS)
    stranger = Attachment(url=f"{fake.url}/v2/bot/message/1/content")
    with pytest.raises(Refused):
        Connector(account, fake.now).download(stranger, 5000)
    assert fake.requests == []


def test_our_fake_and_our_requests_keep_lines_own_description(fake: FakeLine) -> None:
    provided: dict[str, Any] = {"contentProvider": {"type": "line"}}
    sticker: dict[str, Any] = {"packageId": "1", "stickerId": "2", "stickerResourceType": "STATIC"}
    calls = fake.request(
        fake.message("Hi", quotedMessageId="460"),
        fake.message("Hi", "ann", fake.group("savers")),
        fake.picture(b"x"),
        fake.message(type="video", duration=60, **provided),
        fake.message(type="file", fileName="a.pdf", fileSize=1),
        fake.message(type="location", latitude=1.5, longitude=2.5),
        fake.message(type="sticker", **sticker),
        fake.unsend("460"),
        fake.event("postback", postback={"data": "x"}),
    )
    hold(HOOK, "CallbackRequest", json.loads(calls.body))
    (asked, *_) = connect(fake).receive(calls).messages
    connector = connect(fake)
    connector.check()
    connector.subscribe("https://inbox.example/hooks/line/k")
    connector.send(answer_to(asked, "Hello", fake))
    made = {(r.method, r.path): r for r in fake.requests}
    push = made["POST", "/v2/bot/message/push"]
    hold(API, "PushMessageRequest", push.json)
    endpoint = made["PUT", "/v2/bot/channel/webhook/endpoint"]
    hold(API, "SetWebhookEndpointRequest", endpoint.json)
    hold(API, "ErrorResponse", fake.route(push).body)
    fresh = {**push.headers, "x-line-retry-key": "22222222-2222-2222-2222-222222222222"}
    hold(API, "PushMessageResponse", fake.route(replace(push, headers=fresh)).body)
    answers = {
        "/v2/bot/info": "BotInfoResponse",
        "/v2/bot/message/quota": "MessageQuotaResponse",
        "/v2/bot/message/quota/consumption": "QuotaConsumptionResponse",
        "/v2/bot/channel/webhook/endpoint": "GetWebhookEndpointResponse",
        f"/v2/bot/profile/{fake.person('ann')}": "UserProfileResponse",
    }
    for path, schema in answers.items():
        hold(API, schema, fake.route(Request("GET", path, {}, "", push.headers)).body)
