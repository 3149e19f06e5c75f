"""Answers to Telegram, moderation, webhook calls, and all of it held against the Bot API."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.core.contract import (
    Act,
    Attachment,
    Author,
    HookRequest,
    Kind,
    Message,
    On,
    Outgoing,
    Ref,
    Upload,
)
from connectors.core.errors import (
    AuthRevoked,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unsupported,
    WindowClosed,
)
from connectors.telegram import CAPABILITIES, Connector
from tests.connectors.botapi import wrong_request, wrong_result, wrong_type
from tests.connectors.offer_checks import png
from tests.fakes.http import Answer, Json
from tests.fakes.telegram import CONNECTION, SECRETS, TOKEN, FakeTelegram

PICTURE = Upload("receipt.png", "image/png", png())
PAPER = Upload("bill.pdf", "application/pdf", b"%PDF-1.7 nothing owed")


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    with FakeTelegram() as fake:
        yield fake


def connect(fake: FakeTelegram, **settings: Any) -> Connector:
    return Connector(fake.account(**settings), fake.now)


def newest(fake: FakeTelegram) -> Message:
    return connect(fake, groups="all").pull("updates", {}).messages[-1]


def answer_to(message: Message, text: str, fake: FakeTelegram, *files: Upload) -> Outgoing:
    assert message.author is not None
    where = (message.conversation, message.external_id, message.author, text)
    place = (message.visibility, message.kind, fake.now())
    return Outgoing("1" * 32, *where, *place, platform=message.platform, files=files)


def sent(fake: FakeTelegram) -> tuple[str, Json]:
    return next((n, p) for n, p in reversed(fake.calls) if n.startswith("send"))


def ref(message: Message, **changes: Any) -> Ref:
    about = (message.external_id, message.conversation, message.kind, message.visibility)
    return replace(Ref(*about, False, message.author, message.platform), **changes)


def test_an_answer_quotes_the_message_and_comes_back_under_its_id(fake: FakeTelegram) -> None:
    said = fake.message("where is it", "ann")
    done = connect(fake).send(answer_to(newest(fake), "On its *way* <b>", fake))
    _, asked = sent(fake)
    above = {"message_id": said["message_id"], "allow_sending_without_reply": True}
    assert asked["reply_parameters"] == above
    assert "parse_mode" not in asked
    assert fake.sent == ["On its *way* <b>"]
    ours = fake.kept[said["chat"]["id"], said["message_id"] + 1]
    fake.message("thanks", "ann", reply_to_message=ours)
    own = connect(fake).pull("updates", {}).messages[-2]
    assert (own.external_id, own.text, own.sent_at) == (
        done.external_id,
        "On its *way* <b>",
        done.sent_at,
    )


def test_an_answer_in_a_topic_goes_into_it(fake: FakeTelegram) -> None:
    fake.message("hi", chat=fake.group(), message_thread_id=7, is_topic_message=True)
    connect(fake).send(answer_to(newest(fake), "Hello", fake))
    assert sent(fake)[1]["message_thread_id"] == 7
    fake.message("hi", chat=fake.group(), message_thread_id=40)
    connect(fake).send(answer_to(newest(fake), "Hello", fake))
    assert "message_thread_id" not in sent(fake)[1]


def test_a_business_chat_is_answered_through_its_connection(fake: FakeTelegram) -> None:
    fake.business("hello shop")
    asked = newest(fake)
    done = connect(fake).send(answer_to(asked, "Hello Ann", fake))
    assert sent(fake)[1]["business_connection_id"] == CONNECTION
    assert done.external_id.startswith(f"{CONNECTION}:")
    fake.advance(25 * 3_600)
    with pytest.raises(WindowClosed, match="24 hours"):
        connect(fake).send(answer_to(asked, "Too late", fake))


def test_a_group_that_moved_is_answered_at_its_new_id_once(fake: FakeTelegram) -> None:
    fake.message("hi", chat=fake.group("group", -55))
    fake.moved.add(-55)
    done = connect(fake).send(answer_to(newest(fake), "Hello", fake))
    assert done.external_id.startswith("-100777:")
    assert "reply_parameters" not in sent(fake)[1]
    fake.fault("*", "moved", times=2)
    with pytest.raises(Refused, match="moved"):
        connect(fake).send(answer_to(newest(fake), "Hello", fake))


@pytest.mark.parametrize(
    ("files", "method"),
    [
        ((PICTURE,), "sendPhoto"),
        ((PAPER,), "sendDocument"),
        ((PICTURE, PICTURE), "sendMediaGroup"),
        ((PICTURE, PAPER), "sendMediaGroup"),
        ((replace(PICTURE, data=b"x" * 10_000_001),), "sendDocument"),
    ],
)
def test_files_go_with_their_words_in_one_message(
    fake: FakeTelegram, files: tuple[Upload, ...], method: str
) -> None:
    fake.message("show me")
    done = connect(fake).send(answer_to(newest(fake), "As you asked", fake, *files))
    name, asked = sent(fake)
    assert name == method
    assert fake.files_sent == [f.data for f in files]
    assert fake.sent == ["As you asked"]
    assert done.external_id
    kinds = {m["type"] for m in asked.get("media", [])}
    assert kinds <= ({"photo"} if PAPER not in files else {"document"})


def test_a_caption_that_is_too_long_is_refused_before_anything_leaves(fake: FakeTelegram) -> None:
    fake.message("show me")
    asked = newest(fake)
    with pytest.raises(Refused, match=r"1,024"):
        connect(fake).send(answer_to(asked, "😀" * 513, fake, PICTURE))
    assert fake.files_sent == []
    connect(fake).send(answer_to(asked, "😀" * 512, fake, PICTURE))
    assert len(fake.files_sent) == 1


def test_a_limit_tells_in_the_body_when_to_come_back(fake: FakeTelegram) -> None:
    fake.message("hi")
    asked = newest(fake)
    fake.fault("*", "limited")
    with pytest.raises(RateLimited) as e:
        connect(fake).send(answer_to(asked, "Hello", fake))
    assert e.value.resets_at is not None
    assert 4 < (e.value.resets_at - fake.now()).total_seconds() <= 5


def test_a_blocked_bot_is_told_in_plain_words(fake: FakeTelegram) -> None:
    fake.message("hi")
    asked = newest(fake)
    fake.fault("*", "forbidden")
    with pytest.raises(Refused, match="blocked the bot"):
        connect(fake).send(answer_to(asked, "Hello", fake))


def test_an_answer_without_its_message_may_or_may_not_be_there(fake: FakeTelegram) -> None:
    fake.message("hi")
    asked = newest(fake)
    fake.fault("*", Answer(200, {"ok": True, "result": {"date": 1}}))
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(answer_to(asked, "Hello", fake))


def test_what_did_not_come_from_telegram_is_not_answered_there(fake: FakeTelegram) -> None:
    fake.message("hi")
    odd = replace(answer_to(newest(fake), "Hello", fake), in_reply_to="imported-17")
    with pytest.raises(Refused, match="did not come from Telegram"):
        connect(fake).send(odd)


@pytest.mark.parametrize("fault", ["unauthorized", "unavailable", "limited", "garbled", "conflict"])
def test_no_error_and_no_log_shows_the_token(
    fake: FakeTelegram, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    connector = connect(fake)
    for ask in (connector.check, lambda: connector.pull("updates", {})):
        fake.fault("*", fault)
        with pytest.raises(ConnectorError) as e:
            ask()
        assert TOKEN not in f"{e.getrepr(style='long', showlocals=False)}{e.value!r}"
    fake.fault("*", Answer(400, {"description": f"Bad Request: no /bot{TOKEN}/getMe"}))
    with pytest.raises(Refused) as told:
        connector.check()
    assert "/bot(token)/getMe" in told.value.reason
    assert TOKEN not in caplog.text


def test_a_file_is_asked_for_by_its_id_each_time(fake: FakeTelegram) -> None:
    file = Attachment(ref=fake.store(b"x" * 100, "voice/a b.ogg"))
    connector = connect(fake)
    assert connector.download(file, 100).data == b"x" * 100
    fake.stored.clear()
    with pytest.raises(Refused):
        connector.download(file, 100)
    with pytest.raises(Refused):
        connector.download(Attachment(ref=fake.store(b"x" * 20_000_001)), 10**9)
    fake.store(b"")
    with pytest.raises(Refused, match="no longer"):
        connector.download(Attachment(ref=fake.store(b"")), 100)


def test_moderation_in_a_group(fake: FakeTelegram) -> None:
    fake.message("Buy my coins", "bo", chat=fake.group())
    spam = newest(fake)
    connector = connect(fake)
    connector.act(Act.LIKE, ref(spam))
    assert fake.calls[-1][1]["reaction"] == [{"type": "emoji", "emoji": "👍"}]
    connector.act(Act.DELETE, ref(spam))
    connector.act(Act.DELETE, ref(spam))
    connector.act(Act.BLOCK, ref(spam))
    assert fake.calls[-1][0] == "banChatMember"
    connector.act(Act.UNBLOCK, ref(spam))
    assert fake.calls[-1][1]["only_if_banned"] is True
    connector.act(Act.BLOCK, ref(spam, author=Author("-1009")))
    assert fake.calls[-1] == (
        "banChatSenderChat",
        {"chat_id": -1001, "sender_chat_id": -1009},
    )
    with pytest.raises(Unsupported):
        connector.act(Act.HIDE, ref(spam))


def test_an_old_message_stays(fake: FakeTelegram) -> None:
    fake.message("long ago")
    old = newest(fake)
    fake.advance(49 * 3_600)
    with pytest.raises(Refused, match="can't be deleted"):
        connect(fake).act(Act.DELETE, ref(old))
    with pytest.raises(Unsupported):
        connect(fake).act(Act.BLOCK, ref(old))


def test_a_business_message_is_deleted_through_its_connection(fake: FakeTelegram) -> None:
    said = fake.business("oops")
    asked = newest(fake)
    connect(fake).act(Act.DELETE, ref(asked))
    told = {"business_connection_id": CONNECTION, "message_ids": [said["message_id"]]}
    assert fake.calls[-1] == ("deleteBusinessMessages", told)
    with pytest.raises(Unsupported, match="business chat"):
        connect(fake).act(Act.LIKE, ref(asked))


def test_bans_are_offered_in_groups_only() -> None:
    offered = {o.kinds for o in CAPABILITIES.offers if o.on is On.PERSON}
    assert offered == {(Kind.MENTION, Kind.COMMENT)}


def call(fake: FakeTelegram, update: Json | bytes, secret: str = "tg_secret-1") -> HookRequest:
    return fake.request(update, secret)


def test_the_secret_token_must_be_the_one_we_gave(fake: FakeTelegram) -> None:
    """The vector: the header equals the secret itself."""
    fake.message("hello")
    update = fake.updates[-1]
    assert connect(fake).receive(call(fake, update)).status == 200
    for wrong in ("", "tg_secret-2", "tg_secret-1 ", "\udcff"):
        assert connect(fake).receive(call(fake, update, wrong)).status == 401
    bare = replace(call(fake, update), headers={})
    assert connect(fake).receive(bare).status == 401
    forgetful = Connector(replace(fake.account(), secrets={"token": TOKEN}), fake.now)
    assert forgetful.receive(call(fake, update, "")).status == 401
    hooked = replace(fake.account(way_in="webhook"), secrets={"token": TOKEN})
    with pytest.raises(AuthRevoked):
        Connector(hooked, fake.now).subscribe("https://inbox.example/h")


def test_a_call_that_cannot_be_read_is_kept_and_answered(fake: FakeTelegram) -> None:
    """A refusal would make Telegram send it again and again."""
    for body in (b"not json", b"[" * 100_000, b"[]", b'{"message": 7}'):
        answer = connect(fake).receive(call(fake, body))
        assert (answer.status, len(answer.malformed)) == (200, 1)
    told = connect(fake).receive(call(fake, {"update_id": 1, "poll": {}}))
    assert (told.status, told.messages, told.malformed) == (200, (), ())


def test_a_deletion_comes_by_webhook_too(fake: FakeTelegram) -> None:
    fake.erase_business(fake.business("gone"))
    answer = connect(fake).receive(call(fake, fake.updates[-1]))
    assert [e.external_id for e in answer.events] == [newest(fake).external_id]


def test_what_we_ask_and_what_our_fake_answers_keep_to_the_bot_api(fake: FakeTelegram) -> None:
    fake.message("hi", chat=fake.group())
    fake.edit(fake.message("hi"), "hello")
    fake.erase_business(fake.business("hello shop"))
    told = list(fake.updates)
    in_group, private, _, lent = connect(fake, groups="all").pull("updates", {}).messages
    connector = connect(fake, way_in="webhook")
    connector.check()
    connector.subscribe("https://inbox.example/hook")
    connect(fake).subscribe("")
    for asked in (in_group, private, lent):
        for files in ((), (PICTURE,), (PAPER, PICTURE)):
            connector.send(answer_to(asked, "Hello", fake, *files))
    for act in (Act.LIKE, Act.UNLIKE, Act.BLOCK, Act.UNBLOCK, Act.DELETE):
        connector.act(act, ref(in_group))
    connector.act(Act.BLOCK, ref(in_group, author=Author("-1009")))
    connector.act(Act.UNBLOCK, ref(in_group, author=Author("-1009")))
    connector.act(Act.DELETE, ref(lent))
    connector.download(Attachment(ref=fake.store(b"x")), 10)
    wrong = [w for update in told for w in wrong_type("Update", update)]
    for request, answer in fake.answered:
        method = request.path.rpartition("/")[2]
        if "/file/" not in request.path:
            form = request.headers["content-type"].startswith("multipart/")
            names = [p.name for p in request.parts if p.filename] if form else []
            wrong += wrong_request(method, fake.params_of(request), names)
            wrong += wrong_result(method, answer.body["result"])
    assert wrong == []
    assert len(fake.answered) > 20


def test_the_secrets_asked_for_are_those_used() -> None:
    assert {s.name for s in CAPABILITIES.secrets} == set(SECRETS)
    assert CAPABILITIES.is_polled({})
    assert not CAPABILITIES.is_polled({"way_in": "webhook"})
