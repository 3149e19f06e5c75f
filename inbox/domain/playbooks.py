"""Playbooks: what to do about a topic, in a few lines of each language of the team. Pure.

A playbook stands at a `place`: a category, or `category.topic`. Its lines are parted: what to
check, to ask and to promise are steps that can be ticked in a conversation; what never to ask and
when to pass it on are said beside them. A step has the same key in every language ("check.0").
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

from classifier.labels import TOPIC_MEANING, TOPICS, Category
from connectors.core.contract import word
from connectors.core.text import clean

PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "check": word("Check"),
        "ask": word("Ask"),
        "promise": word("Promise"),
        "never": word("Never ask"),
        "escalate": word("Pass it on when"),
    }
)
"""What a playbook's lines are about, in the order in which they are shown."""
STEPS: Final = ("check", "ask", "promise")
"""The parts whose lines can be ticked."""

MOST_LINES: Final = 8
MOST_LINE: Final = 300
MOST_LANGUAGES: Final = 20
MOST_ANSWERS: Final = 6
"""Lines of a part, characters of a line; languages, and shortcuts of canned answers."""

Lines: TypeAlias = Mapping[str, tuple[str, ...]]
"""The lines of each part in one language; a part without lines is left out."""

PLACES: Final = tuple(
    place
    for category, topics in TOPICS.items()
    for place in (str(category), *(f"{category}.{topic}" for topic in topics))
)
"""Every category, each followed by its topics."""


class BadPlaybook(ValueError):
    """Not a playbook; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Playbook:
    """`texts` by language (ISO 639 code); `answers` are shortcuts of canned answers that fit."""

    place: str
    texts: Mapping[str, Lines] = field(default_factory=dict)
    answers: tuple[str, ...] = ()


def checked(written: Playbook) -> Playbook:
    """The same as it is stored. Raises `BadPlaybook`."""
    if written.place not in PLACES:
        said = word("“{name}” is no category or topic.")
        raise BadPlaybook(said.format(name=clean(written.place)))
    texts = {clean(lang).strip().lower(): _checked(one) for lang, one in written.texts.items()}
    texts = {lang: lines for lang, lines in texts.items() if lines}
    if not texts or not any(part in STEPS for lines in texts.values() for part in lines):
        raise BadPlaybook(word("Write one step in one language at least."))
    if len(texts) > MOST_LANGUAGES:
        said = word("A playbook has texts in at most {n} languages.")
        raise BadPlaybook(said.format(n=MOST_LANGUAGES))
    for lang in texts:
        if not is_language(lang):
            said = word("“{name}” is no language code; write en, zh …")
            raise BadPlaybook(said.format(name=lang))
    if len({tuple(len(lines.get(part, ())) for part in STEPS) for lines in texts.values()}) > 1:
        raise BadPlaybook(
            word("Every language needs as many lines to check, to ask and to promise.")
        )
    return Playbook(written.place, texts, _shortcuts(written.answers))


def is_language(code: str) -> bool:
    """Whether it is written as ISO 639 writes them: two or three small letters."""
    return len(code) in (2, 3) and code.isascii() and code.isalpha() and code.islower()


def _checked(lines: Lines) -> Lines:
    unknown = [part for part in lines if part not in PARTS]
    if unknown:
        raise BadPlaybook(word("“{name}” is no part of a playbook.").format(name=clean(unknown[0])))
    found = {}
    for part in PARTS:
        kept = tuple(filter(None, (" ".join(clean(one).split()) for one in lines.get(part, ()))))
        if len(kept) > MOST_LINES or any(len(one) > MOST_LINE for one in kept):
            said = word("A part has at most {n} lines of {m} characters.")
            raise BadPlaybook(said.format(n=MOST_LINES, m=MOST_LINE))
        if kept:
            found[part] = kept
    return found


def _shortcuts(written: Collection[str]) -> tuple[str, ...]:
    plain = (clean(one).strip().removeprefix("/").casefold() for one in written)
    found = tuple(dict.fromkeys(filter(None, plain)))
    if len(found) > MOST_ANSWERS:
        said = word("A playbook names at most {n} canned answers.")
        raise BadPlaybook(said.format(n=MOST_ANSWERS))
    return found


def places_of(category: str | None, topic: str | None) -> tuple[str, ...]:
    """Where the playbook of a message may stand, the closest first; none without a category."""
    if not category:
        return ()
    return (f"{category}.{topic}", category) if topic else (category,)


def steps_of(lines: Lines) -> dict[str, str]:
    """The steps of a language: key → words, in order."""
    return {f"{part}.{n}": one for part in STEPS for n, one in enumerate(lines.get(part, ()))}


def named(place: str) -> tuple[str, str]:
    """(category, what the topic means), to be translated; the latter is "" for a whole category
    and for topics without words."""
    category, _, topic = place.partition(".")
    return category, TOPIC_MEANING[Category(category)].get(topic, "")
