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
    """A post or a direct message. `thread` is the conversation, `history` a post's ids, `to` the
    author of what it replies to, `media` the pictures as X includes them. An `untagged` post does
    not mention us, and so is not among our mentions."""

    id: str
    author: str
    text: str
    made_at: datetime
    visible_at: datetime
    thread: str
    replied_to: str | None = None
    to: str | None = None
    quoted: str | None = None
    history: list[str] = field(default_factory=list)
    media: list[Json] = field(default_factory=list)
    extra: Json = field(default_factory=dict)
    broken: bool = False
    untagged: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Writer:
    """Writes items as X does: `word` is "tweet" or "post", `users` maps handles to ids."""

    word: str
    users: Mapping[str, str]

    def post(self, item: Item, query: Mapping[str, str]) -> Json:
        """A post with the fields that were asked for."""
        if item.broken:
            return {"id": item.id, "text": None}
        wanted = _listed(query.get(f"{self.word}.fields")) | _listed(query.get("expansions"))
        shown = {k: v for k, v in self._known(item).items() if v and k in wanted}
        text, _ = _with_pictures(item)
        always = {"id": item.id, "text": text, f"edit_history_{self.word}_ids": item.history}
        return always | shown

    def called_post(self, item: Item) -> Json:
        """A post as a webhook call brings it: all fields, and the parent's id by itself."""
        if item.broken:
            return {"id": item.id, "text": None}
        known = {k: v for k, v in self._known(item).items() if v}
        text, _ = _with_pictures(item)
        whole = {"id": item.id, "text": text, f"edit_history_{self.word}_ids": item.history}
        parent = {f"in_reply_to_{self.word}_id": item.replied_to} if item.replied_to else {}
        return whole | known | parent

    def _known(self, item: Item) -> Json:
        links = {"replied_to": item.replied_to, "quoted": item.quoted}
        mentions = [
            {"start": m.start(), "end": m.end(), "username": m[1], "id": self.users[m[1]]}
            for m in re.finditer(r"@(\w+)", item.text)
            if m[1] in self.users
        ]
        return {
            "author_id": item.author,
            "conversation_id": item.thread,
            "created_at": iso(item.made_at),
            "in_reply_to_user_id": item.to,
            f"referenced_{self.word}s": [{"type": k, "id": i} for k, i in links.items() if i],
            "entities": _full({"urls": _with_pictures(item)[1], "mentions": mentions}),
            "attachments": _full({"media_keys": [m["media_key"] for m in item.media]}),
            **item.extra,
        }

    def message(self, item: Item, query: Mapping[str, str]) -> Json:
        """A direct message with the fields that were asked for."""
        if item.broken:
            return {"id": item.id, "event_type": "MessageCreate", "text": "broken"}
        text, urls = _with_pictures(item)
        known = {
            "event_type": "MessageCreate",
            "sender_id": item.author,
            "dm_conversation_id": item.thread,
            "created_at": iso(item.made_at),
            "entities": _full({"urls": urls}),
            "attachments": _full({"media_keys": [m["media_key"] for m in item.media]}),
            **item.extra,
        }
        wanted = _listed(query.get("dm_event.fields")) | _listed(query.get("expansions"))
        shown = {k: v for k, v in known.items() if v and k in wanted}
        return {"id": item.id, "text": text} | shown

    def called_message(self, item: Item) -> Json:
        """A direct message as a webhook call brings it: in the form of API 1.1."""
        if item.broken:
            return {"type": "message_create", "id": item.id}
        text, urls = _with_pictures(item)
        other = next(p for p in item.thread.split("-") if p != item.author)
        data: Json = {"text": text, "entities": {"hashtags": [], "urls": urls}}
        if item.media:
            shown = {"media_url_https": item.media[0]["url"], "url": urls[-1]["url"]}
            data["attachment"] = {"type": "media", "media": {"type": "photo", **shown}}
        return {
            "type": "message_create",
            "id": item.id,
            "created_timestamp": str(int(item.made_at.timestamp() * 1000)),
            "message_create": {
                "target": {"recipient_id": other},
                "sender_id": item.author,
                "message_data": data,
            },
        }

    def includes(
        self, items: Iterable[Item], posts: Iterable[Item], query: Mapping[str, str]
    ) -> Json:
        """The users, and the posts that were referred to, as far as they were asked for."""
        items = list(items)
        asked = _listed(query.get("expansions"))
        found: Json = {}
        if asked & {"author_id", "sender_id"}:
            found["users"] = self.people(i.author for i in items if not i.broken)
        if f"referenced_{self.word}s.id" in asked:
            wanted = {i.quoted for i in items} | {i.replied_to for i in items}
            found[f"{self.word}s"] = [self.post(p, query) for p in posts if p.id in wanted]
        if "attachments.media_keys" in asked:
            found["media"] = [m for i in items for m in i.media]
        return _full(found)

    def people(self, ids: Iterable[str]) -> list[Json]:
        """Users by id, in the order of their coming."""
        wanted = set(ids)
        return [
            {"id": i, "username": handle, "name": handle.title()}
            for handle, i in self.users.items()
            if i in wanted
        ]


def shortened(text: str) -> tuple[str, list[Json]]:
    """A text as X stores it: t.co for links, &, < and > escaped; and its link entities."""
    urls: list[Json] = []

    def shorten(match: re.Match[str]) -> str:
        full = match[0] if "://" in match[0] else f"http://{match[0]}"
        urls.append({"url": f"https://t.co/fake{len(urls)}", "expanded_url": full})
        return str(urls[-1]["url"])

    return _LINK.sub(shorten, text).translate(_ESCAPES), urls


def _with_pictures(item: Item) -> tuple[str, list[Json]]:
    """The text and links of an item; X writes a link to the pictures behind the words."""
    text, urls = shortened(item.text)
    if item.media:
        key = str(item.media[0]["media_key"])
        where = f"https://twitter.com/messages/media/{item.id}"
        if not item.history:  # a direct message
            picture = {"url": "https://t.co/fakepic", "expanded_url": where}
        else:
            picture = {"url": "https://t.co/fakepic", "media_key": key}
        text, urls = f"{text} {picture['url']}".strip(), [*urls, picture]
    return text, urls


def iso(time: datetime) -> str:
    """X's form: UTC with three digits of a second."""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def _full(parts: Json) -> Json:
    return {k: v for k, v in parts.items() if v}


def _listed(names: str | None) -> set[str]:
    return set(names.split(",")) if names else set()
