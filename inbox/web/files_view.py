"""Files as a conversation's page shows them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from connectors.core.contract import Capabilities, Visibility
from inbox.flows.files import MOST
from inbox.store import files as stored
from inbox.store.tables import File as Row
from inbox.web.pages_composer import File, FileState

_STATES: dict[str, FileState] = {
    stored.WAITING: "waiting",
    stored.STORED: "stored",
    stored.REFUSED: "refused",
    stored.DRAFT: "draft",
}


@dataclass(frozen=True, slots=True)
class ByOwner:
    """Files by the message and by the reply that they belong to."""

    message: Mapping[int, tuple[File, ...]]
    reply: Mapping[int, tuple[File, ...]]


class Takes(TypedDict):
    """What files a way to answer takes, as `Mode` has it."""

    takes: tuple[str, ...]
    most_bytes: int


def takes(offered: Capabilities, visibility: Visibility) -> Takes:
    """The types of files that an answer may carry, and how large each may be."""
    media = offered.media(visibility)
    if media is None:
        return {"takes": (), "most_bytes": 0}
    return {"takes": media.types, "most_bytes": min(media.max_bytes, MOST)}


def by_owner(rows: Iterable[Row]) -> ByOwner:
    """The rows of a page, in their order."""
    message: dict[int, tuple[File, ...]] = defaultdict(tuple)
    reply: dict[int, tuple[File, ...]] = defaultdict(tuple)
    for row in rows:
        if row.message_id is not None:
            message[row.message_id] += (shown(row),)
        elif row.outbox_id is not None:
            reply[row.outbox_id] += (shown(row),)
    return ByOwner(message, reply)


def shown(row: Row) -> File:
    """One file. While it is awaited, the sender's word tells whether a picture will come."""
    awaited = row.state == stored.WAITING and (row.claimed or "").startswith("image/")
    return File(
        id=row.id,
        name=row.name or row.claimed or "",
        mime=row.mime or row.claimed or "",
        size=row.size,
        state=_STATES[row.state],
        why=row.reason or "",
        pictured=row.previewed or awaited,
    )


def named(attachments: Sequence[Mapping[str, Any]]) -> tuple[File, ...]:
    """Files of which only the platform's words are here."""
    return tuple(
        File(0, str(one.get("name") or one.get("mime") or ""), state="") for one in attachments
    )
