"""One answer as several messages: they go out one after the other, or not at all."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from connectors.core import length
from connectors.core.contract import Author, Capabilities, Media, Visibility, word
from connectors.core.length import split
from inbox.domain.approval import needed
from inbox.domain.outbox import WAITING
from inbox.guard.files import fits
from inbox.guard.secrets import mask
from inbox.store import approval, events, files, notices, outbox
from inbox.store.tables import File, User

SHOWN_WORDS: Final = 300  # characters of an answer, in the notice
MOST_FILES: Final = 10
"""Of one answer, in however many messages."""
NO_FILES = {
    Visibility.PUBLIC: word("{channel} takes no files in a public answer."),
    Visibility.PRIVATE: word("{channel} takes no files in a private answer."),
}
TOO_LARGE = word("{name} is larger than {channel} takes ({n} MB).")
TYPE = word("{channel} does not take {name} ({type}).")


@dataclass(frozen=True, slots=True)
class Part:
    """One message of an answer; `files` are ids of drafts, in order."""

    text: str
    files: tuple[int, ...] = ()


def queue_parts(session: Session, parts: Sequence[Part], row: dict[str, Any]) -> list[int]:
    """Outbox rows for the parts, in the caller's transaction; `row` is what they share.

    The first has the form's own key, the others `key#2` and so on: a double click is still one
    answer. Each waits until the one before it is sent; all of them wait for approval where the
    brand's rule asks for it, and who may give it is told.
    """
    row = row | _state(session, parts, row)
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
    if row["state"] == WAITING:
        _ask(session, parts, row)
    return ids


def _state(session: Session, parts: Sequence[Part], row: dict[str, Any]) -> dict[str, Any]:
    """Nothing leaves unread where the rule says so, whatever queues it."""
    rule = approval.rule(session)
    if not rule.is_on:
        return {}
    found = bool(mask(_whole(parts)).cards)
    author = session.get_one(User, row["agent_id"])
    why = needed(rule, author.role, author.id, found)
    return {"state": WAITING, "reason": why} if why else {}


def _ask(session: Session, parts: Sequence[Part], row: dict[str, Any]) -> None:
    author = session.get_one(User, row["agent_id"])
    people = approval.deciders(session, row["conversation_id"], but=author.id)
    words = " ".join(mask(_whole(parts)).text.split())[:SHOWN_WORDS]
    about = (row["conversation_id"], author.name, words, row["created_at"])
    notices.tell(session, people, "approval", *about)
    events.announce(session, "notice", row["created_at"])


def _whole(parts: Sequence[Part]) -> str:
    """As the customer reads it: what a cut runs through is found all the same."""
    return "\n".join(part.text for part in parts if part.text)


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
        return NO_FILES[visibility].format(channel=offered.title)
    if len(chosen) > MOST_FILES:
        return word("At most {n} files go with one answer.").format(n=MOST_FILES)
    for file in chosen:
        if not file.size:
            return word("{name} is empty.").format(name=file.name)
        if file.size > media.max_bytes:
            return TOO_LARGE.format(name=file.name, channel=offered.title, n=_mb(media.max_bytes))
        if not fits(file.mime or "", media.types):
            return TYPE.format(channel=offered.title, name=file.name, type=file.mime)
    return None


def _mb(size: int) -> str:
    return f"{size / 1_000_000:.1f}".removesuffix(".0")
