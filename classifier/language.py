"""The language of a short message: its script first, then py3langid among plausible languages."""

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from classifier.text import LINK, fold

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

UNDECIDED = "und"
LEAST_LETTERS = 4
LEAST_CONFIDENCE = 0.3
LEAST_KANA_SHARE = 0.15

# First and last code point of each script's main blocks (Unicode 15).
SCRIPTS: tuple[tuple[int, int, str], ...] = (
    (0x0041, 0x024F, "latin"),
    (0x1E00, 0x1EFF, "latin"),
    (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0590, 0x05FF, "hebrew"),
    (0x0600, 0x077F, "arabic"),
    (0xFB50, 0xFDFF, "arabic"),
    (0xFE70, 0xFEFF, "arabic"),
    (0x0900, 0x097F, "devanagari"),
    (0x0980, 0x09FF, "bengali"),
    (0x0B80, 0x0BFF, "tamil"),
    (0x0E00, 0x0E7F, "thai"),
    (0x3040, 0x30FF, "kana"),
    (0x1100, 0x11FF, "hangul"),
    (0x3130, 0x318F, "hangul"),
    (0xAC00, 0xD7AF, "hangul"),
    (0x3400, 0x4DBF, "han"),
    (0x4E00, 0x9FFF, "han"),
    (0x20000, 0x3FFFF, "han"),
)
ONE_LANGUAGE = {
    "greek": "el",
    "hebrew": "he",
    "bengali": "bn",
    "tamil": "ta",
    "thai": "th",
    "hangul": "ko",
    "kana": "ja",
    "han": "zh",
}
CANDIDATES = {
    "latin": "cs da de en es fi fr hu id it nl no pl pt ro sv tl tr vi",
    "cyrillic": "bg ru uk",
    "arabic": "ar fa ur",
    "devanagari": "hi mr ne",
}
MOST_LIKELY = {"cyrillic": "ru", "arabic": "ar", "devanagari": "hi"}
# One Han, kana or hangul character carries about as much as three Latin letters.
WEIGHT = {"han": 3, "kana": 3, "hangul": 3}


def language(text: str) -> str:
    """ISO 639-1 code, `zh` for all Chinese, `und` when nothing can be said.

    Never raises. Han characters with kana among them are Japanese, without they are Chinese; a
    Latin text needs four letters and a clear winner.
    """
    words = " ".join(w for w in LINK.sub(" ", fold(text)).split() if not w.startswith("@"))
    letters = Counter(script for c in words if c.isalpha() and (script := _script(c)))
    if not letters:
        return UNDECIDED
    # Kana among Han is Japanese, 返金してください; a lone の is a fashion in Chinese, 超可爱の客服.
    if letters["kana"] >= LEAST_KANA_SHARE * (letters["kana"] + letters["han"]):
        letters["kana"] += letters.pop("han", 0)
    else:
        letters["han"] += letters.pop("kana", 0)
    script = max(letters, key=lambda s: letters[s] * WEIGHT.get(s, 1))
    if script in ONE_LANGUAGE:
        return ONE_LANGUAGE[script]
    if script not in MOST_LIKELY and letters[script] < LEAST_LETTERS:
        return UNDECIDED
    code, confidence = _identifier(script).classify(words.lower())
    if float(confidence) >= LEAST_CONFIDENCE:
        return str(code)
    return MOST_LIKELY.get(script, UNDECIDED)


def _script(character: str) -> str | None:
    point = ord(character)
    return next((name for first, last, name in SCRIPTS if first <= point <= last), None)


@cache
def _identifier(script: str) -> "LanguageIdentifier":
    """One identifier per script, restricted to that script's languages."""
    import copy

    from py3langid.langid import LanguageIdentifier

    identifier = copy.copy(_all_languages())
    assert isinstance(identifier, LanguageIdentifier)
    identifier.set_languages(CANDIDATES[script].split())
    return identifier


@cache
def _all_languages() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
