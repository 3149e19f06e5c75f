"""Telegram's messages coming in: chats, groups, lent business chats, files, the cursor."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.core.contract import Author, Deletion, Direction, Kind, Message, Page, Visibility
from connectors.core.errors import Transient, Unsupported
from connectors.telegram import CAPABILITIES, Connector
from connectors.telegram.words import SERVICE
from tests.connectors.botapi import service_fields
from tests.fakes.http import Answer, Json
from tests.fakes.telegram import BOT, CONNECTION, OWNER, SECRETS, USERNAME, FakeTelegram


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    with FakeTelegram() as fake:
        yield fake


def connect(fake: FakeTelegram, **settings: Any) -> Connector:
    return Connector(fake.account(**settings), fake.now)


def page(fake: FakeTelegram, **settings: Any) -> Page:
    return connect(fake, **settings).pull("updates", {})


def only(fake: FakeTelegram, **settings: Any) -> Message:
    (message,) = page(fake, **settings).messages
    return message


def mention(text: str) -> list[Json]:
    """The mark of our name in a text, in Telegram's UTF-16 units."""
    at = text.index("@")
    offset = len(text[:at].encode("utf-16-le")) // 2
    return [{"type": "mention", "offset": offset, "length": len(USERNAME) + 1}]


def test_a_private_message_says_who_where_and_when(fake: FakeTelegram) -> None:
    said = fake.message("where is my order", "ann")
    message = only(fake)
    ann = str(fake.person("ann")["id"])
    assert message.external_id == f"{ann}:{said['message_id']}"
    assert (message.conversation, message.author) == (ann, Author(ann, "ann", "Ann"))
    assert (message.kind, message.visibility) == (Kind.DM, Visibility.PRIVATE)
    assert (message.direction, message.context) == (Direction.IN, False)
    assert message.sent_at == datetime.fromtimestamp(said["date"], UTC)
    assert message.edited_at is None


def test_an_edit_is_the_same_message_with_its_time(fake: FakeTelegram) -> None:
    said = fake.message("helo")
    fake.advance(60)
    fake.edit(said, "hello")
    first, second = page(fake).messages
    assert second.external_id == first.external_id
    assert (second.text, second.sent_at) == ("hello", first.sent_at)
    assert second.edited_at is not None
    assert second.edited_at - second.sent_at >= timedelta(seconds=60)


def test_a_page_is_confirmed_only_by_the_call_after_it(fake: FakeTelegram) -> None:
    fake.message("first")
    first = page(fake)
    assert first.more
    assert [m.text for m in page(fake).messages] == ["first"]  # a crash before storing it
    fake.message("second")
    second = connect(fake).pull("updates", first.cursor)
    assert [m.text for m in second.messages] == ["second"]
    assert len(fake.updates) == 1
    assert connect(fake).pull("updates", second.cursor).messages == ()
    assert fake.updates == []


def test_numbers_that_begin_anew_after_a_silent_week_lose_nothing(fake: FakeTelegram) -> None:
    fake.message("before")
    cursor = page(fake).cursor
    cursor = connect(fake).pull("updates", cursor).cursor
    fake.advance(8 * 86_400)
    fake.last_update = 12
    fake.message("after")
    after = connect(fake).pull("updates", cursor)
    assert [m.text for m in after.messages] == ["after"]
    assert after.cursor["offset"] == 14


def test_asking_while_a_webhook_is_set_says_so(fake: FakeTelegram) -> None:
    fake.webhook = {"url": "https://inbox.example/hook"}
    with pytest.raises(Transient, match="A webhook is set at Telegram"):
        page(fake)
    fake.webhook = None
    fake.fault("*", "conflict")
    with pytest.raises(Transient, match="Another program asks Telegram"):
        page(fake)


def test_an_account_with_a_webhook_never_asks(fake: FakeTelegram) -> None:
    fake.message("told, not asked for")
    found = page(fake, way_in="webhook")
    assert (found.messages, found.cursor, found.more) == ((), {}, False)
    assert fake.requests == []


