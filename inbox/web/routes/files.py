"""A file of a conversation: as it came, to be saved; or its picture, drawn by us, to be seen.

The browser is told not to guess, not to run anything in it, and to keep it for itself.
"""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Response

from inbox.guard.files import PREVIEW_MIME, UNKNOWN, safe_name
from inbox.store import files
from inbox.store.tables import File
from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk

router = APIRouter(prefix="/files/{id}")


TOLD = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "application/pdf",
        "audio/mpeg",
        "audio/mp4",
        "audio/ogg",
        "video/mp4",
        "video/webm",
    }
)
"""Types that the browser is told; all else is bytes to it."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=3600",
}

BYTES: dict[str, Any] = {
    "description": "The bytes.",
    "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
}
"""How the API tells of `original`."""


@router.get("")
def original(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """The bytes as they came, to be saved and never shown."""
    with desk.store.read() as session:
        file = files.one(session, id, agent.id)
        data = files.content_of(session, id) if file else None
    if file is None or data is None:
        raise HTTPException(404)
    mime = file.mime if file.mime in TOLD else UNKNOWN
    headers = HEADERS | {"Content-Disposition": disposition(file)}
    return Response(data, media_type=mime, headers=headers)


@router.get("/preview")
def preview(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """The picture, at most 1,600 pixels each way."""
    with desk.store.read() as session:
        file = files.one(session, id, agent.id)
        data = files.preview_of(session, id) if file else None
    if data is None:
        raise HTTPException(404)
    headers = HEADERS | {"Content-Disposition": "inline"}
    return Response(data, media_type=PREVIEW_MIME, headers=headers)


def disposition(file: File) -> str:
    """The name to save it under, in every script (RFC 6266 with RFC 8187), beside a plain one."""
    name = safe_name(file.name, file.mime or UNKNOWN)
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace("%", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
