"""What WhatsApp's calls bring: people under several ids, all kinds of messages, statuses."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.core.contract import (
    Attachment,
    Author,
    Deletion,
    Direction,
    HookAnswer,
    Kind,
    Message,
    Receipt,
    Visibility,
)
from connectors.whatsapp import Connector
from tests.connectors.openapi import contract, hold
from tests.fakes.whatsapp import FakeWhatsApp

SPEC = "whatsapp/business-messaging-api_v23.0.yaml"
NUMBER, USER_ID = "15550783881", "US.13491208655302741918"


@pytest.fixture
def fake() -> Iterator[FakeWhatsApp]:
    with FakeWhatsApp() as fake:
        yield fake


def heard(fake: FakeWhatsApp, call: Any) -> HookAnswer:
    answer = Connector(fake.account(), fake.now).receive(fake.signed(call))
    assert answer.status == 200
    return answer


def only(fake: FakeWhatsApp, call: Any) -> Message:
    answer = heard(fake, call)
    assert (answer.malformed, answer.events) == ((), ())
    (message,) = answer.messages
    return message


def value_of(call: Any) -> Any:
    return call["entry"][0]["changes"][0]["value"]


def test_a_message_says_who_where_and_when(fake: FakeWhatsApp) -> None:
    number, user_id = fake.ids("ann")
    call = fake.message("Where is my refund?", context={"from": NUMBER, "id": "wamid.PREV"})
    message = only(fake, call)
    assert message.author == Author(user_id, f"+{number}", "Ann Example", (number,))
    assert message.conversation == user_id
    assert message.platform == {"wa_id": number, "user_id": user_id}
    assert (message.kind, message.visibility) == (Kind.DM, Visibility.PRIVATE)
    assert message.external_id == value_of(call)["messages"][0]["id"]
    assert message.in_reply_to == "wamid.PREV"
    assert abs((message.sent_at - fake.now()).total_seconds()) < 5
    assert not message.context


def test_a_person_behind_a_username_has_no_number(fake: FakeWhatsApp) -> None:
    message = only(fake, fake.message("Hi", "bo", shows="user_id"))
    assert message.author == Author(fake.ids("bo")[1], "bo.example", "Bo Example")
    assert "wa_id" not in message.platform


def test_a_number_and_its_user_id_are_told_together_so_that_they_can_be_joined(
    fake: FakeWhatsApp,
) -> None:
    old = only(fake, fake.message("Hi", shows="number")).author
    new = only(fake, fake.message("Hi again", shows="both")).author
    assert old is not None
    assert new is not None
    assert old.id != new.id
    assert old.id in new.also


def test_the_right_contact_is_taken_of_several(fake: FakeWhatsApp) -> None:
    call = fake.message("Hi", "ann")
    value_of(call)["contacts"].insert(0, fake.contact("bo", "both"))
    author = only(fake, call).author
    assert author is not None
    assert author.name == "Ann Example"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"type": "button", "button": {"payload": "p", "text": "Stop"}}, "Stop"),
        (
            {
                "type": "interactive",
                "interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "Fast"}},
            },
            "Fast",
        ),
        ({"type": "interactive"}, "[interactive]"),
        (
            {"type": "location", "location": {"latitude": 1.5, "longitude": 2, "name": "Shop"}},
            "Shop\n1.5, 2",
        ),
        (
            {
                "type": "contacts",
                "contacts": [
                    {"name": {"formatted_name": "Cy"}, "phones": [{"phone": "+1 555 0100"}]}
                ],
            },
            "[contact]\nCy, +1 555 0100",
        ),
        (
            {
                "type": "order",
                "order": {
                    "product_items": [
                        {
                            "product_retailer_id": "SODA",
                            "quantity": 2,
                            "item_price": 10,
                            "currency": "USD",
                        }
                    ]
                },
            },
            "[order]\n2 × SODA (10 USD)",
        ),
        (
            {"type": "unsupported", "unsupported": {"type": "poll"}},
            "[WhatsApp does not show this kind of message: poll]",
        ),
        ({"type": "hologram"}, "[hologram]"),
    ],
)
def test_every_kind_of_message_has_words(
    fake: FakeWhatsApp, said: dict[str, Any], text: str
) -> None:
    assert only(fake, fake.message(**said)).text == text


def test_text_is_cleaned_at_the_door(fake: FakeWhatsApp) -> None:
    assert only(fake, fake.message("a\x00b \ud800")).text == "a\ufffdb \ufffd"


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document", "sticker"])
def test_files_are_named_by_id(fake: FakeWhatsApp, kind: str) -> None:
    file = {"id": "77", "mime_type": "audio/ogg; codecs=opus", "caption": "Look", "filename": "a"}
    said: dict[str, Any] = {"type": kind, kind: file}
    message = only(fake, fake.message(**said))
    assert message.text == "Look"
    assert message.attachments == (Attachment(mime="audio/ogg", name="a", ref="77"),)


def test_a_reaction_is_shown_and_opens_nothing(fake: FakeWhatsApp) -> None:
    thumb = {"message_id": "wamid.OURS", "emoji": "👍"}
    message = only(fake, fake.message(type="reaction", reaction=thumb))
    assert (message.text, message.in_reply_to, message.context) == ("👍", "wamid.OURS", True)
    for gone in ({"message_id": "wamid.OURS", "emoji": ""}, {"message_id": "wamid.OURS"}):
        assert heard(fake, fake.message(type="reaction", reaction=gone)).messages == ()


def test_an_edit_is_the_same_message_and_a_revoked_one_is_gone(fake: FakeWhatsApp) -> None:
    first = only(fake, fake.message("Wher is my mony"))
    better = {"type": "text", "text": {"body": "Where is my money"}}
    edit = {"original_message_id": first.external_id, "message": better}
    again = only(fake, fake.message(type="edit", edit=edit))
    assert (again.external_id, again.text) == (first.external_id, "Where is my money")
    assert again.edited_at is not None
    revoke = {"original_message_id": first.external_id}
    (gone,) = heard(fake, fake.message(type="revoke", revoke=revoke)).events
    assert isinstance(gone, Deletion)
    assert gone.external_id == first.external_id


def test_what_we_write_in_the_phone_app_is_ours(fake: FakeWhatsApp) -> None:
    asked = only(fake, fake.message("Hi"))
    echo = only(fake, fake.echo("Hello from the phone"))
    assert echo.direction is Direction.OUT
    assert echo.conversation == asked.conversation
    assert echo.author is None
    revoke = {"original_message_id": echo.external_id}
    (gone,) = heard(fake, fake.echo("", type="revoke", revoke=revoke)).events
    assert isinstance(gone, Deletion)


def test_an_echo_told_the_wrong_way_round_is_still_to_the_person(fake: FakeWhatsApp) -> None:
    """So do Meta's recorded calls where an echo was edited."""
    asked = only(fake, fake.message("Hi"))
    better = {"type": "text", "text": {"body": "Better"}}
    edit = {"original_message_id": "wamid.OURS", "message": better}
    call = fake.echo("", type="edit", edit=edit)
    turned = {"from": fake.ids("ann")[0], "to": NUMBER, "to_user_id": ""}
    value_of(call)["message_echoes"][0] |= turned
    echo = only(fake, call)
    assert (echo.external_id, echo.text) == ("wamid.OURS", "Better")
    assert (echo.conversation, echo.platform) == (asked.conversation, asked.platform)


