"""Telegram's updates in the neutral form (Bot API 10.1, read Nov 2026).

A message's key is its chat and its number there. In chats that a business account lends to the bot
the same pair means another message, so the connection's id stands before it.

In a supergroup the thread is the root of the reply chain or the topic, whichever Telegram tells as
`message_thread_id`; a root names itself. A plain group knows no threads: it is one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from connectors.core.contract import (
    Attachment,
    Author,
    Deletion,
    Direction,
    Json,
    Kind,
    Message,
    Visibility,
)
from connectors.core.errors import Malformed
from connectors.core.text import clean
from connectors.telegram.words import FILES, SERVICE, WORDS

MESSAGES = ("message", "edited_message", "business_message", "edited_business_message")
DELETIONS = "deleted_business_messages"
UPDATES = (*MESSAGES, DELETIONS)
ODD = (KeyError, TypeError, ValueError, OverflowError, OSError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Around:
    """Who we are, and which messages of groups are customers' matters (`groups`: mentions, all or
    none). `username` in lower case, without its @. `heard_at` is the time of what tells none."""

    me: str
    username: str
    groups: str
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class Key:
    """A message's place, as its external id writes it."""

    chat: str
    message: int
    connection: str = ""

    @classmethod
    def of(cls, external_id: str) -> "Key":
        """Raises ValueError."""
        *connection, chat, message = external_id.rsplit(":", 2)
        return cls(chat, int(message), "".join(connection))

    def __str__(self) -> str:
        return ":".join(filter(None, (self.connection, self.chat, str(self.message))))


@dataclass(slots=True)
class Read:
    """What a list of updates brought."""

    messages: list[Message]
    deletions: list[Deletion]
    malformed: list[Malformed]


def read_updates(updates: Sequence[Any], around: Around) -> Read:
    """Each message once more than it was changed; what it answers stands before it as context."""
    read = Read([], [], [])
    for update in updates:
        try:
            found = parse_update(update, around)
        except Malformed as e:
            read.malformed.append(e)
            continue
        known = {m.external_id for m in read.messages}
        for item in found:
            if isinstance(item, Deletion):
                read.deletions.append(item)
            elif item is found[-1] or item.external_id not in known:
                read.messages.append(item)
    return read


def parse_update(update: Any, around: Around) -> Sequence[Message | Deletion]:
    """A message, what it answers (before it), or deletions; nothing for what is none of these.
    Raises `Malformed`."""
    try:
        if deleted := update.get(DELETIONS):
            return _deletions(deleted, around)
        said = next((update[name] for name in MESSAGES if name in update), None)
        return _messages(said, around) if said is not None else ()
    except ODD as e:
        raise Malformed("Telegram's update could not be read.", update) from e


def sent_message(said: Json, connection: str) -> tuple[str, datetime]:
    """The external id and the time of a message that we sent. Raises one of `ODD`."""
    return str(replace(_key(said), connection=connection)), _time(said["date"])


def _deletions(deleted: Json, around: Around) -> Sequence[Deletion]:
    chat, connection = _id(deleted["chat"]["id"]), _id(deleted["business_connection_id"])
    keys = [Key(chat, int(n), connection) for n in deleted["message_ids"]]
    return [Deletion(str(key), around.heard_at) for key in keys]


def _messages(said: Json, around: Around) -> Sequence[Message]:
    chat = said["chat"]
    group = chat["type"] != "private"
    if SERVICE & said.keys() or chat.get("is_direct_messages") or chat["type"] == "channel":
        return ()
    if group and around.groups == "none":
        return ()
    message = parse_message(said, around)
    above = said.get("reply_to_message")
    parent = _parent(above, message, around) if message.in_reply_to else None
    return (parent, message) if parent else (message,)


def parse_message(said: Json, around: Around) -> Message:
    """One message of a chat. Raises one of `ODD`."""
    key, private = _key(said), said["chat"]["type"] == "private"
    author, ours = _author(said), _is_ours(said, key, around)
    called = private or ours or _calls_us(said, around)
    mentioned = not private and _mentions_us(said, around)
    edited = said.get("edit_date")
    return Message(
        external_id=str(key),
        conversation=_conversation(said, key),
        direction=Direction.OUT if ours else Direction.IN,
        text=clean(_text(said)),
        sent_at=_time(said["date"]),
        author=author,
        kind=Kind.DM if private else Kind.MENTION if mentioned else Kind.COMMENT,
        visibility=Visibility.PRIVATE if private else Visibility.PUBLIC,
        in_reply_to=_answered(said, key),
        automated=_is_automatic(said),
        context=not called and (around.groups != "all" or _is_automatic(said)),
        attachments=_files(said),
        edited_at=_time(edited) if edited else None,
        platform=_extras(said),
    )


def _parent(above: Any, message: Message, around: Around) -> Message | None:
    """What a message answers: given along, but worth no error. Our own may be an answer whose
    outcome nobody knew; other people's is only shown."""
    try:
        parent = parse_message(above, around)
    except ODD:
        return None
    context = parent.direction is Direction.IN
    return replace(parent, conversation=message.conversation, context=context)


