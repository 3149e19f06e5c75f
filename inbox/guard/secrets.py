"""Finds card numbers in customers' words and masks them before anything is stored (law 10).

A card number is a run of digits, grouped or not, whose first digits belong to a card brand, whose
length that brand uses, and whose last digit is right by Luhn's rule (ISO/IEC 7812-1). Digits of any
script count; spaces, hyphens, dots and invisible characters may stand between groups.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MASK = "•"
_JOINT = r"[\s.\-\u00ad\u200b-\u200f\u2010-\u2015\u2060-\u206f\ufeff_/]"
_RUN = re.compile(rf"\d+(?:{_JOINT}{{1,3}}\d+)*")
_GROUP = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Brand:
    """A card brand: ranges of leading digits (inclusive, equal widths) and lengths in digits."""

    name: str
    prefixes: tuple[tuple[int, int], ...]
    lengths: frozenset[int]


BRANDS = (
    Brand("amex", ((34, 34), (37, 37)), frozenset({15})),
    Brand("diners", ((300, 305), (309, 309), (36, 36), (38, 39)), frozenset(range(14, 20))),
    Brand("jcb", ((3528, 3589),), frozenset(range(16, 20))),
    Brand("visa", ((4, 4),), frozenset({13, 16, 19})),
    Brand("mastercard", ((51, 55), (2221, 2720)), frozenset({16})),
    Brand("mir", ((2200, 2204),), frozenset(range(16, 20))),
    Brand("discover", ((6011, 6011), (644, 649), (65, 65)), frozenset(range(16, 20))),
    Brand("unionpay", ((62, 62), (81, 81)), frozenset(range(16, 20))),
    Brand(
        "maestro",
        ((5018, 5018), (5020, 5020), (5038, 5038), (5893, 5893), (6304, 6304), (6759, 6763)),
        frozenset(range(12, 20)),
    ),
)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without card numbers, and the brands found in it, in order."""

    text: str
    cards: tuple[str, ...] = ()


def mask(text: str) -> Masked:
    """Every card number keeps its first and its last four digits; the rest becomes dots."""
    found: list[str] = []
    pieces: list[str] = []
    end = 0
    for start, stop, brand in _cards(text):
        pieces += (text[end:start], _dotted(text[start:stop]))
        found.append(brand)
        end = stop
    return Masked("".join([*pieces, text[end:]]), tuple(found))


def mask_all(value: Any) -> Any:
    """The same value (JSON) with every string in it masked, keys too."""
    if isinstance(value, str):
        return mask(value).text
    if isinstance(value, int) and not isinstance(value, bool) and mask(str(value)).cards:
        return mask(str(value)).text
    if isinstance(value, dict):
        return {mask(str(k)).text: mask_all(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [mask_all(v) for v in value]
    return value


def brand_of(digits: str) -> str | None:
    """The brand whose card number these ASCII digits can be, or None."""
    if not _luhn(digits):
        return None
    for brand in BRANDS:
        if len(digits) in brand.lengths:
            for low, high in brand.prefixes:
                if low <= int(digits[: len(str(low))]) <= high:
                    return brand.name
    return None


def _cards(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, stop, brand) of each number: whole groups only, the longest match from each group."""
    for run in _RUN.finditer(text):
        groups = [(m.start(), m.end()) for m in _GROUP.finditer(text, run.start(), run.end())]
        first = 0
        while first < len(groups):
            last = _longest(text, groups, first)
            if last is None:
                first += 1
                continue
            start, stop = groups[first][0], groups[last[0]][1]
            yield start, stop, last[1]
            first = last[0] + 1


def _longest(text: str, groups: list[tuple[int, int]], first: int) -> tuple[int, str] | None:
    digits = ""
    best: tuple[int, str] | None = None
    for index in range(first, len(groups)):
        digits += "".join(str(unicodedata.decimal(c)) for c in text[slice(*groups[index])])
        if len(digits) > 19:
            break
        brand = brand_of(digits) if len(digits) >= 12 else None
        if brand:
            best = (index, brand)
    return best


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _dotted(number: str) -> str:
    places = [i for i, c in enumerate(number) if c.isdecimal()]
    hidden = set(places[1:-4])
    return "".join(MASK if i in hidden else c for i, c in enumerate(number))
