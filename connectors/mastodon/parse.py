"""Mastodon's posts in the neutral form, and which thread each belongs to.

Posts tell only what they answer, so the root comes from the post's context. A private part of a
public thread is a thread of its own: its root is the first private post.

Facts: Mastodon's documentation, Jul 2026 (entities Status, Notification, Context).
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from connectors.core.contract import (
    Attachment,
    Author,
    Direction,
    Json,
    Kind,
    Message,
    Visibility,
)
from connectors.core.errors import Malformed
from connectors.core.html import html_to_text
from connectors.core.text import clean

OPEN = ("public", "unlisted")  # seen by everybody; followers-only ("private") and direct are not
PARENTS = 20  # messages above an answer that are shown with it, beside the root
UNREADABLE_ITEM = (LookupError, TypeError, ValueError, AttributeError, OverflowError)


def parse_status(item: Json, me: str, root: str, *, told: bool = False) -> Message:
    """A post, for the account with the id `me`. `told`: a notification says that it is for us."""
    status_id, author = _id(item["id"]), _author(item["account"])
    ours = author.id == me
    public = item["visibility"] in OPEN
    return Message(
        external_id=status_id,
        conversation=root,
        direction=Direction.OUT if ours else Direction.IN,
        text=clean(html_to_text(str(item["content"]), names=True)),
        sent_at=_time(item["created_at"]),
        author=author,
        kind=Kind.DM if item["visibility"] == "direct" else Kind.MENTION,
        visibility=Visibility.PUBLIC if public else Visibility.PRIVATE,
        in_reply_to=_answered(item),
        automated=not ours and item["account"].get("bot") is True,
        context=not (_is_answer(item, me) if ours else told or _is_to(item, me)),
        subject=_words(item.get("spoiler_text")),
        attachments=tuple(map(_attachment, _objects(item.get("media_attachments")))),
        edited_at=_time(item["edited_at"]) if item.get("edited_at") else None,
        platform={
            name: value
            for name in ("visibility", "spoiler_text", "language")
            if (value := _words(item.get(name)))
        },
    )


class Threads:
    """What one page knows of threads: a post's context is asked for at most once, and not at all
    where another one's showed it. `context_of` gives the posts above a post, root first."""

    def __init__(self, me: str, context_of: Callable[[str], list[Json]]) -> None:
        self._me, self._context_of = me, context_of
        self._known: dict[str, Json] = {}
        self._asked: set[str] = set()

    def read(
        self, items: Iterable[Any], status_of: Callable[[Json], Json], *, told: bool
    ) -> tuple[tuple[Message, ...], tuple[Malformed, ...]]:
        """The page's posts, oldest first, each after those above it; the unreadable apart."""
        found: dict[str, Message] = {}
        malformed = []
        for item in items:
            try:
                status = status_of(item)
                chain = self._chain(status)
                root = _id(chain[-1]["id"])
                message = parse_status(status, self._me, root, told=told)
                self._known.setdefault(message.external_id, status)
            except UNREADABLE_ITEM as e:
                malformed.append(
                    Malformed(f"Mastodon sent an item that cannot be read: {e!r}", item)
                )
                continue
            shown = chain[1:] if len(chain) <= PARENTS else [*chain[1:PARENTS], chain[-1]]
            for above in reversed(shown):
                found.setdefault(_id(above["id"]), parse_status(above, self._me, root))
            found[message.external_id] = message
        return tuple(found.values()), tuple(malformed)

    def _chain(self, status: Json) -> list[Json]:
        """A post and those above it in its thread, the root last."""
        chain, seen = [status], {_id(status["id"])}
        for above in self._above(status):
            if _id(above["id"]) in seen or _is_open(above) != _is_open(status):
                break
            seen.add(_id(above["id"]))
            chain.append(above)
        return chain

    def _above(self, status: Json) -> Iterator[Json]:
        at = status
        while (parent := _answered(at)) is not None:
            if parent not in self._known and _id(at["id"]) not in self._asked:
                self._learn(_id(at["id"]))
            if parent not in self._known:
                return
            at = self._known[parent]
            yield at

    def _learn(self, status_id: str) -> None:
        readable = [a for a in self._context_of(status_id) if _is_readable(a, self._me)]
        self._known.update({_id(a["id"]): a for a in readable})
        self._asked |= {status_id, *(_id(a["id"]) for a in readable)}


def status_of_notification(item: Json) -> Json:
    status = item["status"]
    if not isinstance(status, dict):
        raise ValueError("no status")
    return status


def _is_readable(item: Json, me: str) -> bool:
    try:
        parse_status(item, me, "")
    except UNREADABLE_ITEM:
        return False
    return True


def _is_open(item: Json) -> bool:
    return item.get("visibility") in OPEN


def _is_answer(item: Json, me: str) -> bool:
    """Whether a post of ours is for somebody, rather than one under which people comment."""
    others = any(str(m.get("id")) != me for m in _objects(item.get("mentions")))
    to = item.get("in_reply_to_account_id")
    return others or item["visibility"] == "direct" or (to is not None and str(to) != me)


def _is_to(item: Json, me: str) -> bool:
    """Whether somebody's post mentions us, answers us or quotes us."""
    quote = item.get("quote")
    quoted = quote.get("quoted_status") if isinstance(quote, dict) else None
    author = quoted.get("account") if isinstance(quoted, dict) else None
    named = [*_objects(item.get("mentions")), author if isinstance(author, dict) else {}]
    return me in {str(n.get("id")) for n in named} or str(item.get("in_reply_to_account_id")) == me


def _answered(item: Json) -> str | None:
    above = item.get("in_reply_to_id")
    return None if above is None else _id(above)


def _author(account: Json) -> Author:
    return Author(
        _id(account["id"]), _words(account.get("acct")), _words(account.get("display_name"))
    )


def _attachment(medium: Json) -> Attachment:
    """The file's address; where the server keeps no copy, the one at its origin."""
    url = medium.get("url") or medium.get("remote_url")
    return Attachment(url if isinstance(url, str) else None)


def _objects(listed: Any) -> list[Json]:
    return [x for x in listed if isinstance(x, dict)] if isinstance(listed, list) else []


def _words(value: Any) -> str | None:
    return clean(value) if isinstance(value, str) and value else None


def _id(value: Any) -> str:
    """Ids are opaque ("not guaranteed to be a number"), but short, and safe in a path."""
    text = str(value)
    usable = text.isalnum() and text.isascii() and len(text) <= 64
    if not isinstance(value, str | int) or not usable:
        raise ValueError(f"not an id: {text[:40]!r}")
    return text


def _time(text: Any) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    return time.astimezone(UTC)
