"""Looking among our own messages for an answer of which nobody knows whether it arrived."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from connectors.core.contract import Direction, Message, Outgoing, Sent, rewritten_alike
from connectors.core.errors import Transient

SKEW = timedelta(minutes=5)  # between our clock and the platform's
PAGES = 100  # that one search reads at most


def may_be(message: Message, reply: Outgoing) -> bool:
    """Whether a message is ours, has the answer's words, and is not older than its first try."""
    ours = message.direction is Direction.OUT and message.sent_at >= reply.started_at - SKEW
    return ours and rewritten_alike(reply.text, message.text)


def nearest(found: Iterable[Message], reply: Outgoing) -> Sent | None:
    """Of those that may be the answer, the one nearest in time to its first try."""
    best = min(found, key=lambda m: abs(m.sent_at - reply.started_at), default=None)
    return Sent(best.external_id, best.sent_at) if best else None


def pages() -> Iterator[int]:
    """Numbers the pages of a search, which returns where its list ends. A list without end is
    `Transient`, for the answer may be further down."""
    yield from range(PAGES)
    raise Transient("The platform’s list does not end; the answer may be further down.")
