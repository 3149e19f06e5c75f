"""A believable LINE on 127.0.0.1: one Official Account that people write to.

Like LINE it wants the bearer token, refuses texts over 5,000 UTF-16 units and receivers that it
does not know, takes a retry key once (409 with the message of the first time), counts pushes
against the month's quota, signs its calls, redelivers under the same ids, and keeps files at the
address of the message. `fault` makes it misbehave.

By hand: `python -m tests.fakes.line --port 8091 --hook http://127.0.0.1:8080/hooks/line/KEY`, then
POST {"text", "author", "group"} to /_fake/message, {"id"} to /_fake/unsend, {} to /_fake/verify.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from connectors.core.contract import Account, HookRequest
from connectors.core.length import utf16
from tests.fakes.hook import call
from tests.fakes.http import Answer, Fake, Json, Request

BOT = "U" + "b" * 32
SECRETS = {"access_token": "line-token-4711", "channel_secret": "line-secret-4711"}
NAMES = {"ann": "Ann Example", "bo": "Bo Example"}


def refusal(status: int, message: str, **more: Any) -> Answer:
    return Answer(status, {"message": message, **more})


class FakeLine(Fake):
    """`events` are what it called us with; `sent` the texts taken, oldest first."""

    FAULTS: ClassVar[Mapping[str, Answer]] = {
        "unauthorized": refusal(401, "Authentication failed. Confirm that the access token."),
        "limited": refusal(429, "The API rate limit has been exceeded. Try again later."),
        "unavailable": refusal(500, "The service is unavailable."),
        "preparing": Answer(202, b""),
    }

    def __init__(self, *, quota: int | None = 200, hook: str = "", port: int = 0) -> None:
        super().__init__(port=port)
        self.quota, self.hook = quota, hook
        self.events: list[Json] = []
        self.files: dict[str, tuple[str, bytes]] = {}  # message id → its type and bytes
        self.groups: dict[str, list[str]] = {}
        self.webhook: Json | None = {"endpoint": "https://inbox.example/hook", "active": True}
        self._taken: dict[str, tuple[Json, Json]] = {}  # retry key → what was asked, what was sent
        self._quotes: set[str] = set()
        self._people: dict[str, str] = {}
        self._last_id = 461_230_966_842_064_896

    def account(self, **settings: Any) -> Account:
        return Account("line", "@brand", BOT, self.url, settings, SECRETS)

    def person(self, name: str) -> str:
        """The id of a person, made up at first sight."""
        return self._people.setdefault(name, "U" + hashlib.md5(name.encode()).hexdigest())

    def group(self, name: str, kind: str = "C") -> str:
        """The id of a group chat (`C`) or of a room (`R`)."""
        chat = kind + hashlib.md5(name.encode()).hexdigest()
        self.groups.setdefault(chat, [])
        return chat

    def message(self, text: str = "", author: str = "ann", group: str = "", **said: Any) -> Json:
        """A person writes; the event that tells it. `said` is what else the message holds."""
        body: Json = {"type": "text", "id": self._next_id()} | said
        if body["type"] == "text" or text:
            body["text"] = text
        if body["type"] not in ("audio", "file", "location"):
            body["quoteToken"] = f"q{body['id']}"
            self._quotes.add(body["quoteToken"])
        return self.event("message", author, group, replyToken=f"r{body['id']}", message=body)

    def picture(self, data: bytes, author: str = "ann") -> Json:
        event = self.message(author=author, type="image", contentProvider={"type": "line"})
        self.files[event["message"]["id"]] = ("image/jpeg", data)
        return event

    def unsend(self, message_id: str, author: str = "ann", group: str = "") -> Json:
        return self.event("unsend", author, group, unsend={"messageId": message_id})

    def event(self, kind: str, author: str = "ann", group: str = "", **more: Any) -> Json:
        with self.lock:
            event: Json = {
                "type": kind,
                "mode": "active",
                "timestamp": int(self.now().timestamp() * 1000),
                "webhookEventId": f"01HX{self._next_id():0>22}",
                "deliveryContext": {"isRedelivery": False},
                "source": self._source(author, group),
                **more,
            }
            self.events.append(event)
            return event

    def request(self, *events: Json) -> HookRequest:
        """A signed call that brings these events; the console's button sends none."""
        body = json.dumps({"destination": BOT, "events": events}).encode()
        headers = {"content-type": "application/json", "x-line-signature": signature(body)}
        return HookRequest("POST", "/hooks/line/key", headers, {}, body, self.now())

    def redelivered(self, event: Json) -> HookRequest:
        return self.request(event | {"deliveryContext": {"isRedelivery": True}})

    def route(self, request: Request) -> Answer:
        if request.bearer != SECRETS["access_token"]:
            return self.FAULTS["unauthorized"]
        path, method = request.path, request.method
        if (method, path) == ("POST", "/v2/bot/message/push"):
            return self._push(request)
        if path == "/v2/bot/channel/webhook/endpoint":
            return self._endpoint(request)
        if method == "GET" and (found := re.fullmatch(r"/v2/bot/message/(\d+)/content", path)):
            mime, data = self.files.get(found[1], ("", b""))
            gone = refusal(404, "Not found")
            return Answer(200, data, {"content-type": mime}) if data else gone
        if method == "GET" and (found := re.search(r"/(?:profile|member)/(U[0-9a-f]{32})$", path)):
            return self._profile(path, found[1])
        facts = self._facts()
        return Answer(200, facts[path]) if method == "GET" and path in facts else refusal(404, "?")

    def control(self, request: Request) -> Answer:
        told = request.json
        events: dict[str, Any] = {
            "/_fake/message": lambda: [
                self.message(told["text"], told.get("author", "ann"), told.get("group", ""))
            ],
            "/_fake/unsend": lambda: [self.unsend(told["id"])],
            "/_fake/verify": list,
        }
        if request.path not in events:
            return Answer(404)
        made = events[request.path]()
        return Answer(201, {"events": made, "hook": call(self.hook, self.request(*made))})

    def _source(self, author: str, group: str) -> Json:
        user = self.person(author) if author else None
        if not group:
            return {"type": "user", "userId": user}
        kind = "room" if group.startswith("R") else "group"
        hidden = {} if user is None else {"userId": user}
        if user:
            self.groups[group].append(user)
        return {"type": kind, f"{kind}Id": group, **hidden}

    def _facts(self) -> dict[str, Json]:
        limited = {"type": "limited", "value": self.quota}
        return {
            "/v2/bot/info": {
                "userId": BOT,
                "basicId": "@brand",
                "displayName": "Brand",
                "chatMode": "chat",
                "markAsReadMode": "manual",
            },
            "/v2/bot/message/quota": {"type": "none"} if self.quota is None else limited,
            "/v2/bot/message/quota/consumption": {"totalUsage": len(self.sent)},
        }

    def _endpoint(self, request: Request) -> Answer:
        if request.method == "PUT":
            active = (self.webhook or {}).get("active", False)
            self.webhook = {"endpoint": str(request.json["endpoint"]), "active": active}
            return Answer(200, {})
        return Answer(200, self.webhook) if self.webhook else refusal(404, "Webhook not set")

    def _profile(self, path: str, user: str) -> Answer:
        name = next((n for n, i in self._people.items() if i == user), None)
        found = re.match(r"/v2/bot/(?:group|room)/([CR][0-9a-f]{32})/member/", path)
        if name is None or (found and user not in self.groups.get(found[1], ())):
            return refusal(404, "Not found")
        return Answer(200, {"userId": user, "displayName": NAMES.get(name, name.title())})

    def _push(self, request: Request) -> Answer:
        key, asked = request.headers.get("x-line-retry-key", ""), request.json
        if not _is_uuid(key):
            return refusal(400, "The X-Line-Retry-Key is invalid.")
        if key in self._taken:
            first, sent = self._taken[key]
            if first != asked:
                return refusal(409, "The retry key conflicts with another request")
            told = {"x-line-accepted-request-id": key}
            return Answer(409, {"message": "The retry key is already accepted", **sent}, told)
        if wrong := self._wrong_with(asked):
            return wrong
        if self.quota is not None and len(self.sent) >= self.quota:
            return refusal(429, "You have reached your monthly limit.")
        self.sent.append(asked["messages"][0]["text"])
        made = self._next_id()
        sent = {"sentMessages": [{"id": made, "quoteToken": f"q{made}"}]}
        self._taken[key] = (asked, sent)
        return Answer(200, sent)

    def _wrong_with(self, asked: Json) -> Answer | None:
        messages = asked.get("messages")
        if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
            return refusal(400, "The request body has 1 error(s)")
        for message in messages:
            if message.get("type") != "text" or not 0 < utf16(message.get("text", "")) <= 5000:
                where = {"message": "Length must be between 0 and 5000", "property": "messages[0]"}
                return refusal(400, "The request body has 1 error(s)", details=[where])
            if message.get("quoteToken", next(iter(self._quotes), "")) not in {*self._quotes, ""}:
                return refusal(400, "Invalid quote token")
        if asked.get("to") not in {*self._people.values(), *self.groups}:
            return refusal(400, "Failed to send messages")
        return None

    def _next_id(self) -> str:
        self._last_id += 1
        return str(self._last_id)


def signature(body: bytes, secret: str = SECRETS["channel_secret"]) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.line")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--hook", default="", help="where to call with events")
    given = parser.parse_args()
    with FakeLine(port=given.port, hook=given.hook) as fake:
        print(json.dumps({"base_url": fake.url, **SECRETS}, indent=2), flush=True)
        print(f'Write with: curl {fake.url}/_fake/message -d \'{{"text": "hello"}}\'', flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
