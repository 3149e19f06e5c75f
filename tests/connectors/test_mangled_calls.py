"""Genuine calls whose content makes no sense: nothing may fall over, and nothing gets lost beside.

Each test takes real calls, replaces or removes every single thing in them, and sends them signed.
"""

import json
from dataclasses import asdict, replace
from typing import Any

from connectors.core.contract import ConnectorContract, HookRequest
from connectors.core.registry import connector
from tests.connectors.junk import oddities
from tests.fakes.line import SECRETS, FakeLine
from tests.fakes.wechat import FakeWeChat
from tests.fakes.whatsapp import FakeWhatsApp


def line_events(fake: FakeLine) -> list[Any]:
    us = {"mentionees": [{"type": "user", "index": 0, "length": 2, "isSelf": True}]}
    return [
        fake.message("hi", "ann", fake.group("savers"), mention=us, quotedMessageId="1"),
        fake.message(type="file", fileName="a.pdf", fileSize=1),
        fake.message(type="image", contentProvider={"type": "external", "originalContentUrl": "x"}),
        fake.message(type="sticker", keywords=["a"]),
        fake.message(type="location", latitude=1.5, longitude=2.5),
        fake.event("postback", postback={"data": "x"}),
        fake.unsend("1"),
    ]


def whatsapp_calls(fake: FakeWhatsApp) -> list[Any]:
    place = {"latitude": 1.5, "longitude": 2, "name": "Shop"}
    card = {"name": {"formatted_name": "Cy"}, "phones": [{"phone": "+1 555 0100"}]}
    product = {"product_retailer_id": "SODA", "quantity": 2, "item_price": 1, "currency": "USD"}
    system = {"type": "user_changed_number", "wa_id": "1555", "body": "Moved"}
    edit = {"original_message_id": "1", "message": {"type": "text", "text": {"body": "x"}}}
    return [
        fake.message("hi", context={"id": "wamid.1"}),
        fake.picture(b"x"),
        fake.message(type="location", location=place),
        fake.message(type="contacts", contacts=[card]),
        fake.message(type="order", order={"product_items": [product]}),
        fake.message(type="reaction", reaction={"message_id": "1", "emoji": "x"}),
        fake.message(type="edit", edit=edit),
        fake.system(**{"from": "1"}, system=system),
        fake.echo("hi"),
        fake.status("1", "failed", "a" * 32, errors=[{"code": 1, "error_data": {"details": "x"}}]),
    ]


def takes(platform: ConnectorContract, call: HookRequest) -> int:
    """How many things a call brought, counting the unreadable."""
    answer = platform.receive(call)
    assert answer.status == 200
    for found in (*answer.messages, *answer.events):
        assert json.dumps(asdict(found), default=str, ensure_ascii=False).encode()  # can be stored
        assert found.external_id
    return len(answer.messages) + len(answer.events) + len(answer.malformed)


def test_line_takes_any_event() -> None:
    with FakeLine() as fake:
        secrets = {"channel_secret": SECRETS["channel_secret"]}  # without a token, no names
        platform = connector("line")(replace(fake.account(), secrets=secrets), fake.now)
        beside = fake.message("Beside")
        for event in line_events(fake):
            for odd in oddities(event):
                assert takes(platform, fake.request(odd, beside)) in (1, 2)


def test_whatsapp_takes_any_call() -> None:
    with FakeWhatsApp() as fake:
        platform = connector("whatsapp")(fake.account(), fake.now)
        for call in whatsapp_calls(fake):
            for odd in oddities(call):
                assert takes(platform, fake.signed(odd)) <= 1


def test_wechat_takes_any_fields() -> None:
    junk = ("", " ", "x", "9" * 40, "-1", "1e9", "<b>x</b>", "\ufffd")
    with FakeWeChat(sealed=True) as fake:
        platform = connector("wechat")(fake.account(), fake.now)
        for fields in (fake.message("hi"), fake.picture(b"x"), fake.event("CLICK", EventKey="k")):
            for name in fields:
                odd = [{k: v for k, v in fields.items() if k != name}]
                odd += [{**fields, name: value} for value in junk]
                assert all(takes(platform, fake.request(o)) <= 1 for o in odd)
