"""What goes out to WhatsApp: receivers, files, the window, late refusals, blocking, settings."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.core.contract import (
    Act,
    Attachment,
    Kind,
    Message,
    Outgoing,
    Receipt,
    Ref,
    Upload,
    Visibility,
)
from connectors.core.errors import (
    AuthRevoked,
    OutcomeUnknown,
    Refused,
    Transient,
    Unsupported,
    WindowClosed,
)
from connectors.whatsapp import Connector
from tests.connectors.openapi import hold
from tests.fakes.http import Answer
from tests.fakes.whatsapp import PHONE_ID, WABA, FakeWhatsApp

SPEC = "whatsapp/business-messaging-api_v23.0.yaml"
PICTURE = Upload("a.png", "image/png", b"png")
PAPER = Upload("bill.pdf", "application/pdf", b"pdf")


@pytest.fixture
def fake() -> Iterator[FakeWhatsApp]:
    with FakeWhatsApp() as fake:
        yield fake


def connect(fake: FakeWhatsApp, **settings: Any) -> Connector:
    return Connector(fake.account(**settings), fake.now)


def heard(fake: FakeWhatsApp, **message: Any) -> Message:
    call = fake.signed(fake.message("Hi", **message))
    (found,) = connect(fake).receive(call).messages
    return found


def answer_to(asked: Message, text: str, fake: FakeWhatsApp, **more: Any) -> Outgoing:
    assert asked.author is not None
    where = (asked.conversation, asked.external_id, asked.author, text)
    place = (Visibility.PRIVATE, Kind.DM, fake.now())
    return Outgoing("a" * 32, *where, *place, platform=asked.platform, **more)


def test_an_answer_goes_to_the_number_else_to_the_user_id(fake: FakeWhatsApp) -> None:
    number, user_id = fake.ids("ann")
    for shows, receiver in (
        ("both", {"to": number}),
        ("number", {"to": number}),
        ("user_id", {"recipient": user_id}),
    ):
        asked = heard(fake, shows=shows)
        bare = answer_to(replace(asked, platform={}), "Hello", fake)  # stored before it had extras
        for reply in (answer_to(asked, "Hello", fake), *((bare,) if shows != "both" else ())):
            connect(fake).send(reply)
            sent = fake.asked[-1]
            assert {k: v for k, v in sent.items() if k in ("to", "recipient")} == receiver


def test_a_lost_answer_is_settled_by_the_status_that_comes(fake: FakeWhatsApp) -> None:
    asked = heard(fake)
    fake.fault("*/messages", "lost")
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(answer_to(asked, "Hello", fake))
    (told,) = connect(fake).receive(fake.signed(fake.calls[-1])).events
    assert isinstance(told, Receipt)
    assert (told.state, told.key) == ("sent", "a" * 32)
    assert told.external_id


def test_a_refusal_may_come_after_the_message_was_taken(fake: FakeWhatsApp) -> None:
    fake.late_refusals = True
    asked = heard(fake)
    fake.advance(24 * 3600 + 1)
    sent = connect(fake).send(answer_to(asked, "Hello", fake))
    (told,) = connect(fake).receive(fake.signed(fake.calls[-1])).events
    assert isinstance(told, Receipt)
    assert (told.state, told.external_id) == ("failed", sent.external_id)
    assert "24 hours" in told.reason
    assert fake.sent == []


def test_after_a_day_the_window_is_closed(fake: FakeWhatsApp) -> None:
    asked = heard(fake)
    fake.advance(24 * 3600 + 1)
    with pytest.raises(WindowClosed):
        connect(fake).send(answer_to(asked, "Hello", fake))


def test_an_answer_that_names_no_message_is_not_taken_for_sent(fake: FakeWhatsApp) -> None:
    asked = heard(fake)
    answers: tuple[Any, ...] = (
        {},
        {"messages": []},
        {"messages": [{"id": ""}]},
        {"messages": "wamid"},
    )
    for body in answers:
        fake.fault("*/messages", Answer(200, body))
        with pytest.raises(OutcomeUnknown):
            connect(fake).send(answer_to(asked, "Hello", fake))


def test_files_go_with_their_words(fake: FakeWhatsApp) -> None:
    asked = heard(fake)
    connect(fake).send(answer_to(asked, "Your receipt", fake, files=(PICTURE,)))
    media = next(iter(fake.media))
    assert fake.asked[-1]["image"] == {"id": media, "caption": "Your receipt"}
    connect(fake).send(answer_to(asked, "", fake, files=(PAPER,)))
    assert fake.asked[-1]["type"] == "document"
    assert fake.asked[-1]["document"]["filename"] == "bill.pdf"
    assert fake.uploads == [b"png", b"pdf"]


def test_what_cannot_go_with_a_file_is_refused_before_it_is_left_with_meta(
    fake: FakeWhatsApp,
) -> None:
    asked = heard(fake)
    for text, files in (("x" * 1025, (PICTURE,)), ("", (PICTURE, PAPER))):
        with pytest.raises(Refused):
            connect(fake).send(answer_to(asked, text, fake, files=files))
    assert fake.requests == []


@pytest.mark.parametrize("fault", ["lost", "garbled", "unavailable", Answer(200, {})])
def test_a_file_that_was_not_taken_is_tried_again(fake: FakeWhatsApp, fault: Any) -> None:
    asked = heard(fake)
    fake.fault("*/media", fault)
    with pytest.raises(Transient):
        connect(fake).send(answer_to(asked, "", fake, files=(PICTURE,)))
    assert fake.asked == []


def test_the_token_goes_to_metas_servers_only(fake: FakeWhatsApp) -> None:
    fake.picture(b"x" * 2000)
    file = Attachment(ref=next(iter(fake.media)))
    assert connect(fake).download(file, 5000).data == b"x" * 2000
    for url in (
        "https://evil.example/1",
        "https://fbsbx.com.evil.example/1",
        "http://lookaside.fbsbx.com/1",
        "https://evilfbsbx.com/1",
        "",
    ):
        fake.fault("*", Answer(200, {"url": url}))
        with pytest.raises(Refused, match="strange address"):
            connect(fake).download(file, 5000)


def test_a_file_that_is_too_long_is_not_fetched(fake: FakeWhatsApp) -> None:
    fake.picture(b"x" * 2000)
    with pytest.raises(Refused):
        connect(fake).download(Attachment(ref=next(iter(fake.media))), 1999)
    assert len(fake.requests) == 1


def test_a_file_that_is_gone_is_refused(fake: FakeWhatsApp) -> None:
    with pytest.raises(Refused):
        connect(fake).download(Attachment(ref="4711"), 5000)
    fake.picture(b"x" * 2000)
    fake.fault("/files/*", Answer(404))
    with pytest.raises(Refused, match="no longer"):
        connect(fake).download(Attachment(ref=next(iter(fake.media))), 5000)


def test_a_person_is_blocked_by_number_and_only_soon_after_writing(fake: FakeWhatsApp) -> None:
    asked = heard(fake)
    ann = Ref("m", asked.conversation, Kind.DM, Visibility.PRIVATE, False, asked.author)
    connect(fake).act(Act.BLOCK, replace(ann, platform=asked.platform))
    assert fake.blocked == {fake.ids("ann")[0]}
    connect(fake).act(Act.UNBLOCK, replace(ann, platform=asked.platform))
    assert fake.blocked == set()
    with pytest.raises(Refused, match="24 hours"):
        connect(fake).act(Act.BLOCK, replace(ann, platform={"wa_id": "15550000"}))
    failed = {"failed_users": [{"input": "1555", "errors": [{"code": 131021}]}]}
    fake.fault("*/block_users", Answer(200, {"block_users": failed}))
    with pytest.raises(Refused, match="itself"):
        connect(fake).act(Act.BLOCK, ann)
    with pytest.raises(Unsupported):
        connect(fake).act(Act.HIDE, ann)


def test_the_check_says_who_we_are_and_what_is_missing(fake: FakeWhatsApp) -> None:
    identity = connect(fake).check()
    assert (identity.external_id, identity.handle) == (PHONE_ID, "+1 555-078-3881")
    assert (identity.name, identity.missing) == ("Brand", ())
    fake.subscription = None
    assert len(connect(fake).check().missing) == 1
    with pytest.raises(Refused):
        connect(fake, waba_id="").check()
    secrets = {k: v for k, v in fake.secrets.items() if k != "app_secret"}
    with pytest.raises(AuthRevoked, match="app secret"):
        Connector(replace(fake.account(), secrets=secrets), fake.now).check()


def test_meta_is_told_where_to_call(fake: FakeWhatsApp) -> None:
    connect(fake).subscribe("https://inbox.example/hooks/whatsapp/k")
    assert fake.subscription == {
        "override_callback_uri": "https://inbox.example/hooks/whatsapp/k",
        "verify_token": fake.secrets["verify_token"],
    }


def test_our_requests_and_the_fakes_answers_keep_metas_own_description(fake: FakeWhatsApp) -> None:
    asked = heard(fake)
    for reply in (
        answer_to(asked, "Hello", fake),
        answer_to(asked, "Look", fake, files=(PICTURE,)),
        answer_to(asked, "", fake, files=(PAPER,)),
    ):
        connect(fake).send(reply)
        hold(SPEC, "Message", fake.asked[-1])
        hold(SPEC, "MessageResponsePayload", fake.route(fake.requests[-1]).body)
    connect(fake).subscribe("https://inbox.example/hooks/whatsapp/k")
    assert fake.requests[-1].path.endswith(f"{WABA}/subscribed_apps")
    hold(SPEC, "SubscriptionRequest", fake.requests[-1].json)
    hold(SPEC, "SubscriptionResponse", fake.route(fake.requests[-1]).body)
    ann = Ref("m", "t", Kind.DM, Visibility.PRIVATE, False, asked.author, asked.platform)
    for act, schema in ((Act.BLOCK, "BlockUsersData"), (Act.UNBLOCK, "UnblockUsersData")):
        connect(fake).act(act, ann)
        hold(SPEC, schema, fake.route(fake.requests[-1]).body)
