"""How platforms count a text, and how one that is too long is cut into several messages."""

from collections.abc import Callable

import regex

_BREAKS = (regex.compile(r"\n\s*\n"), regex.compile(r"\n"), regex.compile(r"(?<=[.!?。！？…])\s*"))
_SPACE = regex.compile(r"\s+")


def graphemes(text: str) -> int:
    """What a reader calls letters: an emoji family is one."""
    return sum(1 for _ in regex.finditer(r"\X", text))


def utf16(text: str) -> int:
    """UTF-16 code units, as JavaScript and Java count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8(text: str) -> int:
    """Bytes of UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def split(text: str, limit: int, count: Callable[[str], int]) -> list[str]:
    """The text in parts of at most `limit`, cut between paragraphs, else lines, sentences, words,
    else graphemes. Nothing but white space at the cuts is left out.

    Raises ValueError where not even one grapheme fits.
    """
    parts: list[str] = []
    rest = text.strip()
    while rest:
        if count(rest) <= limit:
            parts.append(rest)
            break
        at = _cut(rest, limit, count)
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return parts


def _cut(text: str, limit: int, count: Callable[[str], int]) -> int:
    """The best place to cut: the last break that fits, but not so early that parts get tiny."""
    hard = _fitting(text, limit, count)
    if hard == 0:
        raise ValueError("not one letter fits")
    for pattern in (*_BREAKS, _SPACE):
        places = [m.end() for m in pattern.finditer(text[:hard])]
        if places and places[-1] >= hard // 3:
            return int(places[-1])
    space = [m.end() for m in _SPACE.finditer(text[:hard])]
    return int(space[-1]) if space else hard


def _fitting(text: str, limit: int, count: Callable[[str], int]) -> int:
    """The length of the longest beginning, in whole graphemes, that fits; counting only grows."""
    ends = [m.end() for m in regex.finditer(r"\X", text)]
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high + 1) // 2
        if count(text[: ends[middle - 1]].rstrip()) <= limit:
            low = middle
        else:
            high = middle - 1
    return ends[low - 1] if low else 0
