"""The fake Reddit's modmail: conversations by their last change, with their newest message only."""

from datetime import datetime
from typing import Any, Protocol

from tests.fakes.http import Answer, Json, Request

LOST = Answer(404, {"reason": "CONVERSATION_NOT_FOUND", "explanation": "No conversation found."})
NO_TEXT = Answer(400, {"reason": "NO_TEXT", "explanation": "we need something here"})


class House(Protocol):
    """The fake that modmail belongs to."""

    sent: list[str]
    page_limit: int

    def now(self) -> datetime: ...

    def new_id(self) -> str: ...


class Modmail:
    """Conversations by id, each with its messages by id, oldest first."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.conversations: dict[str, dict[str, Json]] = {}
        self.internal: set[str] = set()
        self.read: set[str] = set()

    def write(self, text: str, author: str = "ann", to: str = "", **more: Any) -> str:
        """A message in a new conversation, or in `to`; the id of the message."""
        conversation = to or self.house.new_id()
        name = self.house.new_id()
        team = author in ("brand", "ada", "AutoModerator")
        self.conversations.setdefault(conversation, {})[name] = {
            "id": name,
            "author": {"name": author, "isMod": team, "isAdmin": False, "isHidden": False},
            "isInternal": False,
            "bodyMarkdown": text,
            "body": f"<div>{text}</div>",
            "date": self.house.now().isoformat(),
            **more,
        }
        return name

    def place(self, message: str) -> str:
        """The conversation of a message."""
        return next(c for c, messages in self.conversations.items() if message in messages)

    def erase(self, name: str) -> None:
        del self.conversations[self.place(name.removeprefix("modmail_"))]

    def route(self, request: Request) -> Answer:
        conversation = request.path.removeprefix("/api/mod/conversations").strip("/")
        if not conversation:
            return self._list(request)
        if conversation not in self.conversations:
            return LOST
        if request.method == "POST":
            return self._take(conversation, request)
        if request.query.get("markRead", "false") != "false":
            self.read.add(conversation)
        about = self._about(conversation)
        messages = self.conversations[conversation]
        found = {"conversation": about, "messages": messages, "modActions": {}, "user": {}}
        return Answer(200, found)

    def _list(self, request: Request) -> Answer:
        ids = sorted(self.conversations, key=self._last, reverse=True)
        after = request.query.get("after")
        if after and after not in ids:
            return LOST
        start = ids.index(after) + 1 if after else 0
        page = ids[start : start + min(int(request.query["limit"]), self.house.page_limit)]
        newest = [list(self.conversations[c].values())[-1] for c in page]
        found = {
            "conversationIds": page,
            "conversations": {c: self._about(c) for c in reversed(page)},
            "messages": {m["id"]: m for m in newest},
            "viewerId": "t2_b1",
        }
        return Answer(200, found)

    def _take(self, conversation: str, request: Request) -> Answer:
        form = request.form
        if not form.get("body"):
            return NO_TEXT
        hidden = {"isInternal": form.get("isInternal") == "true"}
        made = self.write(form["body"], "brand", conversation, **hidden)
        self.house.sent.append(form["body"])
        messages = {made: self.conversations[conversation][made]}
        return Answer(200, {"conversation": self._about(conversation), "messages": messages})

    def _about(self, conversation: str) -> Json:
        return {
            "id": conversation,
            "subject": "A question",
            "isInternal": conversation in self.internal,
            "numMessages": len(self.conversations[conversation]),
            "lastUpdated": self._last(conversation),
            "participant": {"name": "ann"},
        }

    def _last(self, conversation: str) -> str:
        return max(str(m.get("date", "")) for m in self.conversations[conversation].values())
