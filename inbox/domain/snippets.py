"""The part of a text that a search found, cut and marked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

import regex

from inbox.domain.search import MOST_QUERY, spaced

BEFORE: Final = 30
"""Graphemes that stand before the first place found."""
LENGTH: Final = 160
"""Graphemes of a snippet."""
READ: Final = (1_000, 20_000)
"""Characters of a long text in which a place is looked for; more when the first did not do."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a snippet; `found` is what the search asked for."""

    text: str
    found: bool = False


def snippet(text: str, needles: Sequence[str]) -> tuple[Piece, ...]:
    """The text around the first place found, on one line; its beginning when there is none."""
    for most in READ:
        letters, marked = _read(" ".join(text[:most].split()), needles)
        first = min(marked, default=0)
        start = _word(letters, first) if first > BEFORE else 0
        end = start + LENGTH
        if len(text) <= most or (marked and end + MOST_QUERY < len(letters)):
            break
    pieces = [Piece("…")] if start else []
    shown = range(start, min(end, len(letters)))
    for found, run in groupby(shown, marked.__contains__):
        pieces.append(Piece("".join(letters[at] for at in run), found))
    return (*pieces, Piece("…")) if end < len(letters) else tuple(pieces)


def _word(letters: Sequence[str], first: int) -> int:
    """Where the first whole word before a place begins, so that no word is cut."""
    far = first - BEFORE
    return next((at + 1 for at in range(far - 1, first) if letters[at] == " "), far)


def _read(line: str, needles: Sequence[str]) -> tuple[Sequence[str], set[int]]:
    """The letters of a line, and which of them the needles cover, by their index."""
    if line.isascii():
        searched = spaced(line)  # each character is a letter, and stays one
        found: set[int] = set()
        for needle in needles:
            for place in _pattern(needle).finditer(searched):
                found |= {i for i in range(*place.span(1)) if searched[i] != " "}
        return line, _joined(line, found)
    letters = line if _SINGLE.fullmatch(line) else regex.findall(r"\X", line)
    return letters, _joined(letters, _marked(letters, needles))


@lru_cache(maxsize=256)
def _pattern(needle: str) -> re.Pattern[str]:
    """Finds a needle where several spaces may stand for one; places may overlap."""
    words = " +".join(map(re.escape, needle.split()))
    return re.compile(rf"(?<![^ ])(?=({words}){'(?![^ ])' if needle.endswith(' ') else ''})")


def _marked(letters: Sequence[str], needles: Sequence[str]) -> set[int]:
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
    return found


def _joined(letters: Sequence[str], found: set[int]) -> set[int]:
    """A space between two letters that are found is marked with them."""
    return found | {
        i + 1 for i in found if i + 1 not in found and i + 2 in found and not letters[i + 1].strip()
    }


@lru_cache(maxsize=8_192)
def _spaced(letter: str) -> str:
    """Letters come again and again."""
    return spaced(letter)


_SINGLE: Final = re.compile(
    r"[\x20-\x7e\u3000-\u3029\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff\uff01-\uff5e]*"
)
"""Lines in which each character is a letter: most that are English, Chinese or Japanese."""
