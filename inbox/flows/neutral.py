"""The neutral form as JSON: what `import` reads and `export` writes (DESIGN §6)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.core.contract import Attachment, Author, Direction, Kind, Message, Visibility
from connectors.core.text import clean

AHEAD = timedelta(minutes=5)
YEARS = range(1970, 9999)  # every zone can show these
_TEXTS = ("channel", "account", "external_id", "conversation", "text")


class BadLine(ValueError):
    """A line that cannot be imported; the message says which field and why."""


def parse(row: Any, now: datetime) -> tuple[str, str, Message]:
    """(channel, account, message) of one object. Raises `BadLine`."""
    if not isinstance(row, dict):
        raise BadLine("not a JSON object")
    texts = {name: _text(row, name) for name in _TEXTS}
    direction = _one_of(row, "direction", Direction, None)
    author = _author(row, required=direction == Direction.IN)
    sent_at = _instant(row, "sent_at")
    if sent_at is None:
        raise BadLine("sent_at is missing")
    if sent_at > now + AHEAD:
        raise BadLine("sent_at is more than 5 minutes ahead")
    message = Message(
        external_id=texts["external_id"],
        conversation=texts["conversation"],
        direction=direction,
        text=texts["text"],
        sent_at=sent_at,
        author=author,
        kind=_one_of(row, "kind", Kind, Kind.DM),
        visibility=_one_of(row, "visibility", Visibility, Visibility.PRIVATE),
        in_reply_to=_optional_text(row, "in_reply_to"),
        automated=_flag(row, "automated"),
        agent=_optional_text(row, "agent"),
        subject=_optional_text(row, "subject"),
        attachments=_attachments(row),
        edited_at=_instant(row, "edited_at"),
        deleted_at=_instant(row, "deleted_at"),
    )
    return texts["channel"], texts["account"], message


def to_json(channel: str, account: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """One stored message in the neutral form; `agent` is the e-mail address of who wrote it."""
    author = row["author_id"] and {
        "id": row["author_id"],
        "handle": row["author_handle"],
        "name": row["author_name"],
    }
    return {
        "channel": channel,
        "account": account,
        "external_id": row["external_id"],
        "conversation": row["thread"],
        "direction": row["direction"],
        "kind": row["kind"],
        "visibility": row["visibility"],
        "author": author or None,
        "text": row["text"],
        "subject": row["subject"],
        "sent_at": _written(row["sent_at"]),
        "in_reply_to": row["in_reply_to"],
        "automated": row["automated"],
        "agent": row["agent"],
        "attachments": row["attachments"],
        "edited_at": _written(row["edited_at"]),
        "deleted_at": _written(row["deleted_at"]),
    }


def _written(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or (not value and name != "text"):
        raise BadLine(f"{name} must be text" if name in row else f"{name} is missing")
    return clean(value)


def _optional_text(row: dict[str, Any], name: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise BadLine(f"{name} must be text")
    return clean(value) if value else None


def _flag(row: dict[str, Any], name: str) -> bool:
    value = row.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadLine(f"{name} must be true or false")
    return bool(value)


def _one_of(row: dict[str, Any], name: str, kind: Any, default: Any) -> Any:
    value = row.get(name)
    if value is None and default is not None:
        return default
    if value not in list(kind):
        allowed = ", ".join(kind)
        raise BadLine(f"{name} must be one of {allowed}" if name in row else f"{name} is missing")
    return kind(value)


def _author(row: dict[str, Any], *, required: bool) -> Author | None:
    value = row.get("author")
    named = value.get("id") is not None if isinstance(value, dict) else value is not None
    if not named and not required:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("id"), str) or not value["id"]:
        raise BadLine("author.id is missing")
    return Author(value["id"], _optional_text(value, "handle"), _optional_text(value, "name"))


def _instant(row: dict[str, Any], name: str) -> datetime | None:
    value = row.get(name)
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadLine(f"{name} is no ISO 8601 time") from None
    if instant.tzinfo is None:
        raise BadLine(f"{name} needs a zone, for example Z")
    if instant.year not in YEARS:
        raise BadLine(f"{name} lies outside the years {YEARS[0]} to {YEARS[-1]}")
    return instant.astimezone(UTC)


def _attachments(row: dict[str, Any]) -> tuple[Attachment, ...]:
    value = row.get("attachments")
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(a, dict) for a in value):
        raise BadLine("attachments must be a list of objects")
    return tuple(
        Attachment(
            _optional_text(a, "url"),
            _optional_text(a, "mime"),
            _optional_text(a, "name"),
            a["size"] if isinstance(a.get("size"), int) else None,
            _optional_text(a, "ref"),
        )
        for a in value
    )
