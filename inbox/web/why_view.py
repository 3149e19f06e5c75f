"""Why a conversation has its tag, as its page shows it."""

from collections.abc import Sequence

from inbox.flows.explaining import Explain, explain_wait
from inbox.store.sql import AnyRow
from inbox.web.pages_why import Reasons, Term


def why(messages: Sequence[AnyRow], explain: Explain) -> Reasons | None:
    """Words with their weights, cues, and the nearest labelled examples; None without a model."""
    found = explain_wait(messages, explain)
    if found is None:
        return None
    words = (*found.supports, *found.opposes)
    strongest = max((word.weight for word in words), default=1.0)
    return Reasons(
        category=found.category,
        share=found.confidence,
        version=found.version,
        terms=tuple(
            Term(
                word.text,
                word.weight / strongest,
                "" if word.category == found.category else word.category,
            )
            for word in words
        ),
        cues=found.cues,
        like=found.neighbours,
    )
