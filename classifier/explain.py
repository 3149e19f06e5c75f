"""Why a message got its tags: the weight of each word, the cues, and the nearest known messages."""

import re
from collections.abc import Mapping, Sequence
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
LEAST_CHARACTER = 0.05  # of the heaviest: a lighter one ends a stretch of unspaced characters
GREETINGS_WORDS = """
    hello hi hey dear team please thanks thank ok okay lol
    您好 你好 请问 請問 麻烦 麻煩 谢谢 謝謝
    hola buenas buenos días favor gracias olá oi bom boa dia tarde obrigado obrigada
    halo hai selamat pagi siang malam kak min tolong mohon terima kasih
    こんにちは お願い お願いします 안녕하세요 감사합니다 부탁드립니다
    bonjour bonsoir salut merci svp plaît guten tag hallo bitte danke
    السلام عليكم ورحمة الله وبركاته مرحبا لو سمحت سمحتم فضلك شكرا
"""
GREETINGS = frozenset(GREETINGS_WORDS.split())
"""Shown where they are the reason: for what is general, or praise."""
SMALL_WORDS = """
    a an and are at be can do does for i in is it its just me my of on or so that the this to was we
    with you your
    al con de del el en es la las lo los me mi por que se su un una y
    as com da do e em estão está meu minha na no o os para um uma é
    au c d des du est et il j je l le les ma mes mon qu qui toute une vos votre vous à
    auf das dem den der die ein eine es euer eure ich im ist mein meine meinem mich mir mit sich und
    von zu ada aku dan dari di ini itu ke saya sudah tapi yang
    أن إلى على عن في لا ما مع من منذ هذا
"""
SMALL = frozenset(SMALL_WORDS.split())
SMALL_CHARACTERS = "了的吗嗎呢啊吧我你您是在就也かがはをにでとのも"
"""Both weigh as any other, and tell a reader nothing."""
KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]")


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
    seen = _signs(named_cues(folded))
    if not has_words(folded):
        return Explanation(Category.GENERAL, 0.0, (), (), seen, (), model.version)
    scores, close = model.heard([folded])
    p = model.probabilities(scores)["category"][0]
    chosen = int(p.argmax())
    weighed = _weighed(model, folded, chosen)
    strongest = max((abs(word.weight) for word in weighed), default=0.0)
    category = tuple(Category)[chosen]
    least = {True: LEAST_SHARE * strongest, False: LEAST_AGAINST * strongest}
    hidden = SMALL if category in (Category.GENERAL, Category.FEEDBACK) else SMALL | GREETINGS
    if not any(word.category is category for word in weighed):
        weighed = []  # the nearest examples are the reason, not the words
    kept = [
        word
        for word in sorted(weighed, key=lambda word: -word.weight)
        if word.weight >= least[word.category is category]
        and word.text not in hidden
        and has_words(word.text)
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


def _signs(cues: Mapping[str, float]) -> tuple[str, ...]:
    """Lines of the rubric, then cues, strongest first. Left out are a question, which is a sign of
    calm, and the amount beside a large one."""
    needless = {"question", "amount"} if cues["large amount"] else {"question"}
    strong = [c for c, v in cues.items() if v >= LEAST_CUE and c not in needless]
    return (*critical_lines(cues), *sorted(strong, key=lambda c: -cues[c]))


def _weighed(model: "Classifier", folded: str, chosen: int) -> list[Word]:
    """Every word with the category that it speaks for: the chosen one, or the one it favours."""
    from classifier.features import plain, words_of

    _, weights = word_weights(model, folded)
    against_mean = weights - weights.mean(axis=1, keepdims=True)
    found: list[Word] = []
    read, written = plain(folded), folded.lower()
    if len(read) != len(written):  # links are read as one word
        written = read
    for first, last, stretch in _stretches(words_of(read), against_mean, chosen):
        spoken = against_mean[stretch].sum(axis=0)
        category = _favoured(spoken, chosen)
        weight = round(float(spoken[category]), 4)
        found.append(Word(written[first:last], tuple(Category)[category], weight))
    return found


def _favoured(spoken: "Floats", chosen: int) -> int:
    return chosen if spoken[chosen] > 0 else int(spoken.argmax())


def _stretches(
    words: Sequence[re.Match[str]], spoken: "Floats", chosen: int
) -> list[tuple[int, int, list[int]]]:
    """(first, last, words by number): each word alone, and unspaced characters in stretches that a
    reader knows again: a run of katakana, or neighbours that speak for the same category, without
    small ones at its ends (忘记密码 of 我忘记密码了)."""
    from classifier.features import IS_UNSPACED

    favoured = [_favoured(row, chosen) for row in spoken]
    weight = [float(row[category]) for row, category in zip(spoken, favoured, strict=True)]
    least = LEAST_CHARACTER * max(weight, default=0.0)
    unspaced = [bool(IS_UNSPACED.match(word[0])) for word in words]
    katakana = [bool(KATAKANA.match(word[0])) for word in words]

    def goes_on(i: int) -> bool:
        if not (unspaced[i - 1] and unspaced[i] and words[i - 1].end() == words[i].start()):
            return False
        if katakana[i] or katakana[i - 1]:
            return katakana[i] and katakana[i - 1]
        return favoured[i - 1] == favoured[i] and min(weight[i - 1], weight[i]) >= least

    runs: list[list[int]] = []
    for i in range(len(words)):
        if i and goes_on(i):
            runs[-1].append(i)
        else:
            runs.append([i])
    found = []
    for run in runs:
        if told := [i for i in run if words[i][0] not in SMALL_CHARACTERS]:
            first, last = told[0], told[-1]
            found.append((words[first].start(), words[last].end(), list(range(first, last + 1))))
    return found


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
