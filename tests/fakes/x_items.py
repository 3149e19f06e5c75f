"""What the fake X remembers, and how X writes it down in either spelling."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]
_LINK = re.compile(r"https?://\S+|(?<![@\w.])(?:[\w-]+\.)+(?:example|com)\b(?:/\S*)?")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass
class Item:
    """A post or a direct message. `thread` is the conversation, `history` a post's ids."""

    id: str
    author: str
    text: str
    made_at: datetime
    visible_at: datetime
    thread: str
    replied_to: str | None = None
    quoted: str | None = None
    history: list[str] = field(default_factory=list)
    extra: Json = field(default_factory=dict)
    broken: bool = False


@dataclass(frozen=True)
class Writer:
    """Writes items as X does: `word` is "tweet" or "post", `users` maps handles to ids."""

    word: str
    users: Mapping[str, str]

    def post(self, item: Item, query: Mapping[str, str]) -> Json:
        """A post with the fields that were asked for."""
        if item.broken:
            return {"id": item.id, "text": None}
        w = self.word
        text, urls = shortened(item.text)
        mentions = [
            {"start": m.start(), "end": m.end(), "username": m[1], "id": self.users[m[1]]}
            for m in re.finditer(r"@(\w+)", item.text)
            if m[1] in self.users
        ]
        links = {"replied_to": item.replied_to, "quoted": item.quoted}
        referenced = [{"type": kind, "id": i} for kind, i in links.items() if i]
        known = {
            "author_id": item.author,
            "conversation_id": item.thread,
            "created_at": iso(item.made_at),
            f"referenced_{w}s": referenced,
            "entities": _full({"urls": urls, "mentions": mentions}),
            **item.extra,
        }
        wanted = _listed(query.get(f"{w}.fields")) | _listed(query.get("expansions"))
        shown = {k: v for k, v in known.items() if v and k in wanted}
        always = {"id": item.id, "text": text, f"edit_history_{w}_ids": item.history}
        return always | shown

    def message(self, item: Item, query: Mapping[str, str]) -> Json:
        """A direct message with the fields that were asked for."""
        if item.broken:
            return {"id": item.id, "event_type": "MessageCreate", "text": "broken"}
        text, urls = shortened(item.text)
        known = {
            "event_type": "MessageCreate",
            "sender_id": item.author,
            "dm_conversation_id": item.thread,
            "created_at": iso(item.made_at),
            "entities": _full({"urls": urls}),
            **item.extra,
        }
        wanted = _listed(query.get("dm_event.fields")) | _listed(query.get("expansions"))
        shown = {k: v for k, v in known.items() if v and k in wanted}
        return {"id": item.id, "text": text} | shown

    def includes(
        self, items: Iterable[Item], posts: Iterable[Item], query: Mapping[str, str]
    ) -> Json:
        """The users, and the posts that were referred to, as far as they were asked for."""
        items = list(items)
        asked = _listed(query.get("expansions"))
        found: Json = {}
        if asked & {"author_id", "sender_id"}:
            authors = {i.author for i in items if not i.broken}
            found["users"] = [
                {"id": i, "username": handle, "name": handle.title()}
                for handle, i in self.users.items()
                if i in authors
            ]
        if f"referenced_{self.word}s.id" in asked:
            wanted = {i.quoted for i in items} | {i.replied_to for i in items}
            found[f"{self.word}s"] = [self.post(p, query) for p in posts if p.id in wanted]
        return _full(found)


def shortened(text: str) -> tuple[str, list[Json]]:
    """A text as X stores it: t.co for links, &, < and > escaped; and its link entities."""
    urls: list[Json] = []

    def shorten(match: re.Match[str]) -> str:
        full = match[0] if "://" in match[0] else f"http://{match[0]}"
        urls.append({"url": f"https://t.co/fake{len(urls)}", "expanded_url": full})
        return str(urls[-1]["url"])

    return _LINK.sub(shorten, text).translate(_ESCAPES), urls


def iso(time: datetime) -> str:
    """X's form: UTC with three digits of a second."""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def _full(parts: Json) -> Json:
    return {k: v for k, v in parts.items() if v}


def _listed(names: str | None) -> set[str]:
    return set(names.split(",")) if names else set()