@pytest.mark.parametrize(
    ("said", "now", "before"),
    [
        (
            {
                "from": "15550100",
                "system": {"type": "user_changed_number", "wa_id": "15550199", "body": "Moved"},
            },
            "15550199",
            ("15550100",),
        ),
        (
            {
                "system": {
                    "type": "user_changed_user_id",
                    "user_id": "US.2",
                    "previous_user_id": "US.1",
                    "wa_id": "15550199",
                },
            },
            "US.2",
            ("15550199", "US.1"),
        ),
        (
            {"from_user_id": "US.1", "system": {"type": "user_changed_user_id", "user_id": "US.2"}},
            "US.2",
            ("US.1",),
        ),
    ],
)
def test_a_person_who_moved_is_still_one_person(
    fake: FakeWhatsApp, said: dict[str, Any], now: str, before: tuple[str, ...]
) -> None:
    message = only(fake, fake.system(**said))
    assert message.author is not None
    assert (message.author.id, message.author.also) == (now, before)
    assert message.conversation == now
    assert message.context
    assert message.text.startswith("[")


def test_a_status_is_a_receipt_under_our_key(fake: FakeWhatsApp) -> None:
    for told, state in (("sent", "sent"), ("delivered", "delivered"), ("played", "read")):
        (receipt,) = heard(fake, fake.status("wamid.OUT", told, "a" * 32)).events
        assert isinstance(receipt, Receipt)
        assert (receipt.state, receipt.external_id, receipt.key) == (state, "wamid.OUT", "a" * 32)
    (anothers,) = heard(fake, fake.status("wamid.OUT", "read", "campaign 7")).events
    assert isinstance(anothers, Receipt)
    assert anothers.key is None
    assert heard(fake, fake.status("wamid.OUT", "invented2027")).events == ()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"code": 131047}, "24 hours"),
        ({"code": 131026}, "could not deliver"),
        ({"code": 999, "error_data": {"details": "The moon is full"}}, "The moon is full"),
        ({"code": "?", "title": "Odd"}, "Odd"),
        ({}, "gave no reason"),
    ],
)
def test_a_message_that_failed_says_why(
    fake: FakeWhatsApp, error: dict[str, Any], words: str
) -> None:
    (receipt,) = heard(fake, fake.status("wamid.OUT", "failed", errors=[error])).events
    assert isinstance(receipt, Receipt)
    assert receipt.state == "failed"
    assert words in receipt.reason


