"""The fake Discord's routes: what a bot may ask for, and how it is refused."""

import json
import re
from collections.abc import Callable
from typing import ClassVar

from tests.fakes.http import Answer, Fake, Json, Request

CONTENT = 1 << 19
NONCE_LIVES_S = 300
LISTED = ("before", "after", "around")


def refused(status: int, code: int, message: str) -> Answer:
    return Answer(status, {"message": message, "code": code})


class Refusal(Exception):
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.answer = refused(status, code, message)


class Routes(Fake):
    """The state of the fake and its routes."""

    def start(self, me: str, newest_window: bool) -> None:
        self.me, self.newest_window = me, newest_window
        self.channels: dict[str, Json] = {}
        self.open_threads: list[str] = []
        self.said: dict[str, Json] = {}
        self.posts: list[Json] = []  # bodies of what was taken
        self.files_sent: list[bytes] = []
        self.files: dict[str, bytes] = {}
        self.people: dict[str, str] = {}
        self.banned: dict[str, str] = {}  # who → the reason in the audit log
        self.hidden: set[str] = set()  # channels that the bot does not see
        self.no_history: set[str] = set()
        self.sees_text = True
        self.last_id = 0
        self._nonces: dict[str, tuple[float, Json]] = {}

    def next_id(self) -> str:
        raise AssertionError("the server's clock")

    def user(self, name: str) -> Json:
        raise AssertionError("the server's people")

    def keep(self, channel: str, writer: Json, text: str, reply_to: Json | None) -> Json:
        """A new message of a channel."""
        number = self.next_id()
        item: Json = {
            "id": number,
            "channel_id": channel,
            "author": writer,
            "content": text,
            "timestamp": self.now().isoformat(),
            "edited_timestamp": None,
            "type": 19 if reply_to else 0,
            "attachments": [],
            "embeds": [],
            "mentions": [],
        }
        if reply_to:
            item["message_reference"] = {
                "type": 0,
                "channel_id": channel,
                "message_id": reply_to["id"],
            }
        self.said[number] = item
        self.channels[channel]["last_message_id"] = number
        return item

    def routed(self, request: Request) -> Answer:
        for method, pattern, name in self.ROUTES:
            found = re.fullmatch(pattern, request.path)
            if found and request.method == method:
                handle: Callable[..., Answer] = getattr(self, name)
                return handle(request, *found.groups())
        return refused(404, 0, "404: Not Found")

    ROUTES: ClassVar = (
        ("GET", r"/users/@me", "get_me"),
        ("GET", r"/applications/@me", "get_application"),
        ("GET", r"/channels/(\d+)", "get_channel"),
        ("GET", r"/guilds/(\d+)/threads/active", "get_threads"),
        ("GET", r"/channels/(\d+)/messages", "list_messages"),
        ("POST", r"/channels/(\d+)/messages", "take_message"),
        ("GET", r"/channels/(\d+)/messages/(\d+)", "get_message"),
        ("DELETE", r"/channels/(\d+)/messages/(\d+)", "delete_message"),
        ("PUT", r"/channels/(\d+)/messages/(\d+)/reactions/([^/]+)/@me", "react"),
        ("DELETE", r"/channels/(\d+)/messages/(\d+)/reactions/([^/]+)/@me", "unreact"),
        ("PUT", r"/guilds/(\d+)/bans/(\d+)", "ban"),
        ("DELETE", r"/guilds/(\d+)/bans/(\d+)", "unban"),
    )

    def get_me(self, request: Request) -> Answer:
        return Answer(200, self.user("brand"))

    def get_application(self, request: Request) -> Answer:
        return Answer(200, {"id": self.me, "flags": CONTENT if self.sees_text else 0})

    def get_channel(self, request: Request, channel: str) -> Answer:
        return Answer(200, self._seen(channel))

    def get_threads(self, request: Request, guild: str) -> Answer:
        threads = [self.channels[t] for t in self.open_threads]
        if any(t["guild_id"] != guild for t in threads):
            raise Refusal(404, 10004, "Unknown Guild")
        return Answer(200, {"threads": threads, "members": []})

    def list_messages(self, request: Request, channel: str) -> Answer:
        if self._seen(channel)["type"] in (15, 16):
            raise Refusal(400, 50024, "Cannot execute action on this channel type")
        query = request.query
        if sum(name in query for name in LISTED) > 1 or not 1 <= int(query["limit"]) <= 100:
            raise Refusal(400, 50035, "Invalid Form Body")
        if channel in self.no_history:
            return Answer(200, [])
        after, before = int(query.get("after", 0)), int(query.get("before", 1 << 63))
        here = [m for m in self.said.values() if m["channel_id"] == channel]
        fitting = sorted((m for m in here if after < _number(m) < before), key=_number)
        size = int(query["limit"])
        oldest = "after" in query and not self.newest_window
        page = fitting[:size] if oldest else fitting[-size:]
        return Answer(200, [self._shown(m) for m in reversed(page)])

    def get_message(self, request: Request, channel: str, number: str) -> Answer:
        self._seen(channel)
        if channel in self.no_history:
            raise Refusal(403, 50013, "Missing Permissions")
        return Answer(200, self._shown(self._item(channel, number)))

    def take_message(self, request: Request, channel: str) -> Answer:
        self._seen(channel)
        form = request.headers.get("content-type", "").startswith("multipart/")
        told = json.loads(request.fields["payload_json"]) if form else request.json
        files = [p for p in request.parts if p.filename] if form else []
        if len(told.get("content", "")) > 2_000 or not (told.get("content") or files):
            raise Refusal(400, 50035, "Invalid Form Body")
        if len(str(told.get("nonce", ""))) > 25:
            raise Refusal(400, 50035, "Invalid Form Body")
        nonce, now = str(told.get("nonce", "")), self.now().timestamp()
        known = self._nonces.get(nonce)
        if told.get("enforce_nonce") and known and now - known[0] < NONCE_LIVES_S:
            return Answer(200, known[1])
        above = self.said.get((told.get("message_reference") or {}).get("message_id", ""))
        item = self.keep(channel, self.user("brand"), str(told.get("content", "")), above)
        item["attachments"] = [
            {"id": self.next_id(), "filename": p.filename, "size": len(p.data)} for p in files
        ]
        self.posts.append(told)
        self.files_sent += [p.data for p in files]
        self.sent.append(item["content"])
        self._nonces[nonce] = (now, item)
        return Answer(200, self._shown(item))

    def delete_message(self, request: Request, channel: str, number: str) -> Answer:
        self._item(channel, number)
        del self.said[number]
        return self._acted("delete")

    def react(self, request: Request, channel: str, number: str, emoji: str) -> Answer:
        self._item(channel, number)["liked"] = emoji
        return self._acted("like")

    def unreact(self, request: Request, channel: str, number: str, emoji: str) -> Answer:
        if self._item(channel, number).pop("liked", None) is None:
            self.acts.append("unlike")
            raise Refusal(404, 10014, "Unknown Emoji")
        return self._acted("unlike")

    def ban(self, request: Request, guild: str, user: str) -> Answer:
        self.banned[user] = request.headers.get("x-audit-log-reason", "")
        return self._acted("block")

    def unban(self, request: Request, guild: str, user: str) -> Answer:
        if self.banned.pop(user, None) is None:
            self.acts.append("unblock")
            raise Refusal(404, 10026, "Unknown Ban")
        return self._acted("unblock")

    def attached(self, number: str, request: Request) -> Answer:
        """The file server: no token, but a signature that runs out."""
        data = self.files.get(number)
        fresh = int(request.query.get("ex", "0"), 16) > self.now().timestamp()
        gone = Answer(404, "This content is no longer available.")
        return Answer(200, data, {"content-type": "image/png"}) if data and fresh else gone

    def _acted(self, name: str) -> Answer:
        self.acts.append(name)
        return Answer(204, b"")

    def _seen(self, channel: str) -> Json:
        if channel not in self.channels:
            raise Refusal(404, 10003, "Unknown Channel")
        if channel in self.hidden:
            raise Refusal(403, 50001, "Missing Access")
        return self.channels[channel]

    def _item(self, channel: str, number: str) -> Json:
        item = self.said.get(number)
        if item is None or item["channel_id"] != channel:
            raise Refusal(404, 10008, "Unknown Message")
        return item

    def _shown(self, item: Json) -> Json:
        """As Discord gives it: with what it answers, and without texts where it hides these."""
        shown = dict(item)
        if shown.get("type") in (19, 21):
            above = self.said.get(shown["message_reference"]["message_id"])
            shown["referenced_message"] = dict(above) if above else None
        if self.sees_text or shown["author"]["id"] == self.me:
            return shown
        named = any(u["id"] == self.me for u in shown["mentions"])
        return shown if named else shown | {"content": "", "attachments": [], "embeds": []}


def _number(item: Json) -> int:
    return int(item["id"])
