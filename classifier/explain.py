"""Why a message got its category: leave one word out and see what the model then thinks."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier.cues import named_cues
from classifier.labels import Category
from classifier.text import CJK, fold, has_words

if TYPE_CHECKING:
    from classifier.heads import Floats

MOST_SPANS = 64
LEAST_SHIFT = 0.1  # of log-odds: below it, a word is noise
CJK_SPAN = 2


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of the folded text, and the category it spoke for; the strongest weighs 1."""

    text: str
    category: Category
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """`supports`: words for the chosen category; `opposes`: words for another, which each names.

    Both heaviest first. `cues`: the urgency cues seen in the text, strongest first.
    """

    category: Category
    confidence: float
    supports: tuple[Word, ...]
    opposes: tuple[Word, ...]
    cues: tuple[str, ...]


def explain(text: str, n: int, probabilities: Callable[[Sequence[str]], "Floats"]) -> Explanation:
    """At most `n` words over both lists, from one batch of `probabilities`."""
    import numpy as np

    folded = fold(text)
    cues = named_cues(folded)
    seen = tuple(sorted((c for c, v in cues.items() if v >= 0.3), key=lambda c: -cues[c]))
    if not has_words(folded):
        return Explanation(Category.GENERAL, 0.0, (), (), seen)
    spans = _spans(folded)
    rows = probabilities([folded, *(folded[:a] + " " + folded[b:] for a, b in spans)])
    odds = np.log(rows + 1e-6) - np.log(1 - rows + 1e-6)
    shifts = odds[0] - odds[1:]  # (spans, categories): what the word added to each
    chosen = int(rows[0].argmax())
    words = [
        (folded[start:end].strip(), spoke_for, float(shift[spoke_for]))
        for (start, end), shift in zip(spans, shifts, strict=True)
        for spoke_for in [chosen if shift[chosen] > 0 else int(shift.argmax())]
    ]
    ranked = sorted((w for w in words if w[2] >= LEAST_SHIFT), key=lambda w: -w[2])[:n]
    strongest = ranked[0][2] if ranked else 1.0
    named = [Word(t, tuple(Category)[c], round(shift / strongest, 4)) for t, c, shift in ranked]
    category = tuple(Category)[chosen]
    return Explanation(
        category=category,
        confidence=round(float(rows[0, chosen]), 4),
        supports=tuple(word for word in named if word.category is category),
        opposes=tuple(word for word in named if word.category is not category),
        cues=seen,
    )


def _spans(folded: str) -> list[tuple[int, int]]:
    """(start, end) of each word; a word in Chinese or Japanese is cut into pairs of characters.

    At most 64: in a long text, neighbours are taken together.
    """
    spans: list[tuple[int, int]] = []
    for match in re.finditer(r"\S+", folded):
        step = CJK_SPAN if CJK.search(match[0]) and not _hangul(match[0]) else len(match[0])
        cuts = range(match.start(), match.end(), step)
        spans += [(cut, min(cut + step, match.end())) for cut in cuts]
    together = -(-len(spans) // MOST_SPANS)
    groups = [spans[i : i + together] for i in range(0, len(spans), together)]
    return [(group[0][0], group[-1][1]) for group in groups]


def _hangul(word: str) -> bool:
    return any("\uac00" <= character <= "\ud7af" for character in word)
