"""A believable WhatsApp Cloud API on 127.0.0.1: one business number that people write to.

Beside what every Graph fake does: it takes answers within 24 hours of a person's last message
(131047 after that, at once or, `late_refusals`, as a status that comes later, like Meta), sends
their statuses with our own data in it, names people by user id, by number or by both, keeps media
behind ids, wants the token for their addresses, and blocks.

By hand: `python -m tests.fakes.whatsapp --port 8093 --hook http://127.0.0.1:8080/hooks/whatsapp/KEY`
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from connectors.core.contract import Account
from tests.fakes.graph import FakeGraph, error, run
from tests.fakes.http import Answer, Json, Request

PHONE_ID, WABA, NUMBER = "106540352242922", "419561257915477", "15550783881"
LIMITS = {"text": 4096, "caption": 1024}
CLOSED = {
    "code": 131047,
    "title": "Re-engagement message",
    "message": "Re-engagement message",
    "error_data": {"details": "More than 24 hours have passed since the customer last replied."},
}


class FakeWhatsApp(FakeGraph):
    """`late_refusals`: a closed window is told by status. `blocked` holds whom we do not hear."""

    CHANNEL = "whatsapp"
    OBJECT = "whatsapp_business_account"
    FAULTS: ClassVar[Mapping[str, Answer]] = {
        **FakeGraph.FAULTS,
        "busy": error(130429, "(#130429) Rate limit hit"),
        "pair": error(131056, "(#131056) Pair rate limit hit"),
        "undeliverable": error(131026, "(#131026) Message undeliverable"),
        "wrong": error(131000, "(#131000) Something went wrong", status=500),
    }

    def __init__(self, *, late_refusals: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.late_refusals = late_refusals
        self.blocked: set[str] = set()
        self.media: dict[str, tuple[str, bytes]] = {}  # id → its type and bytes
        self.asked: list[Json] = []  # the bodies of answers taken, oldest first
        self.subscription: Json | None = {"override_callback_uri": "https://inbox.example/hook"}
        self._wrote: dict[str, datetime] = {}

    def account(self, **settings: Any) -> Account:
        told = {"phone_number_id": PHONE_ID, "waba_id": WABA, **settings}
        return Account("whatsapp", f"+{NUMBER}", PHONE_ID, self.url, told, self.secrets)

    def ids(self, name: str) -> tuple[str, str]:
        """A person's phone number and user id."""
        digits = str(int(hashlib.sha256(name.encode()).hexdigest(), 16))
        return f"1555{digits[:7]}", f"US.{digits[7:24]}"

    def contact(self, name: str, shows: str) -> Json:
        """What a call says of a person who `shows` "number", "user_id" or "both"."""
        number, user_id = self.ids(name)
        known: Json = {} if shows == "user_id" else {"wa_id": number}
        known |= {} if shows == "number" else {"user_id": user_id}
        named = {"username": f"{name}.example"} if shows == "user_id" else {}
        return {"profile": {"name": f"{name.title()} Example", **named}, **known}

    def message(
        self, text: str = "", author: str = "ann", *, shows: str = "both", **said: Any
    ) -> Json:
        """A person writes; the call that tells it. `said` is what else the message holds."""
        number, user_id = self.ids(author)
        self._wrote[number] = self._wrote[user_id] = self.now()
        body: Json = {"id": self.new_id("wamid."), "timestamp": str(self.seconds())}
        body |= {} if shows == "user_id" else {"from": number}
        body |= {} if shows == "number" else {"from_user_id": user_id}
        body |= {"type": "text", "text": {"body": text}} if "type" not in said else {}
        contacts = [self.contact(author, shows)]
        return self.call("messages", contacts=contacts, messages=[{**body, **said}])

    def picture(self, data: bytes, author: str = "ann") -> Json:
        media = self.new_id("7")
        self.media[media] = ("image/jpeg", data)
        image = {"id": media, "mime_type": "image/jpeg", "sha256": "demo=", "caption": ""}
        return self.message("", author, type="image", image=image)

    def echo(self, text: str, to: str = "ann", **said: Any) -> Json:
        """Somebody of ours writes in the phone app."""
        number, user_id = self.ids(to)
        body: Json = {
            "from": NUMBER,
            "to": number,
            "to_user_id": user_id,
            "id": self.new_id("wamid."),
        }
        body |= {"timestamp": str(self.seconds()), "type": "text", "text": {"body": text}, **said}
        return self.call(
            "smb_message_echoes", contacts=[self.contact(to, "both")], message_echoes=[body]
        )

    def status(self, wamid: str, state: str, key: str | None = None, **more: Any) -> Json:
        told = {"id": wamid, "status": state, "timestamp": str(self.seconds())}
        data = {"biz_opaque_callback_data": key} if key else {}
        told |= {"recipient_id": self.ids("ann")[0], **data, **more}
        return self.call("messages", statuses=[told])

    def system(self, **said: Any) -> Json:
        body = {"id": self.new_id("wamid."), "timestamp": str(self.seconds()), "type": "system"}
        return self.call("messages", messages=[{**body, **said}])

    def call(self, field: str, phone_id: str = PHONE_ID, **value: Any) -> Json:
        metadata = {"display_phone_number": NUMBER, "phone_number_id": phone_id}
        whole = {"messaging_product": "whatsapp", "metadata": metadata, **value}
        change = {"field": field, "value": whole}
        return {"object": self.OBJECT, "entry": [{"id": WABA, "changes": [change]}]}

    def file(self, request: Request) -> Answer | None:
        found = super().file(request)
        if found and request.bearer != self.secrets["access_token"]:
            return Answer(401, "<html>Please sign in</html>")
        return found

    def edge(self, request: Request, path: str) -> Answer:
        if request.method == "GET" and path == PHONE_ID:
            told = {"display_phone_number": "+1 555-078-3881", "verified_name": "Brand"}
            return Answer(200, {"id": PHONE_ID, **told})
        if path == f"{WABA}/subscribed_apps":
            return self._subscriptions(request)
        if request.method == "POST" and path == f"{PHONE_ID}/messages":
            return self._take(request.json)
        if request.method == "POST" and path == f"{PHONE_ID}/media":
            return self._keep(request)
        if path == f"{PHONE_ID}/block_users" and request.method in ("POST", "DELETE"):
            return self._block(request)
        if request.method == "GET" and path in self.media:
            mime, data = self.media[path]
            told = {"url": self.host(data), "mime_type": mime, "file_size": str(len(data))}
            return Answer(200, {"messaging_product": "whatsapp", "id": path, **told})
        return error(100, "Unsupported request. Object does not exist", 33)

    def control(self, request: Request) -> Answer:
        told = request.json
        text, author = str(told.get("text", "")), str(told.get("author", "ann"))
        shows = str(told.get("shows", "both"))
        if request.path == "/_fake/message":
            self.tell(self.message(text, author, shows=shows))
        elif request.path == "/_fake/echo":
            self.tell(self.echo(text, author))
        else:
            return super().control(request)
        return Answer(201, self.calls[-1])

    def _subscriptions(self, request: Request) -> Answer:
        if request.method == "POST":
            self.subscription = request.json
            return Answer(200, {"success": True})
        app = {"whatsapp_business_api_data": {"id": "7001", "name": "Inbox"}}
        return Answer(200, {"data": [app] if self.subscription is not None else []})

    def _take(self, asked: Json) -> Answer:
        to = str(asked.get("to") or asked.get("recipient") or "")
        kind = str(asked.get("type"))
        content = asked.get(kind)
        if asked.get("messaging_product") != "whatsapp" or not isinstance(content, dict):
            return error(100, "(#100) Invalid parameter")
        if ("to" in asked) == ("recipient" in asked) or not to or to not in self._wrote:
            return error(131026, "(#131026) Message undeliverable")
        if ("to" in asked) != to.isdecimal():
            return error(131009, "(#131009) Parameter value is not valid")
        limit = LIMITS.get("text" if kind == "text" else "caption", 0)
        words = str(content.get("body" if kind == "text" else "caption", ""))
        if len(words) > limit or (kind == "text" and not words):
            return error(100, "(#100) Param text['body'] must be at most 4096 characters long.")
        if kind != "text" and content.get("id") not in self.media:
            return error(131053, "(#131053) Media upload error")
        closed = (self.now() - self._wrote[to]).total_seconds() > 24 * 3600
        if closed and not self.late_refusals:
            return error(131047, "(#131047) Re-engagement message")
        wamid = self.new_id("wamid.")
        key = asked.get("biz_opaque_callback_data")
        if closed:
            self.tell(self.status(wamid, "failed", key, errors=[CLOSED]))
        else:
            self._deliver(kind, words, content)
            self.tell(self.status(wamid, "sent", key))
        self.asked.append(asked)
        contacts = [{"input": to, "wa_id": to}]
        told = {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": wamid}]}
        return Answer(200, told)

    def _deliver(self, kind: str, words: str, content: Json) -> None:
        if words:
            self.sent.append(words)
        if kind != "text":
            self.uploads.append(self.media[content["id"]][1])

    def _keep(self, request: Request) -> Answer:
        files = [p for p in request.parts if p.name == "file" and p.filename]
        if not files or request.fields.get("messaging_product") != "whatsapp":
            return error(100, "(#100) The parameter file is required.")
        media = self.new_id("8")
        self.media[media] = (files[0].mime, files[0].data)
        return Answer(200, {"id": media})

    def _block(self, request: Request) -> Answer:
        users = [u["user"] for u in request.json["block_users"]]
        block = request.method == "POST"
        if block and not all(u in self._wrote for u in users):
            return error(139100, "(#139100) Failed to block/unblock users")
        self.blocked = self.blocked | {*users} if block else self.blocked - {*users}
        self.acts.append("block" if block else "unblock")
        done = [{"input": u, "wa_id": re.sub(r"\D", "", u)} for u in users]
        result = {"added_users" if block else "removed_users": done}
        return Answer(200, {"messaging_product": "whatsapp", "block_users": result})


def main() -> None:
    """Serves until interrupted."""
    print(f"phone_number_id={PHONE_ID} waba_id={WABA}")
    run(FakeWhatsApp, "whatsapp", "message", "echo")


if __name__ == "__main__":
    main()