def _key(said: Json) -> Key:
    chat, number = _id(said["chat"]["id"]), int(said["message_id"])
    return Key(chat, number, said.get("business_connection_id") or "")


def _conversation(said: Json, key: Key) -> str:
    if said["chat"]["type"] == "supergroup":
        return f"{key.chat}:{said.get('message_thread_id') or key.message}"
    return ":".join(filter(None, (key.connection, key.chat)))


def _answered(said: Json, key: Key) -> str | None:
    """What it answers; in a topic everything "answers" the topic's beginning."""
    above = said.get("reply_to_message")
    if not above or SERVICE & above.keys():
        return None
    return str(replace(key, message=int(above["message_id"])))


def _author(said: Json) -> Author:
    """A channel or a group may write under its own name; Telegram's stand-in is then no one."""
    who = said.get("sender_chat") or said["from"]
    names = (who.get("title"), who.get("first_name"), who.get("last_name"))
    handle = who.get("username")
    name = clean(" ".join(str(n) for n in names if n))
    return Author(_id(who["id"]), clean(handle) if handle else None, name or None)


def _is_ours(said: Json, key: Key, around: Around) -> bool:
    """In a lent chat everybody but the customer speaks for us: such a chat's id is the
    customer's."""
    writer = _id((said.get("from") or {}).get("id", ""))
    return writer == around.me or (bool(key.connection) and writer != key.chat)


def _is_automatic(said: Json) -> bool:
    """What bots wrote (us included: what we sent is known by its id), and away messages."""
    writer = said.get("from") or {}
    forwarded = said.get("is_automatic_forward")
    marks = (said.get("sender_business_bot"), said.get("is_from_offline"), forwarded)
    behind = said.get("sender_chat")  # people, behind a stand-in that counts as a bot
    return any(marks) or (bool(writer.get("is_bot")) and not behind)


def _calls_us(said: Json, around: Around) -> bool:
    """Who mentions us, answers us, or comments under a post of the channel that owns this group."""
    above = said.get("reply_to_message") or {}
    if _is_automatic(said):
        return False
    answered = _id((above.get("from") or {}).get("id", "")) == around.me
    post = above.get("is_automatic_forward") is True
    return answered or post or _mentions_us(said, around)


def _mentions_us(said: Json, around: Around) -> bool:
    """By name or, for people's pickers, by id; a command may be addressed too."""
    text = (said.get("text") or said.get("caption") or "").encode("utf-16-le", "surrogatepass")
    for entity in said.get("entities") or said.get("caption_entities") or ():
        start = 2 * entity["offset"]
        marked = text[start : start + 2 * entity["length"]].decode("utf-16-le", "replace")
        name = marked.rpartition("@")[2].lower() if "@" in marked else ""
        by_name = entity["type"] in ("mention", "bot_command") and name == around.username
        if (by_name and name) or _id((entity.get("user") or {}).get("id", "")) == around.me:
            return True
    return False


def _text(said: Json) -> str:
    """What was written, else what the thing shows, in brackets; files speak for themselves."""
    written = said.get("text") or said.get("caption")
    if written:
        return "\n".join((str(written), *_hidden_links(said)))
    shown = next((write(said[name]) for name, write in WORDS.items() if name in said), None)
    if shown is not None:
        return shown
    return "" if any(name in said for name in FILES) else "[message that only Telegram shows]"


def _hidden_links(said: Json) -> Iterable[str]:
    """Addresses that stand behind other words."""
    for entity in said.get("entities") or said.get("caption_entities") or ():
        if entity["type"] == "text_link":
            yield f"[link: {entity['url']}]"


def _files(said: Json) -> tuple[Attachment, ...]:
    """The message's file; of a picture's sizes the largest. An animation repeats itself as a
    document for older programs: one is enough."""
    for name, mime in FILES.items():
        if name in said:
            held = said[name]
            file = max(held, key=_area) if isinstance(held, list) else held
            return (_file(file, mime),)
    return ()


def _file(file: Json, mime: str | None) -> Attachment:
    name, size = file.get("file_name"), file.get("file_size")
    told = file.get("mime_type") or mime
    return Attachment(
        mime=clean(str(told)) if told else None,
        name=clean(name) if isinstance(name, str) else None,
        size=size if isinstance(size, int) else None,
        ref=_id(file["file_id"]),
    )


def _area(size: Mapping[str, Any]) -> int:
    return int(size.get("width", 0)) * int(size.get("height", 0))


def _extras(said: Json) -> Json:
    """What an answer needs: the topic of a forum; which pictures came together, for the eye."""
    topic = said.get("message_thread_id") if said.get("is_topic_message") else None
    told: Iterable[tuple[str, Any]] = (("topic", topic), ("album", said.get("media_group_id")))
    return {name: value for name, value in told if value}


def _time(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _id(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError("an id is a number or a string")
    return str(value)
