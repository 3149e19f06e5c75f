"""The fake Telegram's methods: what a bot may ask for, and how it is refused."""

import json
import re
from datetime import timedelta
from typing import Any

from connectors.core.length import utf16
from tests.fakes.http import Answer, Fake, Json, Part, Request

DAY = timedelta(hours=24)


def refusal(status: int, description: str, **parameters: Any) -> Answer:
    body: Json = {"ok": False, "error_code": status, "description": description}
    return Answer(status, body | ({"parameters": parameters} if parameters else {}))


def bad(what: str) -> "Refusal":
    return Refusal(refusal(400, f"Bad Request: {what}"))


class Refusal(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Methods(Fake):
    """The state of the fake and its methods. `kept` are messages by (chat, number)."""

    def start(self, page_limit: int, me: Json, username: str) -> None:
        self.page_limit, self.me, self.username = page_limit, me, username
        self.updates: list[Json] = []
        self.last_update = 870_000
        self.people: dict[str, int] = {}
        self.kept: dict[tuple[int, int], Json] = {}
        self.files_sent: list[bytes] = []
        self.calls: list[tuple[str, Json]] = []  # methods called and their parameters
        self.answered: list[tuple[Request, Answer]] = []
        self.stored: dict[str, bytes] = {}  # path of a file → its bytes
        self.allowed: list[str] | None = None
        self.webhook: Json | None = None
        self.privacy = True
        self.moved: set[int] = set()
        self._last: dict[int, int] = {}

    def keep(self, chat: Json, writer: Json, text: str, said: Json) -> Json:
        """A new message of a chat."""
        with self.lock:
            number = self._last.get(chat["id"], 40) + 1
            self._last[chat["id"]] = number
            date = int(self.now().timestamp())
            body: Json = {"message_id": number, "date": date, "chat": chat, "from": writer}
            body |= ({"text": text} if text else {}) | said
            self.kept[chat["id"], number] = body
            return body

    def store(self, data: bytes, path: str = "photos/file_1.jpg") -> str:
        """A file on the platform; returns its id."""
        self.stored[path] = data
        return f"id-of-{path.replace('/', '-')}"

    def method(self, name: str, request: Request) -> Answer:
        params = self.params_of(request)
        files = [p for p in request.parts if p.filename] if _is_form(request) else []
        self.calls.append((name, params))
        handle = getattr(self, re.sub("([A-Z])", r"_\1", f"do_{name}").lower(), None)
        if handle is None:
            return refusal(404, "Not Found")
        try:
            result = handle(params, files) if name.startswith("send") else handle(params)
        except Refusal as e:
            return e.answer
        answer = Answer(200, {"ok": True, "result": result})
        self.answered.append((request, answer))
        return answer

    def params_of(self, request: Request) -> Json:
        return {k: _decoded(v) for k, v in {**request.query, **request.fields}.items()}

    def do_get_me(self, params: Json) -> Json:
        groups = {"can_join_groups": True, "can_read_all_group_messages": not self.privacy}
        return self.me | {"username": self.username, **groups, "can_connect_to_business": True}

    def do_get_updates(self, params: Json) -> list[Json]:
        if self.webhook:
            raise Refusal(
                refusal(409, "Conflict: can't use getUpdates method while webhook is active")
            )
        limit = params.get("limit", 100)
        if not 1 <= limit <= 100:
            raise bad("limit must be between 1 and 100")
        self.allowed = params.get("allowed_updates", self.allowed)
        offset = params.get("offset", 0)
        wanted = (u for u in self.updates if u["update_id"] >= offset)
        kinds = self.allowed
        self.updates = [u for u in wanted if not kinds or _kind(u) in kinds]
        return self.updates[: min(limit, self.page_limit)]

    def do_set_webhook(self, params: Json) -> bool:
        if not str(params["url"]).startswith("https://"):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = params if params["url"] else None
        self.allowed = params.get("allowed_updates", self.allowed)
        return True

    def do_delete_webhook(self, params: Json) -> bool:
        self.webhook = None
        return True

    def do_get_webhook_info(self, params: Json) -> Json:
        told = {"has_custom_certificate": False, "pending_update_count": len(self.updates)}
        return {"url": (self.webhook or {}).get("url", ""), **told}

    def do_get_file(self, params: Json) -> Json:
        path = next((p for p in self.stored if params["file_id"] == self._file_id(p)), None)
        if path is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(self.stored[path]) > 20_000_000:
            raise bad("file is too big")
        known = {"file_id": params["file_id"], "file_unique_id": "u1", "file_path": path}
        return known | {"file_size": len(self.stored[path])}

    def do_send_message(self, params: Json, files: list[Part]) -> Json:
        if not params.get("text"):
            raise bad("message text is empty")
        if utf16(params["text"]) > 4096:
            raise bad("message is too long")
        self.sent.append(params["text"])
        return self._taken(params, {"text": params["text"]})

    def do_send_photo(self, params: Json, files: list[Part]) -> Json:
        return self._file_sent("photo", params, files)

    def do_send_document(self, params: Json, files: list[Part]) -> Json:
        return self._file_sent("document", params, files)

    def do_send_media_group(self, params: Json, files: list[Part]) -> list[Json]:
        media = params["media"]
        if not 2 <= len(media) <= 10 or len({m["type"] for m in media}) != 1:
            raise bad("wrong number or kinds of media in the album")
        named = {f"attach://{p.name}": p for p in files}
        album = {"media_group_id": "album-1"}
        return [
            self._file_sent(m["type"], {**params, **m, **album}, [named[m["media"]]]) for m in media
        ]

    def _file_sent(self, kind: str, params: Json, files: list[Part]) -> Json:
        if len(files) != 1:
            raise bad(f"there is no {kind} in the request")
        caption = params.get("caption", "")
        if utf16(caption) > 1024:
            raise bad("message caption is too long")
        if kind == "photo" and not files[0].mime.startswith("image/"):
            raise bad("IMAGE_PROCESS_FAILED")
        self.files_sent.append(files[0].data)
        if caption:
            self.sent.append(caption)
        file: Json = {"file_id": "f1", "file_unique_id": "u1"}
        photo = [file | {"width": 8, "height": 8}]
        return self._taken(
            params, {kind: photo if kind == "photo" else file} | _given(params, "caption")
        )

    def _taken(self, params: Json, said: Json) -> Json:
        chat_id = int(params["chat_id"])
        if chat_id in self.moved:
            told = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refusal(refusal(400, told, migrate_to_chat_id=-100777))
        known = [m for (c, _), m in self.kept.items() if c == chat_id]
        if not known and chat_id != -100777:
            raise bad("chat not found")
        lent = params.get("business_connection_id")
        if lent:
            self._in_business(str(lent), known)
        chat = known[-1]["chat"] if known else {"id": chat_id, "type": "supergroup", "title": "G"}
        more = said | _given(params, "business_connection_id", "message_thread_id")
        more |= _given(params, "media_group_id")
        if above := params.get("reply_parameters"):
            answered = self.kept.get((chat_id, above["message_id"]))
            if not answered and not above.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
            shown = {k: v for k, v in (answered or {}).items() if k != "reply_to_message"}
            more |= {"reply_to_message": shown} if answered else {}
        return self.keep(chat, self.me | {"username": self.username}, "", more)

    def _in_business(self, connection: str, known: list[Json]) -> None:
        theirs = [m for m in known if m.get("business_connection_id") == connection]
        if not theirs:
            raise bad("BUSINESS_CONNECTION_INVALID")
        newest = max(m["date"] for m in theirs)
        if self.now().timestamp() - newest > DAY.total_seconds():
            raise bad("BUSINESS_PEER_USAGE_MISSING")

    def do_delete_message(self, params: Json) -> bool:
        said = self.kept.get((int(params["chat_id"]), int(params["message_id"])))
        if said is None:
            raise bad("message to delete not found")
        if self.now().timestamp() - said["date"] > 2 * DAY.total_seconds():
            raise bad("message can't be deleted")
        del self.kept[int(params["chat_id"]), int(params["message_id"])]
        self.acts.append("delete")
        return True

    def do_delete_business_messages(self, params: Json) -> bool:
        lent = params["business_connection_id"]
        for place, said in list(self.kept.items()):
            if place[1] in params["message_ids"] and said.get("business_connection_id") == lent:
                del self.kept[place]
        self.acts.append("delete")
        return True

    def do_set_message_reaction(self, params: Json) -> bool:
        if (int(params["chat_id"]), int(params["message_id"])) not in self.kept:
            raise bad("message to react not found")
        self.acts.append("like" if params.get("reaction") else "unlike")
        return True

    def do_ban_chat_member(self, params: Json) -> bool:
        return self._ban("block", params["chat_id"], params["user_id"])

    def do_unban_chat_member(self, params: Json) -> bool:
        return self._ban("unblock", params["chat_id"], params["user_id"])

    def do_ban_chat_sender_chat(self, params: Json) -> bool:
        return self._ban("block", params["chat_id"], params["sender_chat_id"])

    def do_unban_chat_sender_chat(self, params: Json) -> bool:
        return self._ban("unblock", params["chat_id"], params["sender_chat_id"])

    def _ban(self, act: str, chat: int, who: int) -> bool:
        if int(chat) > 0:
            raise bad("chat member status can't be changed in private chats")
        self.acts.append(act)
        return True

    def _file_id(self, path: str) -> str:
        return f"id-of-{path.replace('/', '-')}"


def _given(params: Json, *names: str) -> Json:
    return {n: params[n] for n in names if n in params}


def _kind(update: Json) -> str:
    return next(k for k in update if k != "update_id")


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("multipart/")


def _decoded(value: Any) -> Any:
    """In forms and queries, what is no string is JSON."""
    if not isinstance(value, str) or value[:1] not in "[{-0123456789tf":
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