def test_what_is_about_another_number_is_not_ours(fake: FakeWhatsApp) -> None:
    call = fake.message("Hi")
    value_of(call)["metadata"]["phone_number_id"] = "another"
    answer = heard(fake, call)
    assert (answer.messages, answer.malformed) == ((), ())


def test_a_group_is_shown_and_not_answered(fake: FakeWhatsApp) -> None:
    message = only(fake, fake.message("Hi all", group_id="G1"))
    assert (message.conversation, message.visibility) == ("G1", Visibility.PUBLIC)
    assert message.context
    assert not message.can_reply_publicly
    assert message.reply_note


@pytest.mark.parametrize(
    "broken",
    [
        "words",
        None,
        {},
        {"id": "wamid.1", "timestamp": "1795343331", "from": "1555"},
        {"id": "wamid.1", "timestamp": "noon", "from": "1555", "type": "text"},
        {"id": 1.5, "timestamp": "1795343331", "from": "1555", "type": "text"},
        {"id": "wamid.1", "timestamp": "1795343331", "from": "1", "type": "image", "image": []},
        {"id": "wamid.1", "timestamp": "1795343331", "from": "1", "type": "edit", "edit": {}},
        {
            "id": "wamid.1",
            "timestamp": "1795343331",
            "from": "1",
            "type": "contacts",
            "contacts": [1],
        },
        {"id": "wamid.1", "timestamp": "1795343331", "type": "system", "system": {}},
    ],
)
def test_an_unreadable_item_does_not_stop_the_rest(fake: FakeWhatsApp, broken: Any) -> None:
    before, after = (value_of(fake.message(t))["messages"][0] for t in ("Before", "After"))
    call = fake.message("x")
    value_of(call)["messages"] = [before, broken, after]
    value_of(call)["statuses"] = [broken, {"id": "wamid.2", "status": "read", "timestamp": "9"}]
    answer = heard(fake, call)
    assert [m.text for m in answer.messages] == ["Before", "After"]
    assert broken in [m.raw for m in answer.malformed]
    assert len(answer.events) == 1


def test_other_fields_are_passed_over(fake: FakeWhatsApp) -> None:
    for field in ("history", "account_update", "invented2027"):
        answer = heard(fake, fake.call(field, messages=[{"odd": True}]))
        assert (answer.messages, answer.malformed) == ((), ())


@pytest.mark.parametrize(
    "file", ["message", "callback_button", "message_status", "outgoing_message"]
)
def test_recorded_calls_are_all_read(file: str) -> None:
    recorded = json.loads(contract(f"whatsapp-webhooks/{file}.json").read_text("utf-8"))
    quiet = {"unreaction_empty", "unreaction_no_emoji"}
    with FakeWhatsApp() as fake:
        for name, call in recorded.items():
            phone = value_of(call)["metadata"]["phone_number_id"]
            account = fake.account(phone_number_id=phone)
            answer = Connector(account, fake.now).receive(fake.signed(call))
            assert answer.malformed == (), name
            assert len(answer.messages) + len(answer.events) == (name not in quiet), name


def test_our_fake_calls_as_metas_own_description_says(fake: FakeWhatsApp) -> None:
    for call in (fake.message("Hi"), fake.picture(b"x"), fake.message("Hi", shows="number")):
        value = value_of(call)
        hold(SPEC, "Metadata", value["metadata"])
        hold(SPEC, "ContactProfile", value["contacts"][0])
        hold(SPEC, "BaseMessageProperties_1", value["messages"][0])
    image = value_of(fake.picture(b"x"))["messages"][0]["image"]
    hold(SPEC, "MediaMessageProperties", image)
    failed = fake.status("wamid.1", "failed", errors=[{"code": 131047, "title": "Late"}])
    hold(SPEC, "Statuses", value_of(failed)["statuses"][0])
    hold(SPEC, "StatusMessageValue", value_of(failed))
