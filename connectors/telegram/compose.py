"""Answers as Telegram takes them: a text, one file, or an album (Bot API 10.1, read Nov 2026)."""

from collections.abc import Mapping

from connectors.core.contract import Json, Outgoing, Upload
from connectors.core.errors import Refused
from connectors.core.length import utf16
from connectors.telegram.parse import Key

TEXT = 4096  # characters, counted as UTF-16 units
CAPTION = 1024
FILES_MOST = 10
UPLOAD_BYTES = 50_000_000
PHOTO_BYTES = 10_000_000
PHOTOS = ("image/jpeg", "image/png", "image/webp")

Files = Mapping[str, tuple[str, bytes, str]]  # field → (name, bytes, type)


def compose(reply: Outgoing, key: Key) -> tuple[str, Json, Files]:
    """(method, parameters, files) of an answer to the message at `key`."""
    place = _place(reply, key)
    if not reply.files:
        return "sendMessage", {**place, "text": reply.text}, {}
    if utf16(reply.text) > CAPTION:
        raise Refused("With files an answer may have 1,024 characters. Send the text by itself.")
    kind = "photo" if all(map(_is_photo, reply.files)) else "document"
    caption = {"caption": reply.text} if reply.text else {}
    if len(reply.files) == 1:
        method = f"send{kind.title()}"
        return method, {**place, **caption}, {kind: _part(reply.files[0])}
    parts = {f"file{n}": _part(file) for n, file in enumerate(reply.files)}
    media: list[Json] = [{"type": kind, "media": f"attach://{name}"} for name in parts]
    media[0] |= caption
    return "sendMediaGroup", {**place, "media": media}, parts


def _place(reply: Outgoing, key: Key) -> Json:
    """Where it goes. No `parse_mode`: what agents write is plain text."""
    answered = {"message_id": key.message, "allow_sending_without_reply": True}
    return {
        "chat_id": int(key.chat),
        **({"business_connection_id": key.connection} if key.connection else {}),
        **({"message_thread_id": reply.platform["topic"]} if reply.platform.get("topic") else {}),
        **({"reply_parameters": answered} if key.message else {}),
    }


def _is_photo(file: Upload) -> bool:
    return file.mime in PHOTOS and len(file.data) <= PHOTO_BYTES


def _part(file: Upload) -> tuple[str, bytes, str]:
    return file.name, file.data, file.mime
