"""Why a message got its tags: the weight of each word, the cues, and the nearest known messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier.cues import critical_lines, named_cues
from classifier.labels import Category, Urgency
from classifier.text import has_words

if TYPE_CHECKING:
    from classifier.heads import Floats
    from classifier.model import Classifier

LEAST_CUE = 0.3
LEAST_SHARE = 0.1  # of the heaviest word: below it, a word is noise
NEIGHBOURS = 3
LEAST_AGAINST = 0.5
"""A word for another category is told where it weighs half as much as the heaviest."""
COURTESY_WORDS = """
    hello hi hey dear team please thanks thank you ok okay so lol just the a an i my me is and to
    您好 你好 请问 請問 麻烦 麻煩 谢谢 謝謝 了 吗 嗎 的 呢 啊
    hola buenas buenos días favor gracias olá oi bom boa dia tarde obrigado obrigada
    halo hai selamat pagi siang malam kak min tolong mohon terima kasih
    こん にち ちは です ます お願 願い いし しま 안녕하세요 감사합니다 부탁드립니다
    bonjour bonsoir salut merci svp plaît guten tag hallo bitte danke die der das
    السلام عليكم ورحمة الله وبركاته مرحبا لو سمحت سمحتم فضلك شكرا
"""
COURTESY = frozenset(COURTESY_WORDS.split())
"""They weigh as any other word, and tell a reader nothing. Where the tag is `general`, greetings
are the reason, and shown."""


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of the text, and the category it speaks for. `weight` is what it adds to that
    category's logit against the mean of all: exactly, in the part of the model that is linear."""

    text: str
    category: Category
    weight: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled message of the corpus or of a correction, and how like it the text is (cosine)."""

    text: str
    category: Category
    urgency: Urgency
    likeness: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """`supports`: words for the chosen category; `opposes`: words for another, which each names.

    Both heaviest first. `cues`: the lines of the rubric that raise the message to critical, then
    the urgency cues seen in the text, strongest first. `version` is the model's that explains.
    """

    category: Category
    confidence: float
    supports: tuple[Word, ...]
    opposes: tuple[Word, ...]
    cues: tuple[str, ...]
    neighbours: tuple[Neighbour, ...] = ()
    version: str = ""


def explain(model: "Classifier", folded: str, n: int) -> Explanation:
    """At most `n` words over both lists."""
    cues = named_cues(folded)
    strongest_first = sorted((c for c, v in cues.items() if v >= LEAST_CUE), key=lambda c: -cues[c])
    seen = (*critical_lines(cues), *strongest_first)
    if not has_words(folded):
        return Explanation(Category.GENERAL, 0.0, (), (), seen, (), model.version)
    scores, close = model.heard([folded])
    p = model.probabilities(scores)["category"][0]
    chosen = int(p.argmax())
    weighed = _weighed(model, folded, chosen)
    strongest = max((abs(word.weight) for word in weighed), default=0.0)
    category = tuple(Category)[chosen]
    least = {True: LEAST_SHARE * strongest, False: LEAST_AGAINST * strongest}
    kept = [
        word
        for word in sorted(weighed, key=lambda word: -word.weight)
        if word.weight >= least[word.category is category]
        and (category is Category.GENERAL or word.text not in COURTESY)
    ][:n]
    return Explanation(
        category=category,
        confidence=round(float(p[chosen]), 4),
        supports=tuple(word for word in kept if word.category is category),
        opposes=tuple(word for word in kept if word.category is not category),
        cues=seen,
        neighbours=_nearest(model, close),
        version=model.version,
    )


def word_weights(model: "Classifier", folded: str) -> "tuple[list[str], Floats]":
    """(words, (words, categories)): what each word adds to each category's logit. A term that
    spans several words is shared evenly among them; with the cues, the intercept and the voice of
    the meaning the columns add up to the logits."""
    import numpy as np

    from classifier.features import placed_terms, plain, words_of
    from classifier.heads import CATEGORIES, PLACES

    words = [match[0] for match in words_of(plain(folded))]
    row = model.terms.rows([folded])
    value = dict(zip(row.indices.tolist(), row.data.tolist(), strict=True))
    head = model.heads[f"{model.prefix}category"].weights[:, : len(CATEGORIES)]
    voice = model.term_voice[:, PLACES["category"]] @ head.T  # (terms, categories)
    times: dict[int, int] = {}
    placed = []
    for term, first, last in placed_terms(words):
        column = model.terms.column(term)
        if column is not None:
            times[column] = times.get(column, 0) + 1
            placed.append((column, first, last))
    weights = np.zeros((len(words), len(CATEGORIES)))
    for column, first, last in placed:
        share = value[column] / times[column] / (last - first + 1)
        weights[first : last + 1] += share * voice[column]
    return words, weights


def _weighed(model: "Classifier", folded: str, chosen: int) -> list[Word]:
    """Every word with the category that it speaks for: the chosen one, or the one it favours."""
    words, weights = word_weights(model, folded)
    against_mean = weights - weights.mean(axis=1, keepdims=True)
    found: list[Word] = []
    for word, spoken in zip(_joined(words), _summed(words, against_mean), strict=True):
        category = chosen if spoken[chosen] > 0 else int(spoken.argmax())
        found.append(Word(word, tuple(Category)[category], round(float(spoken[category]), 4)))
    return found


def _runs(words: Sequence[str]) -> list[list[int]]:
    """Words by number; neighbouring unspaced characters are shown as one, two at a time."""
    from classifier.features import IS_UNSPACED

    runs: list[list[int]] = []
    for i, word in enumerate(words):
        pairs = runs and len(runs[-1]) == 1 and runs[-1][0] == i - 1
        if pairs and IS_UNSPACED.match(word) and IS_UNSPACED.match(words[i - 1]):
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _joined(words: Sequence[str]) -> list[str]:
    return ["".join(words[i] for i in run) for run in _runs(words)]


def _summed(words: Sequence[str], weights: "Floats") -> "list[Floats]":
    return [weights[run].sum(axis=0) for run in _runs(words)]


def _nearest(model: "Classifier", close: "Floats | None") -> tuple[Neighbour, ...]:
    from classifier.heads import cosine

    if close is None:
        return ()
    found: list[Neighbour] = []
    for i in close[0].argsort()[::-1].tolist():
        text, category, urgency = model.known.examples[i]
        if text and len(found) < NEIGHBOURS:  # a customer's is not kept
            found.append(Neighbour(text, category, urgency, round(float(cosine(close[0, i])), 4)))
    return tuple(found)
