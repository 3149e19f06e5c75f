"""Canned answers: what stands in braces is filled in for the customer at hand, and the answers that
fit a message best come first. Pure.

A variable is a name in braces, `{customer}`. One that is unknown or has no value stays in its
braces and is named, and an answer in which one stands is not sent (`braces`). Braces around
anything else, also around spaces (`{ customer }`), are words like others.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from classifier.labels import TOPICS, Category
from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain.search import is_cjk, spaced

VARIABLES: Final[Mapping[str, str]] = {
    "customer": word("the customer’s name"),
    "agent": word("the name of who answers"),
    "brand": word("the brand’s name"),
    "channel": word("the channel’s name"),
    "due": word("when the answer is due, in the brand’s time"),
    "number": word("the conversation’s number"),
}
"""What may stand in braces, and what it becomes."""

MOST_NAME: Final = 80
MOST_SHORTCUT: Final = 30
MOST_TEXT: Final = 10_000
MOST_LANGUAGES: Final = 20
"""Characters of a name, a shortcut, a text; texts of an answer."""

_VARIABLE = re.compile(r"\{([^\W\d]\w*)\}")
_SHORTCUT = re.compile(r"[^\W_]+(-[^\W_]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class BadAnswer(ValueError):
    """Not a canned answer; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Canned:
    """An answer that is written once. `texts` are by language (ISO 639 code), in the order in which
    they were written; `category` and `topic` ("" is any) say what it is for; `uses` how often it
    went out."""

    name: str
    shortcut: str
    texts: Mapping[str, str]
    category: str = ""
    topic: str = ""
    uses: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class About:
    """The message to answer, as far as ranking looks at it."""

    text: str = ""
    lang: str = ""
    category: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its values; `missing` are the variables that have none, each once, in order."""

    text: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """An answer with the text in the customer's language, or the next best (`lang`)."""

    canned: Canned
    lang: str
    filled: Filled = field(default_factory=lambda: Filled(""))


def checked(canned: Canned) -> Canned:
    """The same as it is stored. Raises `BadAnswer`."""
    name = " ".join(clean(canned.name).split())
    shortcut = clean(canned.shortcut).strip().removeprefix("/").casefold()
    if not 0 < len(name) <= MOST_NAME:
        raise BadAnswer(word("Give it a name of at most {n} characters.").format(n=MOST_NAME))
    if not _SHORTCUT.fullmatch(shortcut) or len(shortcut) > MOST_SHORTCUT:
        said = word("A shortcut has letters and digits, joined by hyphens, at most {n} of them.")
        raise BadAnswer(said.format(n=MOST_SHORTCUT))
    texts = checked_texts(canned.texts)
    _check_place(canned.category, canned.topic)
    return Canned(name, shortcut, texts, canned.category, canned.topic, canned.uses, canned.id)


def checked_texts(written: Mapping[str, str]) -> dict[str, str]:
    """The texts of an answer by language as they are stored. Raises `BadAnswer`."""
    texts = {lang.strip().lower(): clean(text).strip() for lang, text in written.items()}
    texts = {lang: text for lang, text in texts.items() if text}
    if not texts:
        raise BadAnswer(word("Write it in one language at least."))
    if len(texts) > MOST_LANGUAGES:
        said = word("An answer has texts in at most {n} languages.")
        raise BadAnswer(said.format(n=MOST_LANGUAGES))
    for lang, text in texts.items():
        if not _LANGUAGE.fullmatch(lang):
            raise BadAnswer(word("“{name}” is no language code; write en, zh …").format(name=lang))
        if len(text) > MOST_TEXT:
            raise BadAnswer(word("A text has at most {n} characters.").format(n=MOST_TEXT))
        unknown = [name for name in braces(text) if name not in VARIABLES]
        if unknown:
            raise BadAnswer(word("Nothing is known as {name}.").format(name=f"{{{unknown[0]}}}"))
    return texts


def _check_place(category: str, topic: str) -> None:
    if category and category not in list(Category):
        raise BadAnswer(word("“{name}” is no category.").format(name=category))
    if topic and (not category or topic not in TOPICS[Category(category)]):
        raise BadAnswer(word("“{name}” is no topic of this category.").format(name=topic))


def braces(text: str) -> tuple[str, ...]:
    """The variables that stand in a text, each once, in order."""
    return tuple(dict.fromkeys(found[1] for found in _VARIABLE.finditer(text)))


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """The text with its values. Values are put in as they are: braces in a customer's name are no
    variable that is filled in turn."""
    known = {name: value for name, value in values.items() if value}
    missing = tuple(name for name in braces(text) if name not in known)
    return Filled(_VARIABLE.sub(lambda found: known.get(found[1], found[0]), text), missing)


def language_of(texts: Mapping[str, object], *wanted: str) -> str:
    """The first wanted language in which there is a text, else English, else the first one."""
    plain = [lang.replace("_", "-").split("-")[0].lower() for lang in wanted]
    return next((lang for lang in (*plain, "en") if lang in texts), next(iter(texts)))


def ranked(answers: Iterable[Canned], about: About) -> list[Canned]:
    """The answers that fit best first; among equals by name. Never leaves one out."""
    words = words_of(about.text)
    return sorted(answers, key=lambda one: (-score(one, about, words), one.name, one.id))


def score(canned: Canned, about: About, words: frozenset[str]) -> float:
    """How well an answer fits: what it is for counts most, then the language, the customer's words,
    and how often it was used. An answer for another category comes after those for any."""
    points = 0.0
    if canned.category:
        points += 4 if canned.category == about.category else -6
    if canned.topic and canned.category == about.category:
        points += 4 if canned.topic == about.topic else -1
    if about.lang and language_of(canned.texts, about.lang) == about.lang:
        points += 2
    shared = words & words_of(" ".join((canned.name, canned.shortcut, *canned.texts.values())))
    points += min(len(shared), 6) * 0.25
    return points + min(math.log2(1 + canned.uses) * 0.25, 1.5)


def words_of(text: str) -> frozenset[str]:
    """What two texts are compared by: words of four letters and more, and pairs of neighbouring
    Han, kana or hangul characters."""
    found: set[str] = set()
    before = ""
    for one in _VARIABLE.sub(" ", spaced(text)).split():
        single = len(one) == 1 and is_cjk(one)
        if single and before:
            found.add(before + one)
        before = one if single else ""
        if len(one) >= 4:
            found.add(one)
    return frozenset(found)


def matching(answers: Sequence[Canned], typed: str) -> list[Canned]:
    """Those whose name or shortcut holds what was typed; a shortcut typed whole comes first."""
    wanted = typed.strip().removeprefix("/").casefold()
    found = [a for a in answers if wanted in a.name.casefold() or wanted in a.shortcut]
    return sorted(found, key=lambda one: one.shortcut != wanted)
