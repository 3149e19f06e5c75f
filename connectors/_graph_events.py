"""What webhooks tell of private messages, the same in Messenger and Instagram. Pure.

Facts: Meta's pages on Messenger and Instagram webhooks, read in November 2026; the forms of
Instagram's that Meta's pages leave out are those recorded by chatwoot's tests.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from connectors._graph import identifier, inner, items, needed, needed_time, text
from connectors._graph_hooks import Told
from connectors.core.contract import (
    Attachment,
    Author,
    Deletion,
    Direction,
    Event,
    Json,
    Message,
    Receipt,
)
from connectors.core.errors import Malformed

INBOXES = frozenset(("263902037430900", "1217981644879628"))
"""Meta's own inbox for Pages and for Instagram, by which people answer (Handover Protocol)."""

TYPES: Mapping[str, str] = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/mp4",
    "ig_reel": "video/mp4",
    "reel": "video/mp4",
}


def parse_event(told: Told, me: str, app_id: str) -> Iterable[Message | Event]:
    """A message, an edit, a deletion or a receipt; what is none of these brings nothing."""
    event = told.value
    found = next(((n, inner(event, n)) for n in _READ if isinstance(event.get(n), dict)), None)
    if found is None:
        return ()
    name, part = found
    at = needed_time(event, "timestamp" if "timestamp" in event else "time")
    return _READ[name](event, part, at, me, app_id)


def _message(
    event: Json, part: Json, at: datetime, me: str, app_id: str
) -> Iterable[Message | Event]:
    if part.get("is_deleted") is True:
        return (Deletion(needed(part, "mid"), at),)
    echo = part.get("is_echo") is True
    writer = identifier(part, "app_id")
    other = bool(echo and app_id and writer and writer not in {app_id, *INBOXES})
    reply_to = inner(part, "reply_to")
    said = text(part, "text")
    replied = identifier(reply_to, "mid") or None
    found = _made(event, needed(part, "mid"), said, at, me, echo=echo)
    files = _files(part, reply_to)
    return (replace(found, attachments=files, in_reply_to=replied, automated=other),)


def _edit(event: Json, part: Json, at: datetime, me: str, app_id: str) -> Iterable[Message | Event]:
    """The call does not tell when the message was first sent; the inbox knows."""
    found = _made(event, needed(part, "mid"), text(part, "text"), at, me)
    return (replace(found, edited_at=at),)


def _postback(
    event: Json, part: Json, at: datetime, me: str, app_id: str
) -> Iterable[Message | Event]:
    """A button of ours that the person pressed; its title are the words they see as their own."""
    return (_made(event, needed(part, "mid"), text(part, "title"), at, me),)


def _delivered(
    event: Json, part: Json, at: datetime, me: str, app_id: str
) -> Iterable[Message | Event]:
    return [Receipt("delivered", at, m) for m in items(part, "mids") if isinstance(m, str)]


def _read(event: Json, part: Json, at: datetime, me: str, app_id: str) -> Iterable[Message | Event]:
    """Instagram names the message; Messenger only a time, which names none."""
    mid = identifier(part, "mid")
    return (Receipt("read", at, mid),) if mid else ()


Reading = Callable[[Json, Json, datetime, str, str], Iterable[Message | Event]]
_READ: Mapping[str, Reading] = {
    "message": _message,
    "message_edit": _edit,
    "postback": _postback,
    "delivery": _delivered,
    "read": _read,
}


def _made(
    event: Json, mid: str, said: str, at: datetime, me: str, *, echo: bool = False
) -> Message:
    sender, recipient = (identifier(inner(event, n), "id") for n in ("sender", "recipient"))
    ours = echo or sender == me
    person = recipient if ours else sender
    if not person or not sender:
        raise Malformed("It does not say between whom it was sent.", event)
    return Message(
        external_id=mid,
        conversation=person,
        direction=Direction.OUT if ours else Direction.IN,
        text=said,
        sent_at=at,
        author=Author(me if ours else sender),
    )


def _files(part: Json, reply_to: Json) -> tuple[Attachment, ...]:
    """Files, shared posts, and the story that a message answers."""
    told = [a for a in items(part, "attachments") if isinstance(a, dict)]
    found = [
        (text(inner(a, "payload"), "url"), TYPES.get(text(a, "type")), inner(a, "payload"))
        for a in told
    ]
    story = text(inner(reply_to, "story"), "url")
    files = [Attachment(url, mime, text(load, "title") or None) for url, mime, load in found if url]
    return (*files, *((Attachment(story, None, "story"),) if story else ()))
