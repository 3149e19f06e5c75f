"""YouTube's comments in the neutral form.

A thread is a comment and the answers below it, on one level. It is the conversation; its id is that
of its first comment. The video is named by its address: its title would cost quota each time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
    word,
)
from connectors.core.errors import Malformed
from connectors.core.text import clean

NO_ANSWER = word("YouTube takes no answers in this thread.")


@dataclass(frozen=True, slots=True)
class Thread:
    """What a list says of a thread: how many answers it has, how many of them came along (five at
    most), and the unix time of the newest comment that did."""

    id: str
    total: int
    shown: int
    started_s: int
    active_s: int


@dataclass(frozen=True, slots=True)
class Found:
    """What could be read of a page, and what could not."""

    messages: tuple[Message, ...]
    malformed: tuple[Malformed, ...] = ()
    threads: tuple[Thread, ...] = ()


def read_threads(items: Sequence[Any], me: str) -> Found:
    """Threads with the answers that came along. One of which nothing can be read is set aside and
    not watched."""
    messages: list[Message] = []
    malformed: list[Malformed] = []
    threads: list[Thread] = []
    for item in items:
        try:
            top, thread, replies = _opened(item, me)
        except Malformed as e:
            malformed.append(e)
            continue
        below = read_comments(replies, me)
        messages += directed([top, *below.messages])
        malformed += below.malformed
        newest = max(int(m.sent_at.timestamp()) for m in (top, *below.messages))
        started = int(top.sent_at.timestamp())
        threads.append(Thread(top.external_id, thread, len(replies), started, newest))
    return Found(tuple(messages), tuple(malformed), tuple(threads))


def read_comments(items: Sequence[Any], me: str) -> Found:
    """Single comments."""
    messages: list[Message] = []
    malformed: list[Malformed] = []
    for item in items:
        try:
            messages.append(parse_comment(item, me))
        except Malformed as e:
            malformed.append(e)
    return Found(tuple(directed(messages)), tuple(malformed))


def directed(messages: Sequence[Message]) -> Sequence[Message]:
    """Our answers that begin with somebody's handle answer what that person wrote last before, not
    the thread's first comment, which is all that YouTube tells."""
    return [_directed(m, messages) if m.direction is Direction.OUT else m for m in messages]


def _directed(answer: Message, messages: Sequence[Message]) -> Message:
    first = next(iter(answer.text.split(maxsplit=1)), "").rstrip(",:")
    before = [
        m
        for m in messages
        if m.direction is Direction.IN
        and m.author is not None
        and m.author.handle == first
        and m.conversation == answer.conversation
        and m.sent_at <= answer.sent_at
    ]
    newest = max(before, key=lambda m: m.sent_at, default=None)
    return replace(answer, in_reply_to=newest.external_id) if newest else answer


def parse_comment(item: Any, me: str, can_reply: bool = True) -> Message:
    """A comment or an answer to one. Raises `Malformed`."""
    snippet = item.get("snippet") if isinstance(item, dict) else None
    if not isinstance(snippet, dict) or not _string(item, "id"):
        raise Malformed("This is no comment.", item)
    text = snippet.get("textOriginal")  # told to its author only; `plainText` makes both alike
    text = text if isinstance(text, str) else snippet.get("textDisplay")
    written, changed = _moment(snippet.get("publishedAt")), _moment(snippet.get("updatedAt"))
    if not isinstance(text, str) or written is None:
        raise Malformed("The comment does not say what was written and when.", item)
    found, above = str(item["id"]), _string(snippet, "parentId")
    author = _author(snippet)
    own = author is not None and author.id == me
    video = _string(snippet, "videoId")
    picture = _string(snippet, "imageUrl")
    return Message(
        found,
        above or found.partition(".")[0],
        Direction.OUT if own else Direction.IN,
        clean(text),
        written,
        author,
        Kind.COMMENT,
        Visibility.PUBLIC,
        above,
        context=author is None or (own and above is None),
        subject=clean(f"https://youtu.be/{video}") if video else None,
        attachments=(Attachment(clean(picture)),) if picture else (),
        edited_at=changed if changed and changed > written else None,
        can_reply_publicly=can_reply,
        reply_note=None if can_reply else NO_ANSWER,
    )


def _opened(item: Any, me: str) -> tuple[Message, int, Sequence[Any]]:
    """A thread's first comment, its number of answers, and those that came along."""
    snippet = item.get("snippet") if isinstance(item, dict) else None
    if not isinstance(snippet, dict):
        raise Malformed("This is no thread of comments.", item)
    top = parse_comment(snippet.get("topLevelComment"), me, snippet.get("canReply") is not False)
    replies = item.get("replies")
    below = replies.get("comments") if isinstance(replies, dict) else None
    total = snippet.get("totalReplyCount")
    count = total if isinstance(total, int) and not isinstance(total, bool) else 0
    return top, count, below if isinstance(below, list) else ()


def _author(snippet: Json) -> Author | None:
    """By channel id; by name where a channel is not told (it may be gone)."""
    channel = snippet.get("authorChannelId")
    found = _string(channel, "value") if isinstance(channel, dict) else None
    name = clean(_string(snippet, "authorDisplayName") or "") or None
    if found is None and name is None:
        return None
    handle = name if name and name.startswith("@") else None
    return Author(clean(found or f"name:{name}"), handle, name)


def _string(data: Any, key: str) -> str | None:
    value = data.get(key)
    return value if isinstance(value, str) and value else None


def _moment(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def listed(body: Json) -> Iterator[Any]:
    """The items of a list; none where Google leaves the key out."""
    items = body.get("items")
    yield from items if isinstance(items, list) else ()
