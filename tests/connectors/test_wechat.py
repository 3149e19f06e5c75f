"""WeChat's own rules: signatures, encryption, kinds, tokens, the reply window, bytes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.core.contract import (
    Account,
    Attachment,
    Author,
    HookRequest,
    Kind,
    Message,
    Outgoing,
    Upload,
    Visibility,
)
from connectors.core.errors import (
    AuthExpired,
    AuthRevoked,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Transient,
    WindowClosed,
)
from connectors.wechat import CAPABILITIES, Connector
from connectors.wechat.seal import is_signed, unseal
from tests.fakes.http import Answer
from tests.fakes.wechat import AES_KEY, APP_ID, SECRETS, FakeWeChat, no, seal, sign, xml

OTHER = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"  # its last letter has bits to spare
AT = datetime.fromtimestamp(1795343331, UTC)
VECTOR = {
    "timestamp": "1795343331",
    "nonce": "nonce1",
    "signature": "c27e33f57880784a789269eaa822edea22cc3f54",
}


@pytest.fixture
def fake() -> Iterator[FakeWeChat]:
    with FakeWeChat() as fake:
        yield fake


@pytest.fixture
def sealed() -> Iterator[FakeWeChat]:
    with FakeWeChat(sealed=True) as fake:
        yield fake


def connect(fake: FakeWeChat, account: Account | None = None, **settings: Any) -> Connector:
    return Connector(account or fake.account(**settings), fake.now)


def received(fake: FakeWeChat, fields: dict[str, str]) -> Message:
    answer = connect(fake).receive(fake.request(fields))
    assert (answer.status, answer.body, answer.malformed) == (200, "success", ())
    (message,) = answer.messages
    return message


def answer_to(message: Message, text: str, fake: FakeWeChat, **more: Any) -> Outgoing:
    assert message.author is not None
    where = (message.conversation, message.external_id, message.author, text)
    place = (Visibility.PRIVATE, Kind.DM, fake.now())
    return Outgoing("1" * 32, *where, *place, **more)


def test_the_signature_is_wechats() -> None:
    """The vector was checked against wechatpy."""
    assert is_signed(VECTOR, "wtoken", AT)
    assert not is_signed(VECTOR, "another", AT)
    assert not is_signed({**VECTOR, "nonce": "nonce2"}, "wtoken", AT)
    assert not is_signed({**VECTOR, "signature": "ü" * 40}, "wtoken", AT)


@pytest.mark.parametrize(("minutes", "taken"), [(0, True), (4.9, True), (5.1, False), (-6, False)])
def test_a_call_older_than_five_minutes_is_refused(minutes: float, taken: bool) -> None:
    assert is_signed(VECTOR, "wtoken", AT + timedelta(minutes=minutes)) is taken


@pytest.mark.parametrize("at", ["", "noon", "-1", "9" * 400, "١٧٩٥"])
def test_a_time_that_is_none_is_refused(at: str) -> None:
    query = {"timestamp": at, "nonce": "n", "signature": sign("wtoken", at, "n")}
    assert not is_signed(query, "wtoken", AT)


def test_without_its_token_nothing_is_believed(fake: FakeWeChat) -> None:
    nobody = replace(fake.account(), secrets={})
    unsigned = {"timestamp": "1795343331", "nonce": "n", "signature": sign("1795343331", "n")}
    for request in (fake.challenge(), fake.request(fake.message("Hi"))):
        assert connect(fake, nobody).receive(request).status == 401
        assert connect(fake).receive(replace(request, query={})).status == 401
        empty = replace(request, query=unsigned, received_at=AT)
        assert connect(fake, nobody).receive(empty).status == 401


def test_sealed_calls_are_opened_with_the_accounts_key(sealed: FakeWeChat) -> None:
    message = received(sealed, sealed.message("退款在哪里？"))
    assert message.text == "退款在哪里？"


def test_where_calls_are_sealed_a_plain_one_is_refused(sealed: FakeWeChat) -> None:
    """Its body would be signed by nobody."""
    plain = xml(sealed.message("I am not a customer"))
    for extra in ({}, {"encrypt_type": "aes"}, {"msg_signature": ""}):
        request = HookRequest(
            "POST", "/", {}, {**sealed.signed_query(), **extra}, plain, sealed.now()
        )
        answer = connect(sealed).receive(request)
        assert (answer.status, answer.messages, answer.malformed) == (401, (), ())
        garbage = connect(sealed).receive(replace(request, body=b"<xml>"))
        assert (garbage.status, garbage.malformed) == (401, ())


def test_without_its_token_no_sealed_call_is_believed(sealed: FakeWeChat) -> None:
    nobody = replace(sealed.account(), secrets={"aes_key": AES_KEY})
    request, inside = sealed.request(sealed.message("Hi")), seal(b"<xml/>", AES_KEY, APP_ID)
    told = sign(request.query["timestamp"], request.query["nonce"], inside)
    forged = replace(
        request, query={**request.query, "msg_signature": told}, body=xml({"Encrypt": inside})
    )
    for call in (request, forged):
        assert connect(sealed, nobody).receive(call).status == 401


def test_a_call_sealed_for_another_app_is_refused(sealed: FakeWeChat) -> None:
    request = sealed.raw_request(xml(sealed.message("Hi")), app_id="wx-somebody-else")
    assert connect(sealed).receive(request).status == 401


def test_what_was_not_sealed_with_the_key_is_not_opened() -> None:
    text = "<xml>你好</xml>".encode()
    for length in (0, 1, 31, 32, 33, 5000):
        assert unseal(seal(b"x" * length, AES_KEY, APP_ID), AES_KEY, APP_ID) == b"x" * length
    assert unseal(seal(text, AES_KEY, APP_ID), AES_KEY, APP_ID) == text
    assert unseal(seal(text, OTHER, APP_ID), OTHER, APP_ID) == text
    for wrong, key in (
        (seal(text, OTHER, APP_ID), AES_KEY),
        (seal(text, AES_KEY, APP_ID)[:-8], AES_KEY),
        ("", AES_KEY),
        ("*" * 64, AES_KEY),
        ("AAAA", AES_KEY),
        (seal(text, AES_KEY, APP_ID), "too short"),
    ):
        assert unseal(wrong, key, APP_ID) is None


def test_a_sealed_call_without_a_key_says_what_is_missing(sealed: FakeWeChat) -> None:
    account = replace(sealed.account(), secrets=SECRETS)
    answer = connect(sealed, account).receive(sealed.request(sealed.message("Hi")))
    (broken,) = answer.malformed
    assert "EncodingAESKey" in broken.reason


def test_a_message_says_who_and_when(fake: FakeWeChat) -> None:
    fields = fake.message("Where is my refund?", "ann")
    message = received(fake, fields)
    assert message.external_id == fields["MsgId"]
    assert message.conversation == fake.person("ann")
    assert message.author == Author(fake.person("ann"))
    assert (message.kind, message.visibility) == (Kind.DM, Visibility.PRIVATE)
    assert message.sent_at.timestamp() == int(fields["CreateTime"])
    assert not message.context


def test_files_are_named_by_their_media_id(fake: FakeWeChat) -> None:
    picture = received(fake, fake.picture(b"x"))
    assert picture.attachments == (Attachment(mime="image/jpeg", ref="media0"),)
    voice = fake.message(MsgType="voice", MediaId="v1", Format="amr", Recognition="我的钱呢")
    told = received(fake, voice)
    assert (told.text, told.attachments[0].mime) == ("我的钱呢", "audio/amr")
    assert received(fake, fake.message(MsgType="video", MediaId="v2")).attachments[0].ref == "v2"


def test_places_links_and_kinds_to_come_have_words(fake: FakeWeChat) -> None:
    place = fake.message(
        MsgType="location", Location_X="31.2", Location_Y="121.5", Label="人民广场"
    )
    link = fake.message(MsgType="link", Title="Bill", Url="https://shop.example/1")
    texts = [received(fake, m).text for m in (place, link, fake.message(MsgType="hologram"))]
    assert texts == ["人民广场\n31.2, 121.5", "Bill\nhttps://shop.example/1", "[hologram]"]


def test_a_menu_click_is_shown_once_and_opens_nothing(fake: FakeWeChat) -> None:
    click = fake.event("CLICK", EventKey="refund")
    first, again = received(fake, click), received(fake, click)
    assert (first.text, first.context) == ("[menu: refund]", True)
    assert first.external_id == again.external_id
    assert first.external_id != received(fake, fake.event("SCAN")).external_id


def test_events_for_machines_are_passed_over(fake: FakeWeChat) -> None:
    for event in ("VIEW", "TEMPLATESENDJOBFINISH", "LOCATION", "invented2027"):
        answer = connect(fake).receive(fake.request(fake.event(event)))
        assert (answer.body, answer.messages, answer.malformed) == ("success", (), ())


@pytest.mark.parametrize(
    "broken",
    [
        {"MsgId": ""},
        {"FromUserName": " "},
        {"CreateTime": "noon"},
        {"CreateTime": "9" * 30},
        {"MsgType": ""},
    ],
)
def test_a_signed_call_that_cannot_be_read_goes_to_quarantine(
    fake: FakeWeChat, broken: dict[str, str]
) -> None:
    answer = connect(fake).receive(fake.request({**fake.message("Hi"), **broken}))
    assert (answer.status, answer.body, answer.messages) == (200, "success", ())
    assert len(answer.malformed) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"\xff\xfe",
        b'<?xml version="1.0" encoding="klingon"?><xml/>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml><Content>&a;</Content></xml>',
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>',
        b"<a>" * 5000,
    ],
)
def test_hostile_xml_is_quarantined_and_not_expanded(fake: FakeWeChat, body: bytes) -> None:
    answer = connect(fake).receive(fake.raw_request(body))
    assert (answer.status, answer.messages, len(answer.malformed)) == (200, (), 1)
    with_dtd = fake.raw_request(b"<!DOCTYPE xml>" + xml(fake.message("Hi")))
    assert connect(fake).receive(with_dtd).messages == ()


def test_there_is_a_token_after_the_first_renewal(fake: FakeWeChat) -> None:
    new = replace(fake.account(), secrets=SECRETS)
    with pytest.raises(AuthExpired):
        connect(fake, new).check()
    fresh = connect(fake, new).renew()
    assert fresh.secrets == {"access_token": fake.token}
    assert fresh.expires_at is not None
    assert abs(fresh.expires_at - fake.now() - timedelta(hours=2)) < timedelta(minutes=1)


def test_a_stable_token_is_forced_only_when_the_refused_one_comes_again(fake: FakeWeChat) -> None:
    dead = replace(fake.account(), secrets={**SECRETS, "access_token": "dead"})
    assert connect(fake, dead).renew().secrets["access_token"] == fake.token
    assert [r.json["force_refresh"] for r in fake.requests] == [False]
    before = fake.token
    assert connect(fake).renew().secrets["access_token"] == fake.token != before


def test_the_plain_way_ends_the_old_token(fake: FakeWeChat) -> None:
    old = connect(fake, stable_token="no")
    old.renew()
    assert fake.requests[-1].path == "/cgi-bin/token"
    with pytest.raises(AuthExpired):
        old.check()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (no(40125, "invalid appsecret"), AuthRevoked),
        (no(40001, "invalid credential"), AuthRevoked),
        (no(40164, "invalid ip 192.0.2.1, not in whitelist"), AuthRevoked),
        (no(45009, "reach max api daily quota limit"), RateLimited),
        (Answer(200, {}), Transient),
    ],
)
def test_what_keeps_us_from_a_token_is_said(
    fake: FakeWeChat, wrong: Answer, error: type[Exception]
) -> None:
    fake.fault("*", wrong)
    with pytest.raises(error):
        connect(fake).renew()


def test_an_answer_is_sent_as_written(fake: FakeWeChat) -> None:
    asked = received(fake, fake.message("退款在哪里？"))
    sent = connect(fake, kf_account="ada@brand").send(answer_to(asked, "您好 😀", fake))
    assert sent.external_id == "out:" + "1" * 32
    assert sent.sent_at is None
    assert fake.sent == ["您好 😀"]
    assert "您好 😀".encode() in fake.requests[-1].raw
    assert fake.requests[-1].json["customservice"] == {"kf_account": "ada@brand"}


def test_bytes_are_counted_as_wechat_does(fake: FakeWeChat) -> None:
    asked = received(fake, fake.message("Hi"))
    fits, long = "款" * 682, "款" * 683
    assert CAPABILITIES.measure(fits, Visibility.PRIVATE) == 2046
    assert CAPABILITIES.measure(long, Visibility.PRIVATE) == 2049
    connect(fake).send(answer_to(asked, fits, fake))
    with pytest.raises(Refused, match="too long"):
        connect(fake).send(answer_to(asked, long, fake))


def test_the_window_closes_after_two_days(fake: FakeWeChat) -> None:
    asked = received(fake, fake.message("Hi"))
    fake.advance(48 * 3600 + 1)
    with pytest.raises(WindowClosed):
        connect(fake).send(answer_to(asked, "Hello", fake))


def test_the_window_closes_after_five_answers(fake: FakeWeChat) -> None:
    asked = received(fake, fake.message("Hi"))
    assert CAPABILITIES.window is not None
    for _ in range(CAPABILITIES.window.most or 0):
        connect(fake).send(answer_to(asked, "Hello", fake))
    with pytest.raises(WindowClosed):
        connect(fake).send(answer_to(asked, "Hello", fake))


def test_an_answer_that_says_nothing_is_not_taken_for_sent(fake: FakeWeChat) -> None:
    asked = received(fake, fake.message("Hi"))
    fake.fault("*/send", Answer(200, {}))
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(answer_to(asked, "Hello", fake))


def test_unknown_codes_are_refusals_with_wechats_words(fake: FakeWeChat) -> None:
    asked = received(fake, fake.message("Hi"))
    fake.fault("*", no(65413, "account is suspended"))
    with pytest.raises(Refused) as e:
        connect(fake).send(answer_to(asked, "Hello", fake))
    assert e.value.reason == "WeChat says: account is suspended (65413)."


def test_a_picture_that_was_not_left_is_not_sent(fake: FakeWeChat) -> None:
    asked = received(fake, fake.message("Hi"))
    picture = Upload("a.png", "image/png", b"png")
    fake.fault("*/upload", "lost")
    with pytest.raises(Transient):
        connect(fake).send(answer_to(asked, "", fake, files=(picture,)))
    for text, files in (("words", (picture,)), ("", (picture, picture))):
        with pytest.raises(Refused):
            connect(fake).send(answer_to(asked, text, fake, files=files))
    assert fake.pictures == []


def test_a_file_that_is_gone_and_a_video_elsewhere(fake: FakeWeChat) -> None:
    """Videos are told by an address; the token does not go there."""
    with pytest.raises(Refused, match="three days"):
        connect(fake).download(Attachment(ref="unknown"), 5000)
    fake.fault("*/get", Answer(200, {"video_url": f"{fake.url}/videos/1"}))
    fake.fault("/videos/1", Answer(200, b"film", {"content-type": "video/mp4"}))
    film = connect(fake).download(Attachment(mime="video/mp4", ref="v1"), 5000)
    assert (film.data, film.mime) == (b"film", "video/mp4")
    assert fake.requests[-1].query == {}


def test_the_check_says_what_is_missing(fake: FakeWeChat) -> None:
    assert connect(fake).check().missing == ()
    assert connect(fake, kf_account="ada@brand").check().missing == ()
    assert len(connect(fake, kf_account="bo@brand").check().missing) == 1
    fake.fault("*/getkflist", "unverified")
    (missing,) = connect(fake).check().missing
    assert "verified" in missing
    half = {k: v for k, v in fake.account().secrets.items() if k != "token"}
    with pytest.raises(AuthRevoked):
        connect(fake, replace(fake.account(), secrets=half)).check()