def test_updates_are_asked_for_by_name_and_at_once(fake: FakeTelegram) -> None:
    page(fake)
    method, asked = fake.calls[-1]
    assert (method, asked["timeout"], "offset" in asked) == ("getUpdates", 0, False)
    assert "deleted_business_messages" in asked["allowed_updates"]
    assert "message_reaction" not in asked["allowed_updates"]
    with pytest.raises(Unsupported):
        connect(fake).pull("mentions", {})


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"caption": "see this"}, "see this"),
        ({"sticker": {"file_id": "s1", "emoji": "😀"}}, "[sticker 😀]"),
        ({"location": {"latitude": 52.5, "longitude": 13.4}}, "[location: 52.5, 13.4]"),
        (
            {"contact": {"phone_number": "+14155550100", "first_name": "Bo"}},
            "[contact: Bo, +14155550100]",
        ),
        (
            {
                "text": "Is this you?",
                "entities": [
                    {"type": "text_link", "offset": 8, "length": 3, "url": "https://pay.example/"}
                ],
            },
            "Is this you?\n[link: https://pay.example/]",
        ),
        ({"voice": {"file_id": "v1", "mime_type": "audio/ogg"}}, ""),
        ({"something_new": {}}, "[message that only Telegram shows]"),
        (
            {
                "rich_message": {
                    "blocks": [
                        {"type": "paragraph", "text": ["Pay ", {"type": "bold", "text": "now"}]},
                        {"type": "list", "items": [{"blocks": [{"text": "one"}]}]},
                    ]
                }
            },
            "Pay now\none",
        ),
    ],
)
def test_what_is_no_text_is_shown_in_words(fake: FakeTelegram, said: Json, text: str) -> None:
    fake.message(**said)
    assert only(fake).text == text


def test_the_largest_picture_is_taken_and_an_album_is_marked(fake: FakeTelegram) -> None:
    sizes = [
        {"file_id": "small", "width": 90, "height": 67, "file_size": 1_200},
        {"file_id": "large", "width": 900, "height": 670, "file_size": 90_000},
        {"file_id": "middle", "width": 320, "height": 240, "file_size": 9_000},
    ]
    fake.message(photo=sizes, media_group_id="album-9", caption="both sides")
    message = only(fake)
    (file,) = message.attachments
    assert (file.ref, file.size, file.mime) == ("large", 90_000, "image/jpeg")
    assert file.url is None
    assert message.platform["album"] == "album-9"


def test_a_file_keeps_its_name_and_type(fake: FakeTelegram) -> None:
    held = {"file_id": "d1", "file_name": "bill.pdf", "mime_type": "application/pdf"}
    fake.message(document=held)
    (file,) = only(fake).attachments
    assert (file.name, file.mime, file.ref) == ("bill.pdf", "application/pdf", "d1")


def test_the_platforms_own_notes_are_no_messages(fake: FakeTelegram) -> None:
    fake.message(chat=fake.group(), new_chat_members=[fake.person("bo")])
    fake.message(chat=fake.group(), pinned_message={"message_id": 1})
    assert page(fake).messages == ()


def test_all_of_the_platforms_own_notes_are_known() -> None:
    assert service_fields() <= SERVICE


def test_in_a_group_who_mentions_or_answers_us_is_a_customer(fake: FakeTelegram) -> None:
    text = "\U0001f600 help me @Brand_Bot please"
    group = fake.group()
    fake.message("nice weather", chat=group)
    fake.message(text, "bo", chat=group, entities=mention(text))
    ours = fake.keep(group, fake.me, "How can we help?", {})
    fake.message("my card", "bo", chat=group, reply_to_message=ours)
    aside, call, own, answer = page(fake).messages
    assert (aside.kind, aside.context) == (Kind.COMMENT, True)
    assert (call.kind, call.context, call.visibility) == (Kind.MENTION, False, Visibility.PUBLIC)
    assert (answer.kind, answer.context) == (Kind.COMMENT, False)
    assert answer.in_reply_to == own.external_id
    assert (own.direction, own.automated) == (Direction.OUT, True)


