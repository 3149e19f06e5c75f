"""Discord's messages in the neutral form (Discord's API documentation, Aug 2026).

A message's external id is its channel and its own id, since asking for it needs both. A thread has
the id of the message that it began from, so the root of a reply chain and the thread under it are
one conversation.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
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
from connectors.core.text import clean

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
DEFAULT, REPLY, COMMAND, STARTER, MENU_COMMAND = 0, 19, 20, 21, 23
SAID = (DEFAULT, REPLY, COMMAND, MENU_COMMAND)  # the other types are Discord's own notes
FORWARD = 1  # a type of reference: no answer
ODD = (KeyError, TypeError, ValueError, OverflowError, AttributeError, IndexError)
HIDDEN = "[Discord hides the text: turn on the bot's Message Content intent]"

_PERSON = re.compile(r"<@!?(\d+)>")
_EMOJI = re.compile(r"<a?:(\w+):\d+>")

RootOf = Callable[[Json], str]


@dataclass(frozen=True, slots=True)
class Around:
    """Who we are, who else speaks for us, and whether only mentions are customers' matters."""

    me: str
    team: frozenset[str] = frozenset()
    mentions_only: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A message's place, as its external id writes it."""

    channel: str
    message: str

    @classmethod
    def of(cls, external_id: str) -> "Key":
        """Raises ValueError."""
        channel, _, message = external_id.partition(":")
        if not (channel.isdecimal() and message.isdecimal()):
            raise ValueError(external_id)
        return cls(channel, message)

    def __str__(self) -> str:
        return f"{self.channel}:{self.message}"


def snowflake(at: datetime) -> int:
    """The smallest id of that moment."""
    return max(int((at - EPOCH) / timedelta(milliseconds=1)), 0) << 22


def time_of(number: int) -> datetime:
    return EPOCH + timedelta(milliseconds=number >> 22)


def number_of(item: Any) -> int:
    """A listed item's id. Raises one of `ODD`."""
    return int(item["id"])


def parent_of(item: Json) -> str | None:
    """The id of the message that this one answers in the same channel."""
    reference = item.get("message_reference") or {}
    answers = item.get("type") == REPLY and reference.get("type") != FORWARD
    return _id(reference["message_id"]) if answers and reference.get("message_id") else None


def read_items(
    items: Sequence[Any], around: Around, root_of: RootOf
) -> tuple[tuple[Message, ...], tuple[Malformed, ...]]:
    """The messages of a page, oldest first, each answered one before its answer."""
    found: dict[str, Message] = {}
    malformed: list[Malformed] = []
    for item in reversed(items):
        try:
            if item["type"] + 0 not in (*SAID, STARTER):  # anything but a number is odd
                continue
            root = root_of(item)
            if above := parse_above(item, root, around):
                found.setdefault(above.external_id, above)
            if item["type"] in SAID:
                message = parse_message(item, root, around)
                found[message.external_id] = message
        except ODD:
            malformed.append(as_malformed(item))
    return tuple(found.values()), tuple(malformed)


def parse_message(item: Json, conversation: str, around: Around) -> Message:
    """One message. Raises one of `ODD`."""
    writer = _author(item)
    ours = writer.id == around.me or writer.id in around.team
    machine = bool(item["author"].get("bot") or item.get("webhook_id"))
    mentioned = any(u.get("id") == around.me for u in item.get("mentions") or ())
    parent, edited = parent_of(item), item.get("edited_timestamp")
    called = mentioned or not around.mentions_only or _answers(item, around.me)
    channel = _id(item["channel_id"])
    return Message(
        external_id=str(Key(channel, str(int(item["id"])))),
        conversation=conversation,
        direction=Direction.OUT if ours else Direction.IN,
        text=clean(_text(item) if ours else _readable(_text(item), item)),
        sent_at=_time(item["timestamp"]),
        author=writer,
        kind=Kind.MENTION if mentioned else Kind.COMMENT,
        visibility=Visibility.PUBLIC,
        in_reply_to=str(Key(channel, parent)) if parent else None,
        automated=machine,
        context=not ours and (machine or not called),
        attachments=tuple(_file(f, item) for f in files_of(item)),
        edited_at=_time(edited) if edited else None,
    )


def parse_above(item: Json, conversation: str, around: Around) -> Message | None:
    """What a message answers, or what its thread began from: given along, worth no error. Other
    people's words there are only shown."""
    above = item.get("referenced_message")
    try:
        parent = parse_message(above, conversation, around) if above else None
    except ODD:
        return None
    return parent and replace(parent, context=parent.direction is Direction.IN)


def as_malformed(item: Any) -> Malformed:
    return Malformed("Discord's message could not be read.", item)


def _answers(item: Json, writer: str) -> bool:
    return ((item.get("referenced_message") or {}).get("author") or {}).get("id") == writer


def _author(item: Json) -> Author:
    """A webhook writes under names of its own choice; its id is the webhook's."""
    who = item["author"]
    handle, name = who.get("username"), who.get("global_name") or who.get("username")
    return Author(_id(who["id"]), handle and clean(str(handle)), name and clean(str(name)))


def _text(item: Json) -> str:
    if item["content"]:
        return str(item["content"])
    shown = [f"[sticker: {s['name']}]" for s in item.get("sticker_items") or ()]
    shown += [f"[poll: {item['poll']['question']['text']}]"] if item.get("poll") else []
    for held in item.get("message_snapshots") or ():
        shown.append(f"[forwarded] {held['message'].get('content') or ''}".rstrip())
    shown += [str(e.get("title") or "[embed]") for e in item.get("embeds") or ()]
    more = item.get("attachments") or item.get("components")
    return "\n".join(shown) or ("" if more else HIDDEN)


def _readable(text: str, item: Json) -> str:
    """Discord writes people and emoji as ids; here they get their names back."""
    names = {str(u["id"]): str(u["username"]) for u in item.get("mentions") or ()}
    text = _PERSON.sub(lambda m: f"@{names[m[1]]}" if m[1] in names else m[0], text)
    return _EMOJI.sub(r":\1:", text)


def files_of(item: Json) -> Sequence[Json]:
    forwarded = [f for s in item.get("message_snapshots") or () for f in _attached(s["message"])]
    return [*_attached(item), *forwarded]


def _attached(item: Mapping[str, Any]) -> Sequence[Json]:
    return item.get("attachments") or ()


def _file(file: Json, item: Json) -> Attachment:
    """The address is signed and runs out; the reference finds a fresh one."""
    name, mime, size, url = (file.get(n) for n in ("filename", "content_type", "size", "url"))
    return Attachment(
        url=url if isinstance(url, str) else None,
        mime=clean(mime) if isinstance(mime, str) else None,
        name=clean(name) if isinstance(name, str) else None,
        size=size if isinstance(size, int) else None,
        ref=f"{_id(item['channel_id'])}/{_id(item['id'])}/{_id(file['id'])}",
    )


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _id(value: Any) -> str:
    return str(int(value))
