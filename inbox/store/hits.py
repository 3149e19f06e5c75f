"""What a search finds, and the places between its pages."""

from dataclasses import dataclass
from typing import Any

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


def within(key: Any, wanted: Wanted, until: int | None = None) -> Where:
    """The days asked for, and keys up to one."""
    found: Where = []
    if wanted.since is not None:
        found.append(key >= key_at(wanted.since))
    if wanted.until is not None:
        found.append(key < key_at(wanted.until))
    if until is not None:
        found.append(key <= until)
    return found


def is_within(key: int, wanted: Wanted) -> bool:
    """The days asked for, as those of one key."""
    late = wanted.until is not None and key >= key_at(wanted.until)
    return not late and (wanted.since is None or key >= key_at(wanted.since))