def test_a_mention_by_id_and_a_command_with_our_name_call_us_too(fake: FakeTelegram) -> None:
    group, me = fake.group(), {"id": BOT, "is_bot": True, "first_name": "Brand"}
    by_id = [{"type": "text_mention", "offset": 0, "length": 5, "user": me}]
    fake.message("Brand, hello", chat=group, entities=by_id)
    command = f"/help@{USERNAME}"
    marked = [{"type": "bot_command", "offset": 0, "length": len(command)}]
    fake.message(command, chat=group, entities=marked)
    fake.message("/help@other_bot", chat=group, entities=[{**marked[0], "length": 15}])
    assert [m.context for m in page(fake).messages] == [False, False, True]


@pytest.mark.parametrize(("groups", "context"), [("all", [False]), ("mentions", [True])])
def test_a_setting_makes_every_message_of_groups_a_matter(
    fake: FakeTelegram, groups: str, context: list[bool]
) -> None:
    fake.message("nice weather", chat=fake.group())
    assert [m.context for m in page(fake, groups=groups).messages] == context
    assert page(fake, groups="none").messages == ()


def test_bots_in_a_group_are_no_customers(fake: FakeTelegram) -> None:
    robot = {"id": 9, "is_bot": True, "first_name": "Quiz"}
    text = f"@{USERNAME} buy"
    body = fake.keep(fake.group(), robot, text, {"entities": mention(text)})
    fake.tell("message", body)
    message = only(fake, groups="all")
    assert (message.automated, message.context) == (True, True)


def test_a_supergroups_thread_is_its_root_or_topic(fake: FakeTelegram) -> None:
    group = fake.group()
    root = fake.message("a question", chat=group)
    below: Json = {"message_thread_id": root["message_id"], "reply_to_message": root}
    fake.message("an answer", "bo", chat=group, **below)
    created = {"message_id": 7, "date": 1, "chat": group, "forum_topic_created": {"name": "Cards"}}
    topic: Json = {"message_thread_id": 7, "is_topic_message": True, "reply_to_message": created}
    fake.message("in a topic", chat=group, **topic)
    fake.message("no threads here", chat=fake.group("group", -55))
    asked, answered, in_topic, plain = page(fake, groups="all").messages
    assert asked.conversation == answered.conversation == f"-1001:{root['message_id']}"
    assert answered.in_reply_to == asked.external_id
    assert (in_topic.conversation, in_topic.in_reply_to) == ("-1001:7", None)
    assert in_topic.platform["topic"] == 7
    assert plain.conversation == "-55"


def test_a_comment_under_a_post_of_the_groups_channel_is_a_customers(fake: FakeTelegram) -> None:
    channel = {"id": -1009, "type": "channel", "title": "Brand news"}
    stand_in = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
    marks = {"is_automatic_forward": True, "sender_chat": channel}
    post = fake.keep(fake.group(), stand_in, "New fees", marks)
    below: Json = {"message_thread_id": post["message_id"], "reply_to_message": post}
    fake.message("too high!", "bo", chat=fake.group(), **below)
    shown, comment = page(fake).messages
    assert (shown.context, shown.author) == (True, Author("-1009", None, "Brand news"))
    assert (comment.context, comment.kind) == (False, Kind.COMMENT)
    assert comment.conversation == shown.conversation == shown.external_id


