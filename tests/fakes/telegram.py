"""A believable Telegram on 127.0.0.1: one bot, the people and groups around it, a lent business.

Like Telegram it wants the token in the path (GET or POST, JSON or form), keeps updates until a
higher offset confirms them, gives only the kinds that were asked for last, answers 409 while a
webhook is set, calls with the secret token, counts texts in UTF-16 units, and knows each chat's
messages by a number of their own. `fault` makes it misbehave.

By hand: `python -m tests.fakes.telegram --port 8092 --hook http://127.0.0.1:8080/hooks/telegram/KEY`,
then POST {"text", "author", "group", "connection"} to /_fake/message, {"chat", "id", "text"} to
/_fake/edit.
"""

import argparse
import json
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.error import URLError
from urllib.parse import unquote
from urllib.request import Request as Call
from urllib.request import urlopen

from connectors.core.contract import Account, HookRequest
from tests.fakes.http import Answer, Json, Request
from tests.fakes.telegram_methods import Methods, refusal

TOKEN = "700123:AAFake-token_of_the_brand"
BOT = 700123
SECRETS = {"token": TOKEN, "webhook_secret": "tg_secret-1"}
USERNAME = "brand_bot"
OWNER = 4001  # whose business account is lent to the bot
CONNECTION = "lent-1"
HEADER = "x-telegram-bot-api-secret-token"


class FakeTelegram(Methods):
    """`updates` are those not confirmed; `sent` the texts taken, `files_sent` their files."""

    FAULTS: ClassVar[Mapping[str, Answer]] = {
        "unauthorized": refusal(401, "Unauthorized"),
        "unknown": refusal(404, "Not Found"),
        "forbidden": refusal(403, "Forbidden: bot was blocked by the user"),
        "limited": refusal(429, "Too Many Requests: retry after 5", retry_after=5),
        "unavailable": refusal(502, "Bad Gateway"),
        "conflict": refusal(
            409, "Conflict: terminated by other getUpdates request; make sure that only one runs"
        ),
        "moved": refusal(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=-100777,
        ),
    }

    def __init__(self, *, page_limit: int = 100, hook: str = "", port: int = 0) -> None:
        super().__init__(port=port)
        self.start(page_limit, {"id": BOT, "is_bot": True, "first_name": "Brand"}, USERNAME)
        self.hook = hook

    def account(self, **settings: Any) -> Account:
        return Account("telegram", f"@{USERNAME}", str(BOT), self.url, settings, SECRETS)

    def person(self, name: str) -> Json:
        """A user, made up at first sight."""
        number = self.people.setdefault(name, 5511 + len(self.people))
        return {"id": number, "is_bot": False, "first_name": name.title(), "username": name}

    def private(self, name: str) -> Json:
        person = self.person(name)
        return {"type": "private"} | {k: person[k] for k in ("id", "first_name", "username")}

    def group(self, kind: str = "supergroup", chat: int = -1001, **more: Any) -> Json:
        return {"id": chat, "type": kind, "title": "Friends of Brand", **more}

    def message(
        self, text: str = "", author: str = "ann", chat: Json | None = None, **said: Any
    ) -> Json:
        """A person writes to the bot or into `chat`."""
        body = self.keep(chat or self.private(author), self.person(author), text, said)
        self.tell("message", body)
        return body

    def business(self, text: str, author: str = "ann", *, own: bool = False, **said: Any) -> Json:
        """A person writes to the business, or (`own`) its owner to the person."""
        owner = {"id": OWNER, "is_bot": False, "first_name": "Olga"}
        writer = owner if own else self.person(author)
        lent = {"business_connection_id": CONNECTION, **said}
        body = self.keep(self.private(author), writer, text, lent)
        self.tell("business_message", body)
        return body

    def edit(self, said: Json, text: str) -> Json:
        said = said | {"edit_date": int(self.now().timestamp()), "text": text}
        lent = "business_connection_id" in said
        self.tell("edited_business_message" if lent else "edited_message", said)
        return said

    def erase_business(self, *messages: Json) -> None:
        told = {"business_connection_id": CONNECTION, "chat": messages[0]["chat"]}
        self.tell(
            "deleted_business_messages",
            {**told, "message_ids": [m["message_id"] for m in messages]},
        )

    def tell(self, kind: str, body: Any) -> Json:
        """Something happened: kept for getUpdates, and for the next call to the webhook."""
        with self.lock:
            self.last_update += 1
            update = {"update_id": self.last_update, kind: body}
            self.updates.append(update)
            return update

    def request(self, update: Json | bytes, secret: str = SECRETS["webhook_secret"]) -> HookRequest:
        """The call by which the webhook is told of an update."""
        body = update if isinstance(update, bytes) else json.dumps(update).encode()
        headers = {"content-type": "application/json", HEADER: secret}
        return HookRequest("POST", "/hooks/telegram/key", headers, {}, body, self.now())

    def route(self, request: Request) -> Answer:
        if found := re.fullmatch(r"/file/bot([^/]+)/(.+)", request.path):
            data = self.stored.get(unquote(found[2]))
            return Answer(200, data) if data and found[1] == TOKEN else Answer(404, b"")
        found = re.fullmatch(r"/bot([^/]+)/(\w+)", request.path)
        if not found or found[1] != TOKEN:
            return self.FAULTS["unauthorized" if found else "unknown"]
        return self.method(found[2], request)

    def control(self, request: Request) -> Answer:
        told = request.json
        group = self.group(chat=int(told["group"])) if told.get("group") else None
        author, text = told.get("author", "ann"), str(told.get("text", ""))
        write: dict[str, Callable[[], Any]] = {
            "/_fake/message": lambda: (
                self.business(text, author)
                if told.get("connection")
                else self.message(text, author, group)
            ),
            "/_fake/edit": lambda: self.edit(self.kept[int(told["chat"]), int(told["id"])], text),
        }
        if request.path not in write:
            return Answer(404)
        made = write[request.path]()
        return Answer(201, {"message": made, "hook": self.call_hook(self.updates[-1])})

    def call_hook(self, update: Json) -> str:
        """Calls the webhook's address, or the one given by hand, and says how it answered."""
        url = self.hook or (self.webhook or {}).get("url", "")
        if not url:
            return "no address to call"
        told = self.request(update)
        try:
            call = Call(url, told.body, dict(told.headers), method="POST")
            with urlopen(call, timeout=5) as answer:
                return str(answer.status)
        except (URLError, OSError) as e:
            return f"failed: {e}"


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.telegram")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--hook", default="", help="where to call, whatever setWebhook said")
    given = parser.parse_args()
    with FakeTelegram(port=given.port, hook=given.hook) as fake:
        print(json.dumps({"base_url": fake.url, **SECRETS}, indent=2), flush=True)
        print(f'Write with: curl {fake.url}/_fake/message -d \'{{"text": "hello"}}\'', flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
