"""Messenger: what the common checks cannot know."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.core.contract import (
    Act,
    Author,
    Direction,
    Event,
    HookAnswer,
    Json,
    Kind,
    Message,
    Receipt,
    Upload,
    Visibility,
)
from connectors.core.errors import (
    OutcomeUnknown,
    Refused,
    Transient,
    Unsupported,
    WindowClosed,
)
from connectors.messenger import Connector
from tests.connectors.checks import walk
from tests.connectors.fixtures.messenger.harness import outgoing, ref
from tests.connectors.offer_checks import png
from tests.fakes.graph import APP_ID, error
from tests.fakes.messenger import FakeMessenger

PICTURE = Upload("receipt.png", "image/png", png())
DAY_S = 86_400


@pytest.fixture
def fake() -> Iterator[FakeMessenger]:
    with FakeMessenger() as fake:
        yield fake


def connect(fake: FakeMessenger, **settings: Any) -> Connector:
    return Connector(fake.account(**settings), fake.now)


def read(fake: FakeMessenger) -> dict[str, Message]:
    pages = walk(connect(fake), "conversations", {})
    return {m.external_id: m for page in pages for m in page.messages}


def answer(fake: FakeMessenger, body: Json, **settings: Any) -> HookAnswer:
    answer = connect(fake, **settings).receive(fake.signed(body))
    assert answer.status == 200
    return answer


def told(fake: FakeMessenger, body: Json, **settings: Any) -> Message:
    (message,) = answer(fake, body, **settings).messages
    return message


def events(fake: FakeMessenger, what: Json) -> tuple[Event, ...]:
    got = answer(fake, fake.chat(fake.person("ann"), what))
    assert got.messages == ()
    return got.events


def test_a_message_says_who_wrote_it_and_what_it_answers(fake: FakeMessenger) -> None:
    first = fake.dm("My card was refused")
    second = fake.dm("This one", reply_to={"mid": first})
    message = read(fake)[second]
    ann = fake.person("ann")
    assert (message.conversation, message.author) == (ann, Author(ann, None, "Ann"))
    assert (message.kind, message.visibility) == (Kind.DM, Visibility.PRIVATE)
    assert (message.direction, message.in_reply_to) == (Direction.IN, first)
    assert abs(message.sent_at - fake.now()) < timedelta(seconds=5)


def test_our_own_words_stand_in_the_conversation_of_the_person(fake: FakeMessenger) -> None:
    fake.dm("Hello?")
    own = fake.dm("Hello Ann", own=True)
    for message in (read(fake)[own], told(fake, fake.event(own))):
        assert message.direction is Direction.OUT
        assert message.conversation == fake.person("ann")
        assert message.author is not None
        assert message.author.id == fake.ME


@pytest.mark.parametrize(
    ("app", "automated"),
    [("", False), (APP_ID, False), ("263902037430900", False), ("4242", True)],
)
def test_only_what_another_app_wrote_is_automated(
    fake: FakeMessenger, app: str, automated: bool
) -> None:
    fake.dm("Hello?")
    echo = fake.event(fake.dm("Hello Ann", own=True, app_id=app))
    assert told(fake, echo).automated is automated
    assert told(fake, echo, app_id="").automated is False


def test_the_echo_of_an_answer_has_the_id_that_sending_gave(fake: FakeMessenger) -> None:
    sent = connect(fake).send(outgoing(fake, fake.dm("Hello?"), "Hello Ann"))
    echo = told(fake, fake.calls[-1])
    assert (echo.external_id, echo.text) == (sent.external_id, "Hello Ann")


def test_an_edit_comes_again_under_its_id(fake: FakeMessenger) -> None:
    found = fake.dm("helo")
    fake.advance(60)
    edit = {"message_edit": {"mid": found, "text": "hello", "num_edit": 1}}
    message = told(fake, fake.chat(fake.person("ann"), edit))
    assert (message.external_id, message.text) == (found, "hello")
    assert message.edited_at == message.sent_at


def test_a_pressed_button_is_a_message_in_its_own_words(fake: FakeMessenger) -> None:
    pressed = {"postback": {"mid": "m_7", "title": "Talk to a person", "payload": "HUMAN"}}
    message = told(fake, fake.chat(fake.person("ann"), pressed))
    assert (message.external_id, message.text) == ("m_7", "Talk to a person")


def test_deliveries_are_receipts_of_the_messages_named(fake: FakeMessenger) -> None:
    first, second = events(fake, {"delivery": {"mids": ["m_1", "m_2", 7], "watermark": 1}})
    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert (first.state, first.external_id) == ("delivered", "m_1")
    assert second.external_id == "m_2"


@pytest.mark.parametrize(
    "what",
    [
        {"read": {"watermark": 1795343331000}},
        {"reaction": {"reaction": "love", "emoji": "\u2764", "action": "react", "mid": "m_1"}},
        {"optin": {"type": "one_time_notif_req"}},
        {"message": "no object"},
    ],
)
def test_what_names_no_message_brings_nothing(fake: FakeMessenger, what: Json) -> None:
    assert events(fake, what) == ()


def test_a_message_taken_back_is_a_deletion(fake: FakeMessenger) -> None:
    (gone,) = events(fake, {"message": {"mid": "m_1", "is_deleted": True}})
    assert gone.external_id == "m_1"


def test_what_another_app_has_in_hand_comes_too(fake: FakeMessenger) -> None:
    body = fake.event(fake.dm("Hello?"))
    body["entry"][0]["standby"] = body["entry"][0].pop("messaging")
    assert told(fake, body).text == "Hello?"


def test_what_is_about_another_page_or_about_comments_is_left_alone(fake: FakeMessenger) -> None:
    other = fake.event(fake.dm("Hello?"))
    other["entry"][0]["id"] = "901"
    comment = {"item": "comment", "verb": "add", "comment_id": "1_2", "post_id": "900_1"}
    for body in (other, fake.entry({"field": "feed", "value": comment}, fake.ME)):
        got = answer(fake, body)
        assert (got.messages, got.malformed) == ((), ())


@pytest.mark.parametrize(
    "event",
    [
        {"message": {"mid": "m_1", "text": "hi"}},
        {"sender": {"id": "6"}, "timestamp": 1795343331000, "message": {"text": "hi"}},
        {"sender": {"id": "6"}, "timestamp": "x", "message": {"mid": "m_1"}},
        {"sender": "6", "timestamp": 1795343331000, "message": {"mid": "m_1"}},
        {"sender": {"id": "900"}, "timestamp": 1795343331000, "message": {"mid": "m_1"}},
    ],
)
def test_odd_things_in_a_call_are_kept_aside(fake: FakeMessenger, event: Json) -> None:
    got = answer(fake, fake.entry(event, fake.ME))
    assert (got.messages, len(got.malformed)) == ((), 1)


def test_files_come_by_either_way(fake: FakeMessenger) -> None:
    image = {
        "mime_type": "image/png",
        "name": "a.png",
        "size": 9,
        "image_data": {"url": "https://a.example"},
    }
    video = {"mime_type": "video/mp4", "video_data": {"url": "https://b.example"}}
    other = {"mime_type": "application/pdf", "name": "c.pdf", "file_url": "https://c.example"}
    files = {"data": [image, video, other, {"id": "no address"}, 7]}
    shares = {"data": [{"link": "https://shop.example", "name": "Shop"}, {}]}
    found = fake.dm("", attachments=files, shares=shares)
    listed = read(fake)[found].attachments
    assert [(a.mime, a.name, a.size) for a in listed] == [
        ("image/png", "a.png", 9),
        ("video/mp4", None, None),
        ("application/pdf", "c.pdf", None),
        (None, "Shop", None),
    ]
    load = [
        {"type": "image", "payload": {"url": "https://a.example"}},
        {"type": "file", "payload": {"url": "https://c.example"}},
        {"type": "location", "payload": {"coordinates": {}}},
        "no object",
    ]
    message = told(fake, fake.event(found, attachments=load))
    assert [(a.url, a.mime) for a in message.attachments] == [
        ("https://a.example", "image/jpeg"),
        ("https://c.example", None),
    ]


def test_a_conversation_shows_its_twenty_latest_messages(fake: FakeMessenger) -> None:
    written = [fake.dm(f"Message {n}") for n in range(25)]
    assert list(read(fake)) == written[:4:-1]


def test_the_next_look_goes_a_little_below_the_newest(fake: FakeMessenger) -> None:
    old = fake.dm("An old one", "old")
    fake.advance(3600)
    last = fake.dm("The last one", "last")
    *_, page = walk(connect(fake), "conversations", {})
    late = fake.dm("Five minutes late", "late")
    fake.message(late)["_at"] -= timedelta(minutes=5)
    fake.page_limit = 1
    pages = list(walk(connect(fake), "conversations", page.cursor))
    again = {m.external_id for p in pages for m in p.messages}
    assert again == {last, late, old}  # one page beyond says that there is nothing more
    assert len(pages) == 3


def test_a_page_token_that_meta_no_longer_knows_begins_the_list_again(fake: FakeMessenger) -> None:
    fake.page_limit = 1
    written = {fake.dm("Hello", f"person{n}") for n in range(3)}
    first = connect(fake).pull("conversations", {})
    fake.fault("*", error(100, "(#100) Invalid cursors values"))
    again = connect(fake).pull("conversations", first.cursor)
    assert (again.messages, again.more) == ((), True)
    pages = walk(connect(fake), "conversations", again.cursor)
    assert {m.external_id for p in pages for m in p.messages} == written


def test_an_answer_in_time_is_a_plain_response(fake: FakeMessenger) -> None:
    connect(fake, human_agent="yes").send(outgoing(fake, fake.dm("Hello?"), "Hello Ann"))
    assert fake.requests[-1].json == {
        "recipient": {"id": fake.person("ann")},
        "message": {"text": "Hello Ann"},
        "messaging_type": "RESPONSE",
    }


def test_a_late_answer_of_a_person_bears_the_tag_where_the_app_may_use_it(
    fake: FakeMessenger,
) -> None:
    found = fake.dm("Hello?")
    fake.advance(2 * DAY_S)
    late = outgoing(fake, found, "Sorry for the wait")
    for by_person, setting in ((True, "no"), (True, ""), (False, "yes")):
        with pytest.raises(WindowClosed):
            connect(fake, human_agent=setting).send(replace(late, by_person=by_person))
    connect(fake, human_agent="yes").send(late)
    assert fake.requests[-1].json["tag"] == "HUMAN_AGENT"
    assert fake.sent == ["Sorry for the wait"]
    fake.advance(6 * DAY_S)
    with pytest.raises(WindowClosed):
        connect(fake, human_agent="yes").send(late)


def test_without_the_feature_meta_refuses_the_tag_with_a_reason(fake: FakeMessenger) -> None:
    fake.granted = False
    found = fake.dm("Hello?")
    fake.advance(2 * DAY_S)
    with pytest.raises(Refused, match="Human Agent"):
        connect(fake, human_agent="yes").send(outgoing(fake, found, "Sorry"))


@pytest.mark.parametrize(
    ("mime", "kind"),
    [("image/gif", "image"), ("audio/mp4", "audio"), ("application/pdf", "file")],
)
def test_a_file_goes_up_first_and_is_a_message_of_its_own(
    fake: FakeMessenger, mime: str, kind: str
) -> None:
    file = replace(PICTURE, mime=mime)
    reply = replace(outgoing(fake, fake.dm("Which form?"), ""), files=(file,))
    connect(fake).send(reply)
    attachment = fake.requests[-1].json["message"]["attachment"]
    assert attachment["type"] == kind
    assert fake.uploads == [PICTURE.data]


@pytest.mark.parametrize(("fault", "expected"), [("lost", Transient), ("blocked", Refused)])
def test_an_upload_that_fails_sends_nothing(
    fake: FakeMessenger, fault: str, expected: type[Exception]
) -> None:
    reply = replace(outgoing(fake, fake.dm("Which form?"), ""), files=(PICTURE,))
    fake.fault("*/message_attachments", fault)
    with pytest.raises(expected):
        connect(fake).send(reply)
    assert [r.path.rpartition("/")[2] for r in fake.requests] == ["message_attachments"]


def test_a_lost_file_is_found_by_its_place_and_time(fake: FakeMessenger) -> None:
    reply = replace(outgoing(fake, fake.dm("Which form?"), ""), files=(PICTURE,))
    fake.fault("*/messages", "lost")
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)
    assert connect(fake).look_up(reply) is not None


def test_an_older_answer_in_the_same_words_is_not_taken_for_this_one(fake: FakeMessenger) -> None:
    found = fake.dm("Hello?")
    fake.dm("Hello Ann", own=True)
    fake.advance(3600)
    assert connect(fake).look_up(outgoing(fake, found, "Hello Ann")) is None


def test_where_the_messages_of_the_time_are_not_shown_the_answer_stays_in_doubt(
    fake: FakeMessenger,
) -> None:
    reply = outgoing(fake, fake.dm("Hello?"), "Hello Ann")
    for n in range(21):
        fake.dm(f"And {n}")
    with pytest.raises(Transient, match="of that time"):
        connect(fake).look_up(reply)
    fake.messages.clear()
    with pytest.raises(Transient, match="the conversation"):
        connect(fake).look_up(reply)


def test_gone_is_only_what_a_whole_conversation_lacks(fake: FakeMessenger) -> None:
    goes, stays = fake.dm("Goes"), fake.dm("Stays")
    asked = [ref(fake, goes), ref(fake, stays)]
    fake.messages.remove(fake.message(goes))
    got = connect(fake).fetch(asked)
    assert ([m.text for m in got.messages], got.gone) == (["Stays"], (goes,))
    for n in range(20):
        fake.dm(f"And {n}")
    got = connect(fake).fetch(asked)
    assert (got.messages, got.gone) == ((), ())
    fake.messages.clear()
    assert connect(fake).fetch(asked).gone == ()


def test_a_block_and_its_end_reach_the_person(fake: FakeMessenger) -> None:
    on = ref(fake, fake.dm("Nasty words"))
    connect(fake).act(Act.BLOCK, on)
    assert fake.blocked == {fake.person("ann")}
    connect(fake).act(Act.UNBLOCK, on)
    assert fake.blocked == set()
    with pytest.raises(Unsupported):
        connect(fake).act(Act.HIDE, on)
    with pytest.raises(Refused, match="not known"):
        connect(fake).act(Act.BLOCK, replace(on, author=None))


def test_nothing_private_is_answered_in_public(fake: FakeMessenger) -> None:
    reply = outgoing(fake, fake.dm("Hello?"), "Hello")
    with pytest.raises(Unsupported):
        connect(fake).send(replace(reply, visibility=Visibility.PUBLIC))


def test_it_signs_in_as_the_page_and_says_what_is_missing(fake: FakeMessenger) -> None:
    identity = connect(fake).check()
    assert (identity.external_id, identity.handle, identity.missing) == (fake.ME, "@brand", ())
    fake.fault("*/conversations", error(10, "(#10) Requires pages_messaging permission"))
    (permission,) = connect(fake).check().missing
    assert "pages_messaging" in permission


def test_subscribing_asks_for_all_that_is_read(fake: FakeMessenger) -> None:
    fake.subscribed = ["feed"]
    connect(fake).subscribe("https://inbox.example/hooks/messenger/1")
    assert {"feed", "messages", "message_echoes", "message_edits"} <= set(fake.subscribed)
