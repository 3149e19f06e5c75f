"""What the fake Mastodon remembers, and how Mastodon writes it down."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]
ME = "14715"
_LINK = re.compile(r"https?://\S+")
_MENTION = re.compile(r"@([\w.-]+(?:@[\w.-]+\w)?)")


@dataclass
class Post:
    """`author` and `mentions` are accounts as our server names them (user, or user@server)."""

    id: str
    author: str
    text: str
    made_at: datetime
    visibility: str
    above: str | None = None
    mentions: set[str] = field(default_factory=set)
    media: list[str] = field(default_factory=list)
    edited_at: datetime | None = None
    extra: Json = field(default_factory=dict)
    broken: bool = False


class People:
    """Accounts, made up at first sight."""

    def __init__(self, url: str) -> None:
        self._url, self._ids = url, {"brand": ME}

    def id(self, acct: str) -> str:
        return self._ids.setdefault(acct, str(971_724 + len(self._ids)))

    def knows(self, number: str) -> bool:
        return number in self._ids.values()

    def written(self, acct: str) -> Json:
        name = acct.partition("@")[0]
        return {
            "id": self.id(acct),
            "username": name,
            "acct": acct,
            "display_name": name.title(),
            "bot": name.endswith("bot"),
            "url": f"{self._url}/@{acct}",
        }


def written(post: Post, people: People, posts: Mapping[str, Post]) -> Json:
    """A status entity."""
    if post.broken:
        return {"id": post.id, "content": None}
    above = posts.get(post.above or "")
    return {
        "id": post.id,
        "created_at": iso(post.made_at),
        "edited_at": iso(post.edited_at) if post.edited_at else None,
        "in_reply_to_id": above.id if above else None,
        "in_reply_to_account_id": people.id(above.author) if above else None,
        "visibility": post.visibility,
        "spoiler_text": "",
        "sensitive": False,
        "language": "en",
        "content": f"<p>{_html(post.text)}</p>",
        "account": people.written(post.author),
        "mentions": [people.written(m) for m in sorted(post.mentions)],
        "media_attachments": [{"id": m, "type": "image", "url": None} for m in post.media],
        "quote": None,
        **post.extra,
    }


def iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def _html(text: str) -> str:
    """As Mastodon formats plain text: escaped, mentions and links marked up, lines broken."""
    at, parts = 0, []
    for found in re.finditer(f"{_LINK.pattern}|{_MENTION.pattern}", text):
        parts += [html.escape(text[at : found.start()], quote=False), _anchor(found)]
        at = found.end()
    return "".join((*parts, html.escape(text[at:], quote=False))).replace("\n", "<br />")


def _anchor(found: re.Match[str]) -> str:
    if found[1]:
        name = found[1].partition("@")[0]
        link = f'<a href="https://here.example/@{found[1]}" class="u-url mention">'
        return f'<span class="h-card" translate="no">{link}@<span>{name}</span></a></span>'
    url = html.escape(found[0])
    scheme, _, rest = url.partition("://")
    shown = f'<span class="invisible">{scheme}://</span><span class="ellipsis">{rest[:30]}</span>'
    hidden = f'<span class="invisible">{rest[30:]}</span>'
    return f'<a href="{url}" rel="nofollow noopener" target="_blank">{shown}{hidden}</a>'
