"""The fake Bluesky's chat: conversations, their messages, and the log of changes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.core.length import graphemes
from tests.fakes.bluesky_items import ME, did_of, iso, profile
from tests.fakes.http import Answer, Json, Request

DEFS = "chat.bsky.convo.defs"
NO_CONVO = Answer(400, {"error": "InvalidConvo", "message": "Convo not found"})


@dataclass
class Convo:
    id: str
    did: str
    status: str = "request"
    rev: str = ""
    messages: list[Json] = field(default_factory=list)


class Chat:
    """`names` False: answers come without profiles, as from older servers."""

    def __init__(self, now: Callable[[], datetime], page_limit: int) -> None:
        self._now, self.page_limit, self.names = now, page_limit, True
        self.convos: dict[str, Convo] = {}
        self.log: list[Json] = []
        self.sent: list[str] = []
        self.closed: set[str] = set()  # people who take no messages
        self._rev = 0

    def write(self, text: str, author: str = "ann.example", *, own: bool = False) -> str:
        """A message from `author`; `own` = ours to them, from the app."""
        convo = self.with_person(did_of(author))
        return self._add(convo, ME if own else did_of(author), text)

    def with_person(self, did: str) -> Convo:
        known = next((c for c in self.convos.values() if c.did == did), None)
        if known is None:
            known = Convo(f"3kconvo{len(self.convos):06d}", did)
            self.convos[known.id] = known
            self._note("#logBeginConvo", known)
        return known

    def delete(self, number: str) -> None:
        """Deleted for us."""
        convo = next(c for c in self.convos.values() if self._at(c, number) is not None)
        message = convo.messages[self._at(convo, number) or 0]
        message.pop("text", None)
        message["$type"] = f"{DEFS}#deletedMessageView"
        self._note("#logDeleteMessage", convo, message=dict(message))

    def break_last(self) -> None:
        newest = self.log[-1]["message"]
        convo = self.convos[self.log[-1]["convoId"]]
        newest["text"] = convo.messages[-1]["text"] = "broken"
        newest["sender"] = convo.messages[-1]["sender"] = None

    def answer(self, name: str, request: Request) -> Answer:
        return {
            "getLog": self._get_log,
            "listConvos": self._list,
            "getMessages": self._messages,
            "getConvoForMembers": self._for_members,
            "acceptConvo": self._accept,
            "sendMessage": self._send,
        }[name](request)

    def _get_log(self, request: Request) -> Answer:
        cursor = request.query.get("cursor")
        if cursor is None:
            return Answer(200, {"logs": [], "cursor": f"{self._rev:013d}"})
        page = [e for e in self.log if e["rev"] > cursor][: self.page_limit]
        return Answer(200, {"logs": page, "cursor": page[-1]["rev"] if page else cursor})

    def _list(self, request: Request) -> Answer:
        """By last activity; the cursor is the activity of the last one listed."""
        below = request.query.get("cursor", "9" * 13)
        found = sorted((c for c in self.convos.values() if c.rev < below), key=lambda c: c.rev)
        page = found[::-1][: self.page_limit]
        body: Json = {"convos": [{"id": c.id, "rev": c.rev, "status": c.status} for c in page]}
        if len(found) > len(page):
            body["cursor"] = page[-1].rev
        return Answer(200, body)

    def _messages(self, request: Request) -> Answer:
        convo = self.convos.get(request.query["convoId"])
        if convo is None:
            return NO_CONVO
        left = int(request.query.get("cursor", len(convo.messages)))
        start = max(left - self.page_limit, 0)
        body: Json = {"messages": convo.messages[start:left][::-1]}
        if start:
            body["cursor"] = str(start)
        if self.names:
            body["relatedProfiles"] = [profile(convo.did), profile(ME)]
        return Answer(200, body)

    def _for_members(self, request: Request) -> Answer:
        did = request.query["members"]
        if did in self.closed:
            words = "recipient has disabled incoming messages"
            return Answer(400, {"error": "MessagesDisabled", "message": words})
        return Answer(200, {"convo": {"id": self.with_person(did).id, "rev": "1"}})

    def _accept(self, request: Request) -> Answer:
        convo = self.convos.get(request.json["convoId"])
        if convo is None:
            return NO_CONVO
        accepted = convo.status == "accepted"
        convo.status = "accepted"
        return Answer(200, {} if accepted else {"rev": convo.rev})

    def _send(self, request: Request) -> Answer:
        convo = self.convos.get(request.json["convoId"])
        text = request.json["message"]["text"]
        if convo is None or convo.status != "accepted":
            return NO_CONVO
        if graphemes(text) > 1000 or len(text.encode()) > 10_000:
            return Answer(400, {"error": "InvalidRequest", "message": "text is too long"})
        self._add(convo, ME, text, request.json["message"].get("facets"))
        self.sent.append(text)
        return Answer(200, convo.messages[-1])

    def _add(self, convo: Convo, sender: str, text: str, facets: Any = None) -> str:
        number = f"3kmsg{self._rev:08d}"
        message: Json = {
            "$type": f"{DEFS}#messageView",
            "id": number,
            "text": text,
            "sender": {"did": sender},
            "sentAt": iso(self._now()),
            **({"facets": facets} if facets else {}),
        }
        convo.messages.append(message)
        people = {"relatedProfiles": [profile(convo.did)]} if self.names else {}
        self._note("#logCreateMessage", convo, message=dict(message), **people)
        message["rev"] = convo.rev
        return f"{convo.id}:{number}"

    def _note(self, kind: str, convo: Convo, **more: Any) -> None:
        self._rev += 1
        convo.rev = f"{self._rev:013d}"
        self.log.append({"$type": DEFS + kind, "rev": convo.rev, "convoId": convo.id, **more})

    def _at(self, convo: Convo, number: str) -> int | None:
        ids = [f"{convo.id}:{m['id']}" for m in convo.messages]
        return ids.index(number) if number in ids else None
