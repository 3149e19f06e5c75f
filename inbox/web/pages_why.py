"""Why a conversation has its tags, and what a person may choose instead."""

from dataclasses import dataclass

from classifier.explain import Neighbour
from classifier.labels import CATEGORY_MEANING, TOPIC_MEANING, URGENCY_MEANING


@dataclass(frozen=True, slots=True)
class Term:
    """A word that spoke for the tag, `weight` 0 … 1; `against` names the category it speaks for."""

    word: str
    weight: float
    against: str = ""


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why the model that serves (`version`) tags as it does; `cues` are keys of urgency cues,
    `like` the labelled examples that are most like the customer's words. The share is 0 where there
    are no words at all."""

    category: str
    share: float
    version: str = ""
    terms: tuple[Term, ...] = ()
    cues: tuple[str, ...] = ()
    like: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A label that a person may choose, its border in a line, and its topics (key, words)."""

    key: str
    border: str
    topics: tuple[tuple[str, str], ...] = ()


CATEGORIES = tuple(
    Choice(str(key), border, tuple(TOPIC_MEANING[key].items()))
    for key, border in CATEGORY_MEANING.items()
)
URGENCIES = tuple(Choice(str(key), border) for key, border in URGENCY_MEANING.items())
