"""The signed webhook: calls in, answers out, and its documentation."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.core.contract import (
    Account,
    Attachment,
    Author,
    Direction,
    HookAnswer,
    HookRequest,
    Kind,
    Outgoing,
    Visibility,
)
from connectors.core.errors import OutcomeUnknown, RateLimited, Refused, Unsupported
from connectors.webhook import MAX_BODY, Connector, is_signed, sign
from tests.fakes.webhook import SECRET, Receiver, event, request, signature

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs" / "webhook.md"


def connect(at: datetime = NOW, **settings: Any) -> Connector:
    secrets = {"secret": SECRET, "previous_secret": "the-secret-of-last-month"}
    return Connector(Account("webhook", "shop", None, None, settings, secrets), lambda: at)


def receive(body: bytes | dict[str, Any], **more: Any) -> HookAnswer:
    return connect().receive(request(body, received_at=NOW, **more))


def reply(text: str = "Hello Ann.", key: str = "ab" * 16) -> Outgoing:
    place = (Visibility.PRIVATE, Kind.WEBHOOK, NOW)
    return Outgoing(key, "c17", "m:m-e1", Author("u9"), text, *place)


# --- signatures


def test_the_published_example_of_a_signature_holds() -> None:
    body = rb'{"a":1,"t":"h\u00e9llo"}'
    assert len(body) == 24
    made = "26eedd30f2d832a3d63a57b353a643140547c817a4b7e3c7cc8dda3c0de5ac04"
    assert sign("gsecret", 1795343331, body) == f"t=1795343331,v1={made}"
    assert made in DOCS.read_text()


@pytest.mark.parametrize("seconds", [-300, -1, 0, 299, 300])
def test_a_clock_may_differ_by_five_minutes(seconds: int) -> None:
    assert receive(event(), at=NOW + timedelta(seconds=seconds)).status == 202


@pytest.mark.parametrize("seconds", [-301, 301, 86_400 * 365])
def test_an_older_or_later_call_is_refused(seconds: int) -> None:
    answer = receive(event(), at=NOW + timedelta(seconds=seconds))
    assert (answer.status, answer.messages, answer.event_id) == (401, (), None)


def test_while_a_secret_is_exchanged_either_fits() -> None:
    body = json.dumps(event()).encode()
    t = int(NOW.timestamp())
    assert receive(body, secret="the-secret-of-last-month").status == 202
    old, new = (signature(s, t, body).partition(",")[2] for s in ("unknown", SECRET))
    assert receive(body, told=f"t={t},{old},{new}").status == 202
    assert receive(body, told=f"t={t}, {new}, {old}").status == 202


def broken_signatures() -> list[str]:
    t = int(NOW.timestamp())
    good = signature(SECRET, t, json.dumps(event()).encode())
    v1 = good.partition("v1=")[2]
    return [
        "",
        "v1=" + v1,
        f"t={t}",
        f"t={t},v1=",
        f"t={t},v0={v1}",
        f"t={t + 1},v1={v1}",
        f"t=-{t},v1={v1}",
        f"t={t}.5,v1={v1}",
        f"t={t},t={t},v1={v1}",
        f"t={t},v1={v1.upper()}",
        f"t={t},v1={v1[:-1]}",
        f"t={t},v1={'é' * 64}",
        f"t={'9' * 400},v1={v1}",
        f"t={t}" + ",v1=" + "0" * 64,
        f"t={t}" + (",v1=" + "0" * 64) * 20 + f",v1={v1}",
    ]


@pytest.mark.parametrize("told", broken_signatures())
def test_a_broken_signature_brings_nothing(told: str) -> None:
    answer = receive(event(), told=told)
    assert (answer.status, answer.messages, answer.event_id) == (401, (), None)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_header_crashes_the_check(told: str) -> None:
    assert not is_signed(told, b"{}", [SECRET], NOW)


def test_a_changed_body_is_refused() -> None:
    call = request(event("Send it to account 1"), received_at=NOW)
    changed = replace(call, body=call.body.replace(b"account 1", b"account 2"))
    assert connect().receive(changed).status == 401


def test_an_account_without_secret_accepts_nothing() -> None:
    account = Account("webhook", "shop", None, None, {}, {"secret": ""})
    call = request(event(), secret="", received_at=NOW)
    assert Connector(account, lambda: NOW).receive(call).status == 401


def test_the_signature_is_checked_before_the_body_is_read() -> None:
    assert receive(b"not json", secret="wrong").status == 401


# --- bodies


def test_a_call_becomes_a_message() -> None:
    said = event()["message"] | {
        "attachments": [{"url": "https://shop.example/1.png", "mime": "image/png", "size": 5}]
    }
    answer = receive(event(message=said))
    assert (answer.status, answer.repeat_status, answer.conflict_status) == (202, 200, 409)
    assert answer.event_id == "e1"
    (message,) = answer.messages
    assert message.external_id == "m:m-e1"
    assert message.conversation == "c17"
    assert message.direction is Direction.IN
    assert message.author == Author("u9", "ann@mail.example", "Ann")
    assert message.sent_at == datetime(2026, 11, 20, 9, 15, 31, tzinfo=UTC)
    assert message.attachments == (Attachment("https://shop.example/1.png", "image/png", None, 5),)
    assert message.platform == {"page_url": "https://shop.example/cart", "locale": "en"}


def test_a_repeat_is_known_by_its_id_and_another_body_by_its_hash() -> None:
    first, repeat = receive(event()), receive(event(), at=NOW - timedelta(seconds=60))
    other = receive(event("Something else"))
    assert (first.event_id, first.body_hash) == (repeat.event_id, repeat.body_hash)
    assert first.event_id == other.event_id
    assert first.body_hash != other.body_hash


def test_an_edit_and_a_deletion_name_the_same_message() -> None:
    (created,) = receive(event()).messages
    edited_at = "2026-11-20T10:00:00+01:00"
    said = event()["message"] | {"text": "Changed", "edited_at": edited_at}
    (edited,) = receive(event(type="message.edited", message=said)).messages
    gone = event()["message"] | {"text": ""}
    (deleted,) = receive(event(type="message.deleted", message=gone)).messages
    assert created.external_id == edited.external_id == deleted.external_id
    assert created.edited_at is None
    assert edited.edited_at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert deleted.deleted_at == NOW
    assert deleted.sent_at == created.sent_at


def changed(**parts: Any) -> dict[str, Any]:
    """The event with parts of its message replaced."""
    return event(message=event()["message"] | parts)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"[]", "body"),
        (b"{", "body"),
        (b"\xff", "body"),
        (b"[" * 100_000, "body"),
        (b'{"a":' + b"1" * 5000 + b"}", "body"),
        (event(type="message.burned"), "type"),
        (event(type=["message.created"]), "type"),
        (event(event_id=""), "event_id"),
        (event() | {"event_id": 7}, "event_id"),
        (event(event_id="x" * 201), "event_id"),
        (event(conversation_id=None), "conversation_id"),
        (event(message="hello"), "message"),
        (changed(id=None), "message.id"),
        (changed(text=None), "message.text"),
        (changed(text=" \n"), "message.text"),
        (changed(text=5), "message.text"),
        (changed(text="x" * 50_001), "message.text"),
        (changed(created_at=None), "message.created_at"),
        (changed(created_at="2026-11-20T09:15:31"), "message.created_at"),
        (changed(created_at="yesterday"), "message.created_at"),
        (changed(created_at=1795343331), "message.created_at"),
        (changed(created_at="0001-01-01T00:00:00+23:59"), "message.created_at"),
        (changed(attachments={}), "message.attachments"),
        (changed(attachments=[{}] * 21), "message.attachments"),
        (changed(attachments=["x"]), "message.attachments.0"),
        (changed(attachments=[{"url": "http://10.0.0.1/"}]), "message.attachments.0.url"),
        (changed(attachments=[{"size": -1}]), "message.attachments.0.size"),
        (changed(attachments=[{"size": True}]), "message.attachments.0.size"),
        (event(author=None), "author"),
        (event(author={"name": "Ann"}), "author.id"),
        (event(author={"id": "u9", "email": 5}), "author.email"),
        (event(context=[]), "context"),
        (event(context={"page_url": 1}), "context.page_url"),
    ],
)
def test_a_wrong_field_is_named(body: bytes | dict[str, Any], field: str) -> None:
    answer = receive(body)
    assert answer.status == 422
    assert isinstance(answer.body, dict)
    assert answer.body["field"] == field
    assert answer.body["error"]
    assert answer.messages == ()


def test_a_body_over_one_mebibyte_is_refused() -> None:
    assert receive(b" " * (MAX_BODY + 1)).status == 413
    assert receive(b" " * MAX_BODY).status == 422


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "text", "created_at", "attachments"]), inner)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(event())), JSON))
def test_no_body_crashes_the_reader(parts: dict[str, Any]) -> None:
    assert receive(event(**parts)).status in (202, 422)


# --- answers


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def to(receiver: Receiver, at: datetime = NOW) -> Connector:
    return connect(at, reply_url=receiver.url, allow_private=[receiver.origin])


def test_an_answer_is_posted_signed_in_the_documented_shape(receiver: Receiver) -> None:
    sent = to(receiver).send(reply("你好 Ann"))
    assert sent.external_id == f"r:{'ab' * 16}"
    (body,) = receiver.bodies
    assert json.loads(body) == {
        "event_id": "ab" * 16,
        "type": "message.created",
        "conversation_id": "c17",
        "message": {
            "id": "ab" * 16,
            "text": "你好 Ann",
            "created_at": "2026-11-22T12:00:00+00:00",
            "in_reply_to": "m-e1",
            "attachments": [],
        },
        "author": {"id": "support", "name": "shop", "email": None},
        "to": {"id": "u9"},
    }


def test_a_repeated_answer_is_the_same_call_and_is_shown_once(receiver: Receiver) -> None:
    receiver.faults.append("cut")
    with pytest.raises(OutcomeUnknown):
        to(receiver).send(reply())
    to(receiver, NOW + timedelta(hours=1)).send(reply())
    assert len(receiver.bodies) == 2
    assert receiver.bodies[0] == receiver.bodies[1]
    assert receiver.texts() == ["Hello Ann."]


def test_a_receivers_limit_says_until_when(receiver: Receiver) -> None:
    receiver.faults.append("429")
    with pytest.raises(RateLimited) as raised:
        to(receiver).send(reply())
    assert raised.value.resets_at == NOW + timedelta(seconds=30)


def test_a_private_receiver_needs_the_operators_word(receiver: Receiver) -> None:
    port = receiver.origin.partition(":")[2]
    for chosen in (
        {"reply_url": receiver.url},
        {"reply_url": receiver.url, "allow_private": ["127.0.0.1:1"]},
        {"reply_url": f"https://localhost:{port}/", "allow_private": [receiver.origin]},
        {"reply_url": "https://10.0.0.1/answers"},
        {"reply_url": "https://[::1]/answers"},
        {"reply_url": "file:///etc/passwd"},
    ):
        with pytest.raises(Refused):
            connect(**chosen).send(reply())
    assert receiver.bodies == []


def test_without_reply_url_there_is_no_answer() -> None:
    with pytest.raises(Unsupported):
        connect().send(reply())
    assert connect().check().missing == ("Address that answers are posted to",)


def test_a_short_secret_is_refused_when_the_account_is_made() -> None:
    account = Account("webhook", "shop", None, None, {}, {"secret": "short"})
    with pytest.raises(Refused, match="16"):
        Connector(account, lambda: NOW).check()
    with pytest.raises(Refused, match="https"):
        connect(reply_url="http://shop.example/").check()


# --- the documentation's own examples


@contextmanager
def desk(answers: list[HookAnswer]) -> Iterator[str]:
    """A server that hands each call to a connector, as the web side does; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {k.lower(): v for k, v in self.headers.items()}
            now = datetime.now(UTC)
            call = HookRequest("POST", self.path, headers, {}, body, now)
            answers.append(connect().receive(call))
            self.send_response(answers[-1].status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/hooks/webhook/shop"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("name", "command", "text"),
    [
        ("shell", ["sh", "-ec"], "Where is my payment?"),
        ("python", [sys.executable, "-c"], "你好，款项还没到。"),
    ],
)
def test_the_examples_in_the_documentation_work(name: str, command: list[str], text: str) -> None:
    found = re.search(rf"<!-- test: {name} -->\n```\w+\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert found
    answers: list[HookAnswer] = []
    with desk(answers) as address:
        environment = {**os.environ, "SECRET": SECRET, "ADDRESS": address, "NO_PROXY": "*"}
        done = subprocess.run(
            [*command, found[1]], env=environment, capture_output=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr.decode()
    (answer,) = answers
    assert answer.status == 202
    assert [m.text for m in answer.messages] == [text]


def test_the_example_bodies_in_the_documentation_are_accepted() -> None:
    bodies = re.findall(r"```json\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert len(bodies) == 2
    assert all(receive(body.encode()).status == 202 for body in bodies)
