"""What a search finds, and the places between its pages."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from inbox.store.filters import Wanted, Where
from inbox.store.search import key_at


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation that was found. `place` is where a page goes on after it; `subject` and `text`
    are those of the message that was found, None when no words were asked for; `is_note`: it was a
    note instead, of the team in the conversation or on the person."""

    conversation_id: int
    place: tuple[int, int]
    message_id: int | None = None
    subject: str | None = None
    text: str | None = None
    is_note: bool = False


def newest_first(hit: Hit) -> tuple[int, int]:
    """Newest first."""
    return -hit.place[0], -hit.place[1]


def beyond(key: Any, conversation_id: Any, after: tuple[int, int]) -> ColumnElement[bool]:
    """What comes after a place."""
    return or_(key < after[0], and_(key == after[0], conversation_id < after[1]))


def within(key: Any, wanted: Wanted, after: tuple[int, int] | None = None) -> Where:
    """The days asked for, and where the last page ended."""
    found: Where = []
    if wanted.since is not None:
        found.append(key >= key_at(wanted.since))
    if wanted.until is not None:
        found.append(key < key_at(wanted.until))
    if after is not None:
        found.append(key <= after[0])
    return found


def is_within(key: int, wanted: Wanted) -> bool:
    """The days asked for, as those of one key."""
    late = wanted.until is not None and key >= key_at(wanted.until)
    return not late and (wanted.since is None or key >= key_at(wanted.since))
