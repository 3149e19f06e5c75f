"""The one door for text from outside: connectors, import, API, agents' own words (law 11)."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

_BROKEN = re.compile("[\x00\ud800-\udfff]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)


def clean(text: str) -> str:
    """Text as it is stored: what was written, with NUL and lone surrogates as U+FFFD."""
    return _BROKEN.sub("\ufffd", text)


def clean_all(value: Any) -> Any:
    """The same value (JSON) with every string in it cleaned, keys too."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(k)): clean_all(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean_all(v) for v in value]
    return value


def fold(text: str) -> str:
    """The second copy that search, classifier and guard read: NFKC without invisible controls.

    Normalised again at the end: an accent joins its letter once nothing invisible is between them.
    """
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", clean(text)))
    return unicodedata.normalize("NFKC", visible)
