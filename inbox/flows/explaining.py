"""Why a conversation has its tag: the model's own reasons for the message that named the wait."""

from collections.abc import Callable, Sequence

from classifier.explain import Explanation
from inbox.domain.conversation import weight
from inbox.flows.incoming import words_of
from inbox.store.sql import AnyRow

Explain = Callable[[str], Explanation | None]
"""Of a text; None without a model (`LazyClassifier.explain`)."""


def explain_wait(messages: Sequence[AnyRow], explain: Explain) -> Explanation | None:
    """Of the wait in hand, or the last one, from a conversation's stored messages in order of time;
    by the model that serves now, which may be another than the one that tagged. None without a
    model, or where there are no words."""
    message = telling(messages)
    words = words_of(message.subject, message.text) if message else ""
    return explain(words) if words else None


def telling(messages: Sequence[AnyRow]) -> AnyRow | None:
    """The customer's message that named their last wait, by the rule of `turn_tag`: a greeting
    before the matter explains nothing."""
    said = [m for m in messages if m.role == "customer" and m.deleted_at is None]
    wait = [m for m in said if m.opener_id == said[-1].opener_id] if said else []
    return max(wait, key=weight, default=None)
