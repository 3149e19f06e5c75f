"""The private messages that the fakes of Messenger and Instagram share.

Conversations are listed with the latest first and give away 20 messages each; the window of 24
hours is kept, and that of 7 days for people where the app has the feature. After each answer taken
an echo calls the webhook.
"""

import hashlib
import json
from datetime import datetime
from typing import Any, ClassVar

from connectors.core.contract import Account
from tests.fakes.graph import APP_ID, NO_SUCH, FakeGraph, error
from tests.fakes.http import Answer, Json, Request

HOUR_S = 3600
SHOWN = 20
NOBODY = error(100, "(#100) No matching user found", 2018001)
TOO_LONG = error(100, "(#100) Length of param message[text] must be less than or equal to 2000")
NO_FEATURE = error(100, "(#100) The app lacks the Human Agent feature")


class FakeChats(FakeGraph):
    """`messages` are all private messages, oldest first; keys with `_` are its own. `granted`: the
    app has the Human Agent feature."""

    ME = "900"
    NAME = "Brand"
    PLATFORM = "messenger"
    SCOPE = "6"  # the first digit of people's ids
    WINDOW_SUBCODE = 2018278
    LIMIT: ClassVar[int] = 2000

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.messages: list[Json] = []
        self.attachments: dict[str, bytes] = {}
        self.blocked: set[str] = set()
        self.granted = True

    def account(self, **settings: Any) -> Account:
        handle = f"@{self.NAME.lower()}"
        given = {"app_id": APP_ID, **settings}
        return Account(self.CHANNEL, handle, self.ME, self.url, given, self.secrets)

    def person(self, name: str) -> str:
        """A person's id, scoped to the Page or account."""
        return self.SCOPE + str(int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))

    def dm(self, text: str, author: str = "ann", *, own: bool = False, **extra: Any) -> str:
        """A private message from `author`; `own` = ours to them."""
        person = {"id": self.person(author), **self.naming_of(author)}
        us = {"id": self.ME, **self.naming_of(self.NAME)}
        made = {"id": self.new_id("m_"), "created_time": self.iso(), "_at": self.now()}
        made |= {"message": text, "from": us if own else person, "_person": person, "_name": author}
        made |= {"to": {"data": [person if own else us]}, "_app": extra.pop("app_id", "")}
        self.messages.append({**made, **extra})
        return str(made["id"])

    def naming_of(self, name: str) -> Json:
        return {"name": name.title()}

    def message(self, found: str) -> Json:
        return next(m for m in self.messages if m["id"] == found)

    def event(self, found: str, **extra: Any) -> Json:
        """The webhook call about a message."""
        item = self.message(found)
        own = item["from"]["id"] == self.ME
        part = {"mid": found, "text": item["message"], **extra}
        if own:
            part |= {"is_echo": True} | ({"app_id": item["_app"]} if item["_app"] else {})
        if "reply_to" in item:
            part["reply_to"] = item["reply_to"]
        return self.chat(item["_person"]["id"], {"message": part}, own=own, at=item["_at"])

    def chat(
        self, person: str, what: Json, *, own: bool = False, at: datetime | None = None
    ) -> Json:
        """A webhook call with one thing that happened between a person and us."""
        ends = ({"id": person}, {"id": self.ME})
        sender, recipient = reversed(ends) if own else ends
        stamp = int((at or self.now()).timestamp() * 1000)
        event = {"sender": sender, "recipient": recipient, "timestamp": stamp, **what}
        return self.entry(event, self.ME)

    def edge(self, request: Request, path: str) -> Answer:
        match request.method, path:
            case "GET", "me/conversations":
                return self._conversations(request)
            case "POST", "me/messages":
                return self.take(request)
            case "POST", "me/message_attachments":
                return self._attach(request)
            case "POST", "me/moderate_conversations":
                return self._moderate(request.json)
        return NO_SUCH

    def control(self, request: Request) -> Answer:
        if request.path != "/_fake/dm":
            return super().control(request)
        with self.lock:
            found = self.dm(str(request.json["text"]), str(request.json.get("author", "ann")))
            self.tell(self.event(found))
        return Answer(201, {"id": found})

    def take(self, request: Request) -> Answer:
        """An answer to somebody who wrote before."""
        body = request.json
        recipient = body["recipient"].get("id")
        wrote = [m for m in self.messages if m["from"]["id"] == recipient]
        if not wrote:
            return NOBODY
        past_s = (self.now() - wrote[-1]["_at"]).total_seconds()
        tagged = body.get("messaging_type") == "MESSAGE_TAG" and body.get("tag") == "HUMAN_AGENT"
        if tagged and not self.granted:
            return NO_FEATURE
        if past_s > (7 * 24 if tagged else 24) * HOUR_S:
            words = "This message is sent outside of allowed window."
            return error(10, words, self.WINDOW_SUBCODE)
        return self.made(body["message"], wrote[-1]["_name"], recipient)

    def made(self, message: Json, name: str, recipient: str) -> Answer:
        """The message is taken, and its echo calls the webhook."""
        text, extra = str(message.get("text", "")), {}
        if self.measure(text) > self.LIMIT:
            return TOO_LONG
        if load := message.get("attachment", {}).get("payload"):
            data = self.attachments.get(load.get("attachment_id"))
            if data is None:
                return error(100, "(#100) Upload attachment failure", 2018047)
            self.uploads.append(data)
            picture = {"id": "1", "mime_type": "image/png", "image_data": {"url": self.host(data)}}
            extra["attachments"] = {"data": [picture]}
        elif not text:
            return error(100, "(#100) Message cannot be empty, must provide text or attachment")
        found = self.dm(text, name, own=True, app_id=APP_ID, **extra)
        self.sent.append(text)
        self.tell(self.event(found))
        return Answer(200, {"recipient_id": recipient, "message_id": found})

    def measure(self, text: str) -> int:
        return len(text)

    def _conversations(self, request: Request) -> Answer:
        if request.query.get("platform", "messenger") != self.PLATFORM:
            return self.listed([], request)
        asked = request.query.get("user_id")
        people = dict.fromkeys(m["_person"]["id"] for m in reversed(self.messages))
        found = [self._conversation(p) for p in people if asked in (None, p)]
        return self.listed(found, request)

    def _conversation(self, person: str) -> Json:
        latest = [m for m in reversed(self.messages) if m["_person"]["id"] == person]
        return {
            "id": f"t_{person}",
            "updated_time": latest[0]["_at"].strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "participants": {"data": [latest[0]["_person"], {"id": self.ME}]},
            "messages": {"data": [*latest[:SHOWN], *({"id": m["id"]} for m in latest[SHOWN:])]},
        }

    def _attach(self, request: Request) -> Answer:
        if json.loads(request.fields["message"])["attachment"]["type"] not in (
            "image",
            "video",
            "audio",
            "file",
        ):
            return error(100, "(#100) Invalid attachment type")
        (file,) = [p for p in request.parts if p.name == "filedata"]
        found = self.new_id("1")
        self.attachments[found] = file.data
        return Answer(200, {"attachment_id": found})

    def _moderate(self, body: Json) -> Answer:
        people = {str(u["id"]) for u in body["user_ids"]}
        known = {m["_person"]["id"] for m in self.messages}
        if not people <= known:
            return NOBODY
        (action,) = body["actions"]
        if action == "block_user":
            self.blocked |= people
        else:
            self.blocked -= people
        self.acts.append(action.removesuffix("_user"))
        return Answer(200, {"success": True})
