"""One person behind several identities: who belongs together, and what speaks for it.

An identity is a customer as one account knows them. A person says so when two of them are one: an
edge from one to the other is drawn, and cutting it undoes exactly that. The people are the trees of
this forest; nothing is ever joined by a guess, because who poses as somebody else takes the same
handle.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from connectors.core.contract import word
from connectors.core.text import fold
from inbox.domain.search import is_cjk

MOST_TAG: Final = 30
MOST_TAGS: Final = 20
MOST_NOTE: Final = 4_000
"""Characters of a tag, tags of a person, characters of a note."""

Edges: TypeAlias = Mapping[int, int | None]
"""The identity that each one was joined to; None for one that was not."""

Why: TypeAlias = Literal["id", "email", "handle", "name"]
"""What two identities share: the platform's own id on two of our accounts, an e-mail address, a
handle on two platforms, name and language."""
WHYS: Final[tuple[Why, ...]] = ("id", "email", "handle", "name")

_TAG = re.compile(r"[^\W_]+(-[^\W_]+)*")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_SHORT_HANDLE = 4  # shorter ones are taken by somebody everywhere


class NotOne(ValueError):
    """These identities cannot be joined or separated; the message says why."""


class BadTag(ValueError):
    """Not a tag; the message says what is."""


class BadNote(ValueError):
    """Not a note; the message says why."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A customer as one account knows them. `languages` are those they wrote in."""

    id: int
    channel: str
    account_id: int
    external_id: str
    handle: str | None
    name: str | None
    languages: frozenset[str] = frozenset()


def root(edges: Edges, identity: int) -> int:
    """The identity that a person is named after."""
    while (above := edges.get(identity)) is not None:
        identity = above
    return identity


def joined(edges: Edges, into: int, other: int) -> tuple[int, int]:
    """The edge (from, to) that makes two people one. Raises `NotOne`."""
    top, below = root(edges, into), root(edges, other)
    if top == below:
        raise NotOne(word("That is the same person already."))
    return below, top


def separated(edges: Edges, identity: int) -> dict[int, int | None]:
    """The edges without the one that joined this identity: it takes along what was joined to it.

    Raises `NotOne` for the identity that the person is named after.
    """
    if edges.get(identity) is None:
        raise NotOne(word("This identity was not joined to another one."))
    return {**edges, identity: None}


def people(edges: Edges) -> dict[int, int | None]:
    """For each identity the one that its person is named after; None for one that is alone."""
    tops = {identity: root(edges, identity) for identity in edges}
    many = {top for identity, top in tops.items() if identity != top}
    return {identity: top if top in many else None for identity, top in tops.items()}


def reasons(one: Identity, other: Identity) -> tuple[Why, ...]:
    """What speaks for it that two identities are one person, the strongest first."""
    found: list[Why] = []
    same_channel = one.channel == other.channel
    if same_channel and one.external_id == other.external_id:
        found.append("id")
    elif addresses(one) & addresses(other):
        found.append("email")
    if not same_channel and handle_of(one) and handle_of(one) == handle_of(other):
        found.append("handle")
    if full_name(one) and full_name(one) == full_name(other) and one.languages & other.languages:
        found.append("name")
    return tuple(found)


def addresses(identity: Identity) -> frozenset[str]:
    """The e-mail addresses under which an identity is known."""
    texts = (identity.external_id, identity.handle or "")
    return frozenset(text.casefold() for text in texts if _ADDRESS.fullmatch(text))


def handle_of(identity: Identity) -> str:
    """The handle as one compares it: without @ and the server's name; empty if it says nothing."""
    handle = fold(identity.handle or "").casefold().lstrip("@").partition("@")[0]
    return handle if len(handle) >= _SHORT_HANDLE and not handle.isdecimal() else ""


def full_name(identity: Identity) -> str:
    """The name as one compares it; empty for a single word, which many people share."""
    words = fold(identity.name or "").casefold().split()
    full = " ".join(words)
    characters = sum(map(is_cjk, full))
    return full if len(words) > 1 or characters > 1 else ""


def by_strength(
    found: Iterable[tuple[Identity, tuple[Why, ...]]],
) -> list[tuple[Identity, tuple[Why, ...]]]:
    """Suggestions with a reason, the strongest first."""
    some = [one for one in found if one[1]]
    return sorted(some, key=lambda one: (WHYS.index(one[1][0]), -len(one[1]), one[0].id))


def tag(text: str) -> str:
    """A tag as it is kept: lower case, words joined by hyphens. Raises `BadTag`."""
    made = "-".join(fold(text).lower().split())
    if len(made) > MOST_TAG or not _TAG.fullmatch(made):
        raise BadTag(word("A tag has letters, digits and hyphens, at most {n}.").format(n=MOST_TAG))
    return made


def tags(before: Sequence[str], add: Iterable[str], remove: Iterable[str]) -> tuple[str, ...]:
    """A person's tags after a change, in order. Raises `BadTag`."""
    gone = {tag(one) for one in remove}
    found = sorted({*before, *(tag(one) for one in add)} - gone)
    if len(found) > MOST_TAGS:
        raise BadTag(word("A person may have {n} tags.").format(n=MOST_TAGS))
    return tuple(found)


def note(text: str) -> str:
    """A note's words. Raises `BadNote`."""
    words = text.strip()
    if not words:
        raise BadNote(word("There is no word in this note."))
    if len(words) > MOST_NOTE:
        raise BadNote(word("A note may have {n} characters.").format(n=MOST_NOTE))
    return words
