"""Finds card numbers in customers' words and masks them before anything is stored (law 10).

A card number is a run of digits, grouped or not, whose first digits belong to a card brand, whose
length that brand uses, and whose last digit is right by Luhn's rule (ISO/IEC 7812-1). Digits of any
script count; spaces, hyphens, dots, slashes, underscores, commas and invisible characters may stand
between groups.
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

MASK = "•"
MAX_DEPTH = 60  # of nested JSON
TOO_DEEP = "[nested too deep]"  # stands for what lies deeper
PASSES = 8
_INVISIBLE = (
    r"\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u20e3"
)
_JOINT = rf"[{_INVISIBLE}\s.,_/\-\u2010-\u2015\u2212\uff0d\u00b7\u30fb]{{1,6}}"
_RUN = re.compile(rf"\d+(?:{_JOINT}\d+)*")


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
SHORTEST = min(length for brand in BRANDS for length in brand.lengths)
PREFIX = 4  # digits that tell the brand
_DOUBLED = str.maketrans("0123456789", "0246813579")  # twice the digit, its own digits added up


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without card numbers, and the brands found in it, in order."""

    text: str
    cards: tuple[str, ...] = ()


def mask(text: str) -> Masked:
    """Every card number keeps its first and its last four digits; the rest becomes dots.

    Masking twice changes nothing more: what a number leaves visible may, with digits beside it, be
    right by chance, so the text is gone through until nothing is found.
    """
    found: list[str] = []
    for _ in range(PASSES):
        cards = list(_cards(text))
        if not cards:
            break
        letters = list(text)
        for places, brand in cards:
            found.append(brand)
            for place in places[1:-4]:
                letters[place] = MASK
        text = "".join(letters)
    return Masked(text, tuple(found))


def mask_all(value: Any, depth: int = 0) -> Any:
    """The same value (JSON) with every string in it masked, keys too.

    What JSON does not know becomes text, so that anything a platform sent can be kept.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping | list | tuple | set | frozenset) and depth >= MAX_DEPTH:
        return TOO_DEEP
    if isinstance(value, Mapping):
        return {mask(str(k)).text: mask_all(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask_all(v, depth + 1) for v in value]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    masked = mask(value if isinstance(value, str) else str(value))
    is_number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return value if is_number and not masked.cards else masked.text


def brand_of(digits: str) -> str | None:
    """The brand whose card number these ASCII digits can be, or None."""
    forms = dict(reversed(_forms(digits[:PREFIX])))
    return forms.get(len(digits)) if _luhn(digits) else None


@cache
def _forms(head: str) -> tuple[tuple[int, str], ...]:
    """(length, brand) of the card numbers that begin with these four digits, longest first."""
    found = [
        (length, brand.name)
        for brand in BRANDS
        if any(low <= int(head[: len(str(low))] or "0") <= high for low, high in brand.prefixes)
        for length in brand.lengths
    ]
    return tuple(sorted(found, key=lambda form: -form[0]))


def _cards(text: str) -> Iterator[tuple[list[int], str]]:
    """(places of its digits, brand) of each number: whole groups only, the longest one that begins
    at each group. Numbers may overlap; all of them are found, or the rest of one would be shown.
    """
    for run in _RUN.finditer(text):
        places = [i for i in range(run.start(), run.end()) if text[i].isdecimal()]
        if len(places) < SHORTEST:
            continue
        digits = "".join(str(unicodedata.decimal(text[i])) for i in places)
        starts = [n for n, i in enumerate(places) if n == 0 or places[n - 1] != i - 1]
        edges = {*starts, len(places)}
        end = 0
        for start in starts:
            for length, brand in _forms(digits[start : start + PREFIX]):
                stop = start + length
                if stop in edges and _luhn(digits[start:stop]):
                    if stop > end:  # not a part of the number before
                        yield places[start:stop], brand
                    end = max(end, stop)
                    break


def _luhn(digits: str) -> bool:
    doubled = digits[-2::-2].translate(_DOUBLED)
    return (sum(map(int, digits[::-2])) + sum(map(int, doubled))) % 10 == 0
