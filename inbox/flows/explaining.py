"""Why a conversation has its tag: the model's own reasons for the message that named the wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from classifier.explain import Neighbour, Word
from inbox.domain.conversation import weight
from inbox.flows.incoming import words_of
from inbox.store import thread as stored
from inbox.store.session import Store
from inbox.store.sql import AnyRow

Explain = Callable[[str], Any]
"""A text's `classifier.explain.Explanation`; None without a model (`LazyClassifier.explain`)."""


@dataclass(frozen=True, slots=True)
class Why:
    """The reasons of the model that serves now, which may be another than the one that tagged.

    `message_id` is the message explained. `supports` and `opposes` are its words, heaviest first,
    each with the category for which it speaks; `cues` of urgency, by name; `neighbours` are the
    labelled examples most like it, with their cosine. `version` is the model's.
    """

    message_id: int
    version: str
    category: str
    confidence: float
    supports: tuple[Word, ...]
    opposes: tuple[Word, ...]
    cues: tuple[str, ...]
    neighbours: tuple[Neighbour, ...]


def of_conversation(store: Store, explain: Explain, conversation_id: int) -> Why | None:
    """Of the wait in hand, or the last one; None without a model, or where there are no words."""
    with store.read() as session:
        found = stored.read(session, conversation_id)
    return of_messages(found.messages, explain) if found else None


def of_messages(messages: Sequence[AnyRow], explain: Explain) -> Why | None:
    """The same, of a conversation's stored messages in order of time."""
    message = telling(messages)
    return of_message(message, explain) if message else None


def of_message(message: AnyRow, explain: Explain) -> Why | None:
    """Why this message would be tagged as it is."""
    words = words_of(message.subject, message.text)
    found = explain(words) if words else None
    if found is None:
        return None
    return Why(
        message_id=message.id,
        version=found.version,
        category=str(found.category),
        confidence=found.confidence,
        supports=found.supports,
        opposes=found.opposes,
        cues=found.cues,
        neighbours=found.neighbours,
    )


def telling(messages: Sequence[AnyRow]) -> AnyRow | None:
    """The customer's message that named their last wait, by the rule of `turn_tag`: a greeting
    before the matter explains nothing."""
    said = [m for m in messages if m.role == "customer" and m.deleted_at is None]
    wait = [m for m in said if m.opener_id == said[-1].opener_id] if said else []
    return max(wait, key=weight, default=None)
