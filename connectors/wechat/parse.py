"""WeChat's messages and events in the neutral form.

Facts: WeChat's pages on receiving messages and events, read Nov 2026. A message has a MsgId; an
event has none and is told by sender, second and kind, as WeChat's page says to.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree

from connectors.core.contract import Attachment, Author, Direction, Message
from connectors.core.errors import Malformed
from connectors.core.text import clean

Fields = Mapping[str, str]

EVENTS: Mapping[str, str] = {  # what a person does beside writing: shown, and opens no turn
    "subscribe": "[follows the account]",
    "unsubscribe": "[no longer follows the account]",
    "SCAN": "[scanned a code: {EventKey}]",
    "CLICK": "[menu: {EventKey}]",
}
FILES: Mapping[str, str | None] = {
    "image": "image/jpeg",
    "voice": "audio/amr",
    "video": "video/mp4",
    "shortvideo": "video/mp4",
}


def read_xml(body: bytes) -> Fields:
    """The fields of a call's `<xml>`; those inside others are left out. Raises `Malformed`."""
    try:
        root = ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as e:
        raw = body.decode("utf-8", "replace")
        raise Malformed("WeChat's call could not be read as XML.", raw) from e
    return {child.tag: child.text or "" for child in root}


def parse(fields: Fields) -> Message | None:
    """A message; None for an event that nobody has to see. Raises `Malformed`."""
    kind = fields.get("MsgType", "")
    if kind == "event" and fields.get("Event") not in EVENTS:
        return None
    try:
        author = _needed(fields, "FromUserName")
        if kind == "event":
            marks = (author, _needed(fields, "CreateTime"), fields["Event"])
            text, external_id = _event(fields), "event:" + ":".join(marks)
        else:
            text, external_id = _words(_needed(fields, "MsgType"), fields), _needed(fields, "MsgId")
        return Message(
            external_id=external_id,
            conversation=author,
            direction=Direction.IN,
            text=clean(text),
            sent_at=datetime.fromtimestamp(int(_needed(fields, "CreateTime")), UTC),
            author=Author(author),
            context=kind == "event",
            attachments=_files(kind, fields),
        )
    except (ValueError, OverflowError, OSError) as e:
        raise Malformed(f"WeChat's message could not be read: {e}", dict(fields)) from e


def _needed(fields: Fields, name: str) -> str:
    value = fields.get(name, "").strip()
    if not value:
        raise ValueError(f"it has no {name}")
    return clean(value)


def _event(fields: Fields) -> str:
    return EVENTS[fields["Event"]].format(EventKey=fields.get("EventKey", ""))


def _words(kind: str, fields: Fields) -> str:
    write = WORDS.get(kind)
    if write is not None:
        return write(fields)
    return "" if kind in FILES else f"[{kind}]"  # a kind to come is named, not lost


def _location(fields: Fields) -> str:
    place = ", ".join(filter(None, (fields.get("Location_X"), fields.get("Location_Y"))))
    return "\n".join(filter(None, (fields.get("Label"), place)))


def _link(fields: Fields) -> str:
    return "\n".join(filter(None, (fields.get(n) for n in ("Title", "Description", "Url"))))


WORDS: Mapping[str, Callable[[Fields], str]] = {
    "text": lambda fields: fields["Content"] if "Content" in fields else _needed(fields, "Content"),
    "voice": lambda fields: fields.get("Recognition", ""),  # where speech is made text by WeChat
    "location": _location,
    "link": _link,
}


def _files(kind: str, fields: Fields) -> tuple[Attachment, ...]:
    if kind not in FILES:
        return ()
    ref, url = fields.get("MediaId"), fields.get("PicUrl")
    return (Attachment(url=None if ref else url, mime=FILES[kind], ref=ref or None),)
