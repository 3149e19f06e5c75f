"""The part of a text that a search found, cut and marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import regex

from inbox.domain.search import spaced

BEFORE: Final = 30
"""Graphemes that stand before the first place found."""
LENGTH: Final = 160
"""Graphemes of a snippet."""
READ: Final = 20_000
"""Characters of a long text in which a place is looked for."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a snippet; `found` is what the search asked for."""

    text: str
    found: bool = False


def snippet(text: str, needles: Sequence[str]) -> tuple[Piece, ...]:
    """The text around the first place found, on one line; its beginning when there is none."""
    letters = regex.findall(r"\X", " ".join(text[:READ].split()))
    marked = _marked(letters, needles)
    first = min(marked, default=0)
    start = first - BEFORE if first > BEFORE else 0
    end = start + LENGTH
    pieces = [Piece("…")] if start else []
    run = ""
    for at in range(start, min(end, len(letters))):
        run += letters[at]
        here = at in marked
        if at + 1 in (end, len(letters)) or (at + 1 in marked) != here:
            pieces.append(Piece(run, here))
            run = ""
    return (*pieces, Piece("…")) if end < len(letters) else tuple(pieces)


def _marked(letters: Sequence[str], needles: Sequence[str]) -> set[int]:
    """Which letters the needles cover, by their index."""
    searched, owner = [" "], [-1]
    for at, letter in enumerate(letters):
        for char in _spaced(letter):
            if char != " " or searched[-1] != " ":
                searched.append(char)
                owner.append(at)
    searched.append(" ")
    owner.append(-1)
    line = "".join(searched)
    found: set[int] = set()
    for needle in needles:
        at = line.find(needle)
        while at >= 0:
            words = range(at + 1, at + len(needle.rstrip(" ")))
            found |= {owner[i] for i in words if line[i] != " "}
            at = line.find(needle, at + 1)
    inner = {i + 1 for i in found if i + 2 in found and not letters[i + 1].strip()}
    return found | inner


@lru_cache(maxsize=8_192)
def _spaced(letter: str) -> str:
    """Letters come again and again."""
    return spaced(letter)
