"""A believable Discord on 127.0.0.1: one bot on one server with channels, threads and forums.

Like Discord it wants `Bot <token>` and a DiscordBot user agent, lists newest first, hides texts
without the Message Content intent, shows nothing (without an error) where history may not be read,
knows a nonce for a few minutes, counts calls per channel, gives threads the id of their first
message, and signs file addresses that run out. `newest_window` gives the newest instead of the
oldest messages of a full page after an id: the documentation allows both.

By hand: `python -m tests.fakes.discord --port 8093`, then POST {"text", "author", "reply_to"} to
/_fake/message, {"id", "text"} to /_fake/edit, {"id"} to /_fake/delete.
"""

import argparse
import json
import re
import threading
from collections.abc import Mapping
from typing import Any, ClassVar

from connectors.core.contract import Account
from connectors.discord.parse import snowflake
from tests.fakes.discord_routes import Refusal, Routes, refused
from tests.fakes.http import Answer, Json, Request

TOKEN = "fake-bot-token.4711.of-the-brand"
SECRETS = {"token": TOKEN}
ME = "1290000000000000001"
GUILD = "1280000000000000001"
SUPPORT = "1280000000000000012"
FORUM = "1280000000000000015"


class FakeDiscord(Routes):
    """`said` are all messages by id; `sent` the texts taken, `files_sent` their files."""

    FAULTS: ClassVar[Mapping[str, Answer]] = {
        "unauthorized": refused(401, 0, "401: Unauthorized"),
        "forbidden": refused(403, 50013, "Missing Permissions"),
        "limited": Answer(
            429,
            {"message": "You are being rate limited.", "retry_after": 0.5, "global": False},
            {"retry-after": "1", "x-ratelimit-scope": "shared"},
        ),
        "unavailable": Answer(502, "<html>Bad gateway</html>"),
    }

    def __init__(self, *, newest_window: bool = False, calls: int = 1_000, port: int = 0) -> None:
        super().__init__(port=port)
        self.start(ME, newest_window)
        self.calls = calls  # left in every channel
        self.channel(SUPPORT, 0)
        self.channel(FORUM, 15)

    def account(self, **settings: Any) -> Account:
        given = {"channels": f"{SUPPORT}, {FORUM}", "guild": GUILD, **settings}
        return Account("discord", "@brand", ME, self.url, given, SECRETS)

    def channel(self, number: str, kind: int, parent: str | None = None) -> Json:
        made: Json = {"id": number, "type": kind, "guild_id": GUILD, "last_message_id": None}
        self.channels[number] = made | ({"parent_id": parent} if parent else {})
        return self.channels[number]

    def thread(self, text: str, author: str = "ann", forum: str = FORUM) -> str:
        """A forum post: a thread with the id of its first message."""
        number = self.next_id()
        self.channel(number, 11, forum)
        self.open_threads.append(number)
        self.message(text, author, number, id=number)
        return number

    def thread_from(self, item: Json) -> str:
        """A thread begun from a message of a channel."""
        self.channel(item["id"], 11, item["channel_id"])
        self.open_threads.append(item["id"])
        reference = {"channel_id": item["channel_id"], "message_id": item["id"], "type": 0}
        self.message("", "ann", item["id"], type=21, message_reference=reference)
        return str(item["id"])

    def message(
        self,
        text: str = "",
        author: str = "ann",
        channel: str = SUPPORT,
        reply_to: Json | None = None,
        **more: Any,
    ) -> Json:
        """A person (or, as "brand", the bot) writes."""
        with self.lock:
            item = self.keep(channel, self.user(author), text, reply_to)
            if "id" in more:
                del self.said[item["id"]]
                self.said[more["id"]] = item
            item |= more
            self.channels[channel]["last_message_id"] = item["id"]
            return item

    def edit(self, item: Json, text: str) -> None:
        item |= {"content": text, "edited_timestamp": self.now().isoformat()}

    def erase(self, item_id: str) -> None:
        del self.said[item_id]

    def attach(self, item: Json, data: bytes, lives_s: int = 86_400) -> Json:
        """A file of a message, at an address that runs out."""
        number = self.next_id()
        self.files[number] = data
        ends = int(self.now().timestamp()) + lives_s
        url = f"{self.url}/attachments/{number}/a.png?ex={ends:x}&is=1&hm=ab"
        file: Json = {"id": number, "filename": "a.png", "size": len(data), "url": url}
        file["content_type"] = "image/png"
        item["attachments"].append(file)
        return file

    def route(self, request: Request) -> Answer:
        if found := re.fullmatch(r"/attachments/(\d+)/[^/]+", request.path):
            return self.attached(found[1], request)
        agent = request.headers.get("user-agent", "")
        if request.headers.get("authorization") != f"Bot {TOKEN}":
            return self.FAULTS["unauthorized"]
        if not re.fullmatch(r"DiscordBot \(\S+, \S+\)", agent):
            return Answer(403, "<html>Cloudflare</html>")
        try:
            return self.routed(request)
        except Refusal as e:
            return e.answer

    def quota_headers(self, request: Request) -> dict[str, str]:
        found = re.match(r"/channels/(\d+)/messages", request.path)
        if not found:
            return {}
        self.calls -= 1
        resets = f"{self.now().timestamp() + 2:.3f}"
        left = {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": str(max(self.calls, 0))}
        return left | {"x-ratelimit-reset": resets, "x-ratelimit-bucket": found[1]}

    def control(self, request: Request) -> Answer:
        told = request.json
        item = self.said.get(str(told.get("id") or told.get("reply_to") or ""))
        if request.path == "/_fake/message":
            made = self.message(str(told["text"]), told.get("author", "ann"), reply_to=item)
            return Answer(201, made)
        if request.path == "/_fake/edit" and item:
            self.edit(item, str(told["text"]))
            return Answer(200, item)
        if request.path == "/_fake/delete" and item:
            self.erase(item["id"])
            return Answer(200, {})
        return Answer(404)

    def next_id(self) -> str:
        self.last_id = max(self.last_id + 1, snowflake(self.now()))
        return str(self.last_id)

    def user(self, name: str) -> Json:
        if name == "brand":
            return {"id": ME, "username": "brand", "global_name": None, "bot": True}
        number = self.people.setdefault(name, str(1_270_000_000_000_000_001 + len(self.people)))
        return {"id": number, "username": name, "global_name": name.title(), "discriminator": "0"}


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.discord")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    with FakeDiscord(port=given.port) as fake:
        told = {"base_url": fake.url, **SECRETS, **fake.account().settings}
        print(json.dumps(told, indent=2), flush=True)
        print(f'Write with: curl {fake.url}/_fake/message -d \'{{"text": "hello"}}\'', flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
