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
    words: dict[tuple[str, str], float] = {}
    for word in (*found.supports, *found.opposes):  # a word may stand there more than once
        told = (word.text, "" if word.category == found.category else word.category)
        words[told] = words.get(told, 0.0) + word.weight
    strongest = max(words.values(), default=1.0)
    return Reasons(
        category=found.category,
        share=found.confidence,
        version=found.version,
        terms=tuple(
            Term(text, weight / strongest, against)
            for (text, against), weight in sorted(words.items(), key=_strongest_first)
        ),
        cues=found.cues,
        like=found.neighbours,
    )


def _strongest_first(word: tuple[tuple[str, str], float]) -> tuple[bool, float]:
    """What speaks for the category stands before what speaks for another."""
    (_, against), weight = word
    return against != "", -weight