def test_a_lent_business_chat_is_a_chat_of_its_own(fake: FakeTelegram) -> None:
    fake.message("to the bot")
    asked = fake.business("to the business", "ann")
    fake.business("from its owner", "ann", own=True)
    fake.business("we are away", "ann", own=True, is_from_offline=True)
    direct, lent, owner, away = page(fake).messages
    ann = direct.conversation
    assert lent.external_id == f"{CONNECTION}:{ann}:{asked['message_id']}"
    assert lent.conversation == owner.conversation == f"{CONNECTION}:{ann}"
    assert (lent.direction, lent.author and lent.author.id) == (Direction.IN, ann)
    assert (owner.direction, owner.author and owner.author.id) == (Direction.OUT, str(OWNER))
    assert (owner.automated, away.automated) == (False, True)


def test_business_messages_that_were_deleted_are_told_by_their_ids(fake: FakeTelegram) -> None:
    one, two = fake.business("one"), fake.business("two")
    fake.erase_business(one, two)
    found = page(fake)
    ids = [m.external_id for m in found.messages]
    assert [e.external_id for e in found.events if isinstance(e, Deletion)] == ids


def test_channel_post_inboxes_are_left_alone(fake: FakeTelegram) -> None:
    """They are private though they come as a supergroup: better none than one shown as public."""
    fake.message("psst", chat=fake.group(is_direct_messages=True))
    assert page(fake).messages == ()


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {"chat": {"id": 5, "type": "private"}},
        {"message_id": "x", "date": 1, "chat": {"id": 5, "type": "private"}, "from": {"id": 5}},
        {"message_id": 1, "date": 1, "chat": {"id": None, "type": "private"}, "from": {"id": 5}},
        {"message_id": 1, "date": 10**20, "chat": {"id": 5, "type": "private"}, "from": {"id": 5}},
        {
            "message_id": 1,
            "date": 1,
            "chat": {"id": 5, "type": "private"},
            "from": {"id": 5},
            "photo": [],
        },
        {
            "message_id": 1,
            "date": 1,
            "chat": {"id": 5, "type": "group"},
            "from": {"id": 5},
            "text": "x",
            "entities": [{}],
        },
    ],
)
def test_odd_items_become_malformed_and_the_page_goes_on(fake: FakeTelegram, body: Any) -> None:
    fake.tell("edited_message", body)
    fake.message("I am here")
    found = page(fake)
    assert [m.text for m in found.messages] == ["I am here"]
    assert len(found.malformed) == (0 if body is None else 1)


def test_a_list_without_numbers_is_not_taken_for_read(fake: FakeTelegram) -> None:
    fake.fault("*", Answer(200, {"ok": True, "result": [{"message": {}}, 7]}))
    with pytest.raises(Transient):
        page(fake)


def test_the_check_names_what_is_missing(fake: FakeTelegram) -> None:
    told = connect(fake).check()
    assert (told.external_id, told.handle, told.missing) == (str(BOT), f"@{USERNAME}", ())
    fake.webhook = {"url": "https://inbox.example/hook"}
    assert "a webhook is set" in connect(fake).check().missing[0]
    assert connect(fake, way_in="webhook").check().missing == ()
    fake.webhook = None
    missing = connect(fake, way_in="webhook", groups="all", username="other_bot").check().missing
    assert [m.partition(" ")[0] for m in missing] == ["webhook", "the", "every"]
    other = Connector(replace(fake.account(), handle="support"), fake.now).check()
    assert other.missing == (f"the setting `username`: {USERNAME}",)


def test_the_webhook_is_set_with_its_secret_and_taken_away(fake: FakeTelegram) -> None:
    connect(fake, way_in="webhook").subscribe("https://inbox.example/hooks/telegram/k")
    assert fake.webhook is not None
    assert fake.webhook["secret_token"] == SECRETS["webhook_secret"]
    assert "drop_pending_updates" not in fake.webhook
    connect(fake, way_in="poll").subscribe("")
    assert fake.webhook is None


def test_texts_are_counted_in_utf16_units() -> None:
    assert CAPABILITIES.measure("a😀", Visibility.PRIVATE) == 3
