"""LINE's webhook events in the neutral form (LINE's OpenAPI file webhook.yml, Jul 2026).

LINE adds kinds of events and messages without notice: unknown events are passed over, an unknown
message is shown by the name of its kind. A redelivered event has the same ids.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connectors.core.contract import (
    Attachment,
    Author,
    Deletion,
    Direction,
    Json,
    Kind,
    Message,
    Visibility,
    word,
)
from connectors.core.errors import Malformed
from connectors.core.text import clean

STANDBY = word(
    "Another system leads this LINE chat (standby mode). Answer there, or take the chat back."
)
PROFILES = {  # where a person's name stands, by where the person wrote
    "user": "/v2/bot/profile/{user}",
    "group": "/v2/bot/group/{thread}/member/{user}",
    "room": "/v2/bot/room/{thread}/member/{user}",
}
THREADS = {"user": "userId", "group": "groupId", "room": "roomId"}
FILES = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/mp4", "file": None}


def read_events(
    body: bytes, groups: str = "mentions"
) -> tuple[tuple[Message, ...], tuple[Deletion, ...], tuple[Malformed, ...]]:
    """What a verified call brings. LINE sends no events at all to try the address."""
    messages: list[Message] = []
    deletions: list[Deletion] = []
    malformed: list[Malformed] = []
    try:
        events = json.loads(body)["events"]
        listed = events if isinstance(events, list) else [events]
    except (ValueError, KeyError, TypeError, RecursionError):
        return (
            (),
            (),
            (Malformed("LINE's call could not be read.", body.decode("utf-8", "replace")),),
        )
    for event in listed:
        try:
            read = parse_event(event, groups)
        except Malformed as e:
            malformed.append(e)
            continue
        if isinstance(read, Message):
            messages.append(read)
        elif read is not None:
            deletions.append(read)
    return tuple(messages), tuple(deletions), tuple(malformed)


def parse_event(event: Any, groups: str = "mentions") -> Message | Deletion | None:
    """One event in the neutral form; None for what is no message. Raises `Malformed`."""
    try:
        kind = _id(event["type"])
        if kind == "unsend":
            return Deletion(_id(event["unsend"]["messageId"]), _time(event))
        if kind not in ("message", "postback"):
            return None
        if event["source"]["type"] != "user" and groups == "none":
            return None
        return _message(event, groups) if kind == "message" else _tap(event)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as e:
        raise Malformed(f"LINE's event could not be read: {e!r}", event) from e


def _message(event: Json, groups: str) -> Message:
    said, source = event["message"], event["source"]
    quoted, alone = said.get("quotedMessageId"), source["type"] == "user"
    called = alone or _mentions_us(said)
    kind = Kind.DM if alone else Kind.MENTION if called else Kind.COMMENT
    write = WORDS.get(said["type"])
    known = write is not None or said["type"] in FILES
    text = write(said) if write else "" if known else f"[{said['type']}]"
    return replace(
        _frame(event, _id(said["id"])),
        text=clean(text),
        kind=kind,
        in_reply_to=_id(quoted) if quoted else None,
        context=not called and groups != "all",
        attachments=(_file(said),) if said["type"] in FILES else (),
    )


def _tap(event: Json) -> Message:
    """A button of ours was tapped: shown, but what it sends is for machines."""
    frame = _frame(event, _id(event["webhookEventId"]))
    text = f"[{clean(event['postback']['data'])}]"
    kind = Kind.DM if frame.visibility is Visibility.PRIVATE else Kind.COMMENT
    return replace(frame, text=text, kind=kind, context=True)


def _frame(event: Json, external_id: str) -> Message:
    """Who, where and when; the same in every event."""
    source, said = event["source"], event.get("message") or {}
    place = source["type"]
    thread = _id(source[THREADS[place]])
    standby, quote_token = event.get("mode") == "standby", said.get("quoteToken")
    quoted = clean(quote_token) if isinstance(quote_token, str) else None
    extras = {"source": place, "quote": quoted, "standby": standby or None}
    return Message(
        external_id=external_id,
        conversation=thread,
        direction=Direction.IN,
        text="",
        sent_at=_time(event),
        author=Author(_id(source.get("userId") or thread)),  # some apps in groups hide the person
        visibility=Visibility.PRIVATE if place == "user" else Visibility.PUBLIC,
        can_reply_publicly=not standby,
        reply_note=STANDBY if standby else None,
        platform={name: value for name, value in extras.items() if value is not None},
    )


def _mentions_us(said: Json) -> bool:
    listed = (said.get("mention") or {}).get("mentionees") or ()
    return any(isinstance(m, dict) and m.get("isSelf") is True for m in listed)


def _file(said: Json) -> Attachment:
    provider = said.get("contentProvider") or {}
    outside = provider.get("originalContentUrl") if provider.get("type") == "external" else None
    name, size = said.get("fileName"), said.get("fileSize")
    return Attachment(
        url=clean(outside) if isinstance(outside, str) else None,
        mime=FILES[said["type"]],
        name=clean(name) if isinstance(name, str) else None,
        size=size if isinstance(size, int) else None,
        ref=None if outside else _id(said["id"]),
    )


def _sticker(said: Json) -> str:
    """A sticker's own words, else what LINE says it shows."""
    words = said.get("text") or ", ".join(map(str, said.get("keywords") or ()))
    return f"[sticker: {words}]" if words else "[sticker]"


def _location(said: Json) -> str:
    place = f"{float(said['latitude'])}, {float(said['longitude'])}"
    return "\n".join(str(p) for p in (said.get("title"), said.get("address"), place) if p)


WORDS: Mapping[str, Callable[[Json], str]] = {
    "text": lambda said: said["text"],
    "sticker": _sticker,
    "location": _location,
}


def _id(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise ValueError("no id")
    return clean(str(value))


def _time(event: Json) -> datetime:
    return datetime.fromtimestamp(event["timestamp"] / 1000, UTC)


def profile_path(message: Message) -> str | None:
    """Where LINE tells the name of a message's author; None where the author is hidden."""
    place, author = message.platform["source"], message.author
    if author is None or (place != "user" and author.id == message.conversation):
        return None
    ids = {"user": quote(author.id, ""), "thread": quote(message.conversation, "")}
    return PROFILES[place].format(**ids)
