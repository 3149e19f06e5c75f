"""A conversation's states as data (law 6), and the tag of a turn."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

OPEN, WAITING, RESOLVED = "open", "waiting", "resolved"

MOVES: dict[tuple[str, str], str] = {
    (OPEN, "settled"): WAITING,
    (OPEN, "resolved"): RESOLVED,
    (WAITING, "customer_waits"): OPEN,
    (WAITING, "resolved"): RESOLVED,
    (RESOLVED, "customer_waits"): OPEN,
    (RESOLVED, "reopened"): WAITING,
}


def event_for(state: str, *, waits: bool, resolved: bool) -> str | None:
    """The event that brings `state` in line with the folded turns; None when it already is.

    `waits`: a turn is open. `resolved`: the newest fact is a resolution.
    """
    if waits:
        return None if state == OPEN else "customer_waits"
    if resolved:
        return None if state == RESOLVED else "resolved"
    if state == WAITING:
        return None
    return "settled" if state == OPEN else "reopened"


URGENCIES = ("low", "normal", "high", "critical")
_NO_MATTER = frozenset({None, "general", "spam"})


@dataclass(frozen=True, slots=True)
class Tag:
    """What the classifier said of one message; all None while it is untagged.

    `labels` is its set of categories, best first: one is sure, two are suggestions. `outside`: the
    message is unlike anything it knows, so the set means nothing. `topic` is one of the category's.
    """

    category: str | None = None
    category_confidence: float | None = None
    urgency: str | None = None
    urgency_confidence: float | None = None
    lang: str | None = None
    needs_review: bool = True
    alternatives: list[Any] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)
    outside: bool = False
    topic: str | None = None
    tone: str | None = None


def turn_tag(tags: Iterable[Tag]) -> Tag:
    """The tag of a wait of several messages: the most urgent one that names a matter.

    "Hello" before "my account was taken over" does not make the wait a general question.
    """
    known = [tag for tag in tags if tag.category is not None and tag.urgency in URGENCIES]
    return max(known, key=weight, default=Tag())


def weight(tag: Any) -> tuple[bool, bool, int, float]:
    """How much a tagged message says of its wait (also a stored row with a tag's columns)."""
    rank = URGENCIES.index(tag.urgency) if tag.urgency in URGENCIES else -1
    known, sure = tag.category is not None, tag.category_confidence or 0.0
    return known, tag.category not in _NO_MATTER, rank, sure
