"""The language of a short message: its script first, then py3langid among plausible languages."""

from collections import Counter
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from classifier.text import LINK, fold

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

UNDECIDED = "und"
LEAST_LETTERS = 4
LEAST_CONFIDENCE = 0.3
LEAST_KANA_SHARE = 0.15
BEGINNING = 40  # characters: read alone first, a third of the work (95 % right either way)
PLAIN = 0.9  # the beginning's confidence that makes the rest needless

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
    return language_of(fold(text))


def language_of(folded: str) -> str:
    """The same of a text that is folded already."""
    words = " ".join(w for w in LINK.sub(" ", folded).split() if w[0] != "@")
    letters: Counter[str] = Counter()
    for character, times in Counter(words).items():
        if script := _script(character):
            letters[script] += times
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
    code, confidence = _classified(words.lower(), script)
    return code if confidence >= LEAST_CONFIDENCE else MOST_LIKELY.get(script, UNDECIDED)


def _classified(words: str, script: str) -> tuple[str, float]:
    """The likeliest of the script's languages and its probability among them; the beginning
    decides where it is plain."""
    code, confidence, possible = UNDECIDED, 0.0, CANDIDATES[script].split()
    for part in (words[:BEGINNING], words) if len(words) > BEGINNING else (words,):
        among = [one for one in _identifier().rank(part) if one[0] in possible]
        code, confidence = among[0][0], among[0][1] / (sum(p for _, p in among) or 1.0)
        if confidence >= PLAIN:
            break
    return code, confidence


@lru_cache(maxsize=4096)
def _script(character: str) -> str | None:
    """None for what is no letter."""
    point = ord(character)
    if not character.isalpha():
        return None
    return next((name for first, last, name in SCRIPTS if first <= point <= last), None)


@cache
def _identifier() -> "LanguageIdentifier":
    """Of all candidates' languages; the columns of the others are let go."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    every = LanguageIdentifier.from_model_file(MODEL_FILE)
    every.set_languages(" ".join(CANDIDATES.values()).split())
    return LanguageIdentifier(
        every.nb_ptc, every.nb_pc, every.nb_classes, every.tk_nextmove, every.tk_output,
        norm_probs=True, tk_row=every.tk_row,
    )  # fmt: skip
