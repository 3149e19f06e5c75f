"""Modmail: what people write to the moderators of the brand's subreddit.

Conversations are listed by their last change, with their newest message only, so each one that
changed is read on its own. Every moderator speaks for the brand; private notes stay on Reddit.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.core.contract import Author, Direction, Fetched, Json, Message, Page, Ref
from connectors.core.errors import Malformed, OutcomeUnknown, Transient
from connectors.core.text import clean
from connectors.reddit.client import UNREADABLE, Gone, Reddit
from connectors.reddit.parse import ROBOTS
from connectors.reddit.walk import read

PREFIX = "modmail_"
LIMIT = 10  # each that changed is one more call
LIST = "/api/mod/conversations"


def pull(reddit: Reddit, subreddit: str, cursor: Json) -> Page:
    """A page of the list, and every conversation on it that changed.

    Cursor: all changes up to `floor` (ISO) are stored; `ceiling` is the newest change of the walk
    under way, `after` its next page.
    """
    params: dict[str, str | int] = {"after": cursor["after"]} if cursor.get("after") else {}
    try:
        found = reddit.get(
            LIST, entity=subreddit, sort="recent", state="all", limit=LIMIT, **params
        )
    except Gone:
        if not params:
            raise
        return Page(
            (), {"floor": cursor.get("floor")}, more=True
        )  # the place is lost: from the top
    ids, known = found.get("conversationIds"), found.get("conversations")
    if not isinstance(ids, list) or not isinstance(known, dict):
        raise Transient(UNREADABLE)
    floor = str(cursor.get("floor") or "")
    changed = {str(i): _changed(known.get(i)) for i in ids}
    news = [i for i, at in changed.items() if not at or at > floor]
    messages, _, malformed = read([m for i in news for m in _present(reddit, i)], _parse)
    ceiling = str(cursor.get("ceiling") or max(changed.values(), default=""))
    more = bool(ids) and len(news) == len(ids)
    after = {"floor": floor, "ceiling": ceiling, "after": str(ids[-1])} if more else None
    return Page(messages, after or {"floor": max(floor, ceiling)}, more, malformed)


def fetch(reddit: Reddit, refs: Sequence[Ref]) -> Fetched:
    """The messages among `refs` that are modmail."""
    wanted = {r.external_id: r.thread for r in refs if r.thread.startswith(PREFIX)}
    found: list[Message] = []
    gone: list[str] = []
    broken: list[Malformed] = []
    for thread in dict.fromkeys(wanted.values()):
        ids = [i for i, place in wanted.items() if place == thread]
        try:
            messages, _, malformed = read([*_items(reddit, thread.removeprefix(PREFIX))], _parse)
        except Gone:
            gone += ids
            continue
        found += [m for m in messages if m.external_id in ids]
        broken += malformed
    return Fetched(tuple(found), tuple(gone), tuple(broken))


def conversation(reddit: Reddit, thread: str) -> tuple[Message, ...]:
    """All that can be read of a conversation."""
    messages, _, malformed = read([*_items(reddit, thread.removeprefix(PREFIX))], _parse)
    if malformed:
        raise Transient("A message of this conversation cannot be read.")
    return messages


def send(reddit: Reddit, thread: str, text: str) -> tuple[str, datetime | None]:
    """Answers as the account itself, seen by the customer. Returns the id and Reddit's time."""
    form = {"body": text, "isAuthorHidden": "false", "isInternal": "false"}
    found = reddit.post(f"{LIST}/{thread.removeprefix(PREFIX)}", form, sending=True)
    made = found.get("messages")
    items = [m for m in made.values() if isinstance(m, dict)] if isinstance(made, dict) else []
    newest = max(items, key=lambda m: str(m.get("date")), default={})
    if not isinstance(newest.get("id"), str):
        raise OutcomeUnknown(UNREADABLE)
    return f"{PREFIX}{newest['id']}", _moment(newest.get("date"))


def _changed(conversation: Any) -> str:
    """When it last changed, in UTC so that texts compare as times."""
    told = conversation.get("lastUpdated") if isinstance(conversation, dict) else None
    at = _moment(told)
    return at.isoformat(timespec="microseconds") if at else ""


def _items(reddit: Reddit, conversation_id: str) -> Iterator[Json]:
    """A conversation's messages, each with its conversation's id and subject."""
    found = reddit.get(f"{LIST}/{conversation_id}", markRead="false")
    about, items = found.get("conversation"), found.get("messages")
    if not isinstance(about, dict) or not isinstance(items, dict):
        raise Transient(UNREADABLE)
    if about.get("isInternal") is True:
        return
    for name, item in items.items():
        if isinstance(item, dict) and item.get("isInternal") is not True:
            subject = about.get("subject")
            yield {**item, "id": str(name), "_in": conversation_id, "_subject": subject}


def _present(reddit: Reddit, conversation_id: str) -> Sequence[Json]:
    """The same; nothing of a conversation that went away since it was listed."""
    try:
        return [*_items(reddit, conversation_id)]
    except Gone:
        return []


def _parse(item: Json) -> Message:
    at, text, author = _moment(item.get("date")), item.get("bodyMarkdown"), item.get("author")
    name = author.get("name") if isinstance(author, dict) else None
    if at is None or not isinstance(text, str) or not isinstance(author, dict):
        raise Malformed("The message does not say what was written and when.", item)
    team = author.get("isMod") is True or author.get("isAdmin") is True
    written_by = clean(name) if isinstance(name, str) and name else None
    return Message(
        f"{PREFIX}{item['id']}",
        f"{PREFIX}{item['_in']}",
        Direction.OUT if team else Direction.IN,
        clean(text),
        at,
        Author(written_by, f"u/{written_by}") if written_by else None,
        automated=(written_by or "").lower() in ROBOTS,
        context=written_by is None,
        subject=clean(item["_subject"]) if isinstance(item["_subject"], str) else None,
    )


def _moment(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
