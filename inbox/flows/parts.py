"""One answer as several messages: they go out one after the other, or not at all."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from connectors.core import length
from connectors.core.contract import Author, Capabilities, Media, Visibility
from connectors.core.length import split
from inbox.guard.files import fits
from inbox.store import files, outbox
from inbox.store.tables import File

MOST_FILES: Final = 10
"""Of one answer, in however many messages."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of an answer; `files` are ids of drafts, in order."""

    text: str
    files: tuple[int, ...] = ()


def queue_parts(session: Session, parts: Sequence[Part], row: dict[str, Any]) -> list[int]:
    """Outbox rows for the parts, in the caller's transaction; `row` is what they share.

    The first has the form's own key, the others `key#2` and so on: a double click is still one
    answer. Each waits until the one before it is sent.
    """
    ids: list[int] = []
    for number, part in enumerate(parts, start=1):
        own = {
            "key": uuid.uuid4().hex,
            "form_key": row["form_key"] if number == 1 else f"{row['form_key']}#{number}",
            "text": part.text,
            "after_id": ids[-1] if ids else None,
        }
        ids.append(outbox.add(session, row | own))
        files.bind(session, part.files, ids[-1])
    return ids


def parts_of(texts: Sequence[str], file_ids: Sequence[int], media: Media | None) -> list[Part]:
    """The answer as the platform takes it: its words in so many messages, files with the last."""
    *before, last = texts
    return [*(Part(text) for text in before), *_with_files(last, file_ids, media)]


def split_words(offered: Capabilities, visibility: Visibility, text: str, to: Author) -> list[str]:
    """A text that is too long, in messages that fit; itself where it fits. Raises ValueError."""
    limit = offered.limit(visibility) or 0
    return split(text, limit, lambda part: offered.measure(part, visibility, to)) or [text]


def _with_files(text: str, file_ids: Sequence[int], media: Media | None) -> list[Part]:
    """So many files in a message, beside the words or not."""
    if media is None or not file_ids:
        return [Part(text)]
    most = max(media.most, 1) if media.with_text else 1
    groups = [tuple(file_ids[at : at + most]) for at in range(0, len(file_ids), most)]
    too_long = bool(media.text_limit) and length.utf16(text) > media.text_limit
    if text and (too_long or not media.with_text):
        return [Part(text), *(Part("", group) for group in groups)]
    return [Part(text if at == 0 else "", group) for at, group in enumerate(groups)]


def unfit(offered: Capabilities, visibility: Visibility, chosen: Sequence[File]) -> str | None:
    """Why these files cannot go out, in plain words; None when they can."""
    if not chosen:
        return None
    media = offered.media(visibility)
    if media is None:
        return f"{offered.title} takes no files in a {visibility} answer."
    if len(chosen) > MOST_FILES:
        return f"At most {MOST_FILES} files go with one answer."
    for file in chosen:
        if not file.size:
            return f"{file.name} is empty."
        if file.size > media.max_bytes:
            return f"{file.name} is larger than {offered.title} takes ({_mb(media.max_bytes)} MB)."
        if not fits(file.mime or "", media.types):
            return f"{offered.title} does not take {file.name} ({file.mime})."
    return None


def _mb(size: int) -> str:
    return f"{size / 1_000_000:.1f}".removesuffix(".0")
