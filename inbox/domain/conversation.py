"""A conversation's states as data (law 6), and the tag of a turn."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

OPEN, WAITING, THIRD = "open", "waiting", "third"
SNOOZED, RESOLVED, SPAM = "snoozed", "resolved", "spam"
STATES = (OPEN, WAITING, THIRD, SNOOZED, RESOLVED, SPAM)
"""`waiting` is on the customer, `third` on somebody else: a bank, another team."""

LEADS_TO: dict[str, str] = {
    "customer_waits": OPEN,
    "reopened": OPEN,
    "settled": WAITING,
    "waits_on_customer": WAITING,
    "waits_on_third": THIRD,
    "snoozed": SNOOZED,
    "resolved": RESOLVED,
    "spam": SPAM,
}
"""Every event, and the state after it: from whatever state, as an undo may leave any of them."""

MOVES: dict[tuple[str, str], str] = {
    (state, event): to
    for event, to in LEADS_TO.items()
    for state in STATES
    if state != to or event == "snoozed"
}

OFFERED: dict[str, tuple[str, ...]] = {
    OPEN: ("customer", "third", "snooze", "resolve", "spam"),
    WAITING: ("third", "snooze", "resolve", "spam", "reopen"),
    THIRD: ("customer", "snooze", "resolve", "spam", "reopen"),
    SNOOZED: ("reopen", "snooze", "customer", "third", "resolve", "spam"),
    RESOLVED: ("reopen", "snooze", "third", "spam"),
    SPAM: ("reopen",),
}
"""What a person may do with a conversation in each state, by the kind of the step."""

EVENT_OF: dict[str, str] = {
    "customer": "waits_on_customer",
    "third": "waits_on_third",
    "snooze": "snoozed",
    "resolve": "resolved",
    "spam": "spam",
    "reopen": "reopened",
    "wake": "reopened",
}
"""The event that a step is. `wake` is the end of a snooze, which nobody makes by hand."""

ENDS_EPISODE = ("resolve", "spam")
PARKS = ("customer", "third", "resolve", "spam")
"""Steps after which nobody may be waiting for us: with a turn open they ask why no reply is
needed."""


REASONS = ("thanks", "elsewhere", "duplicate", "spam", "other")
"""Why a message needs no reply. Stored alone, or followed by `: ` and words; a person may also give
words of their own."""


class BadMoves(RuntimeError):
    """The tables of states contradict each other; nothing may run with them."""


def check_moves() -> None:
    """Raises `BadMoves` where a state is unknown, cannot be reached, or cannot be left by hand."""
    known = set(STATES)
    if set(LEADS_TO.values()) != known or set(OFFERED) != known:
        raise BadMoves("a state is unknown, or nothing leads to it")
    for state, kinds in OFFERED.items():
        stuck = [kind for kind in kinds if (state, EVENT_OF.get(kind, "")) not in MOVES]
        if stuck or not kinds:
            raise BadMoves(f"{state}: {stuck or 'nothing'} is offered")
    if not set(PARKS) | set(ENDS_EPISODE) <= set(EVENT_OF):
        raise BadMoves("a step that is none")


check_moves()


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

    def by_column(self) -> dict[str, Any]:
        """Its values, not copied: `asdict` copies every list for every message that arrives."""
        return {name: getattr(self, name) for name in TAG_COLUMNS}


TAG_COLUMNS = tuple(f.name for f in fields(Tag))


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
