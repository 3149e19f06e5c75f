"""The language of a short message: its script first, then py3langid among plausible languages."""

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from classifier.files import LANGUAGES_FILE, MODEL_FOLDER, read_meta
from classifier.runs import Runs, made, stored
from classifier.text import LINK, fold

if TYPE_CHECKING:
    from classifier.runs import Ints

UNDECIDED = "und"
LEAST_LETTERS = 4
LEAST_CONFIDENCE = 0.3
LEAST_KANA_SHARE = 0.15
BEGINNING = 40  # characters: read alone first, a third of the work (95 % right either way)
PLAIN = 0.9  # the beginning's confidence that makes the rest needless
# Arabic in Latin letters: 3, 7 and 9 among them stand for ع, ح and ق (`wa7ed`, `3lach`; not `9am`).
ARABIC_IN_LATIN = re.compile(r"(?i)\b(?:[a-z']*[a-z][379][a-z']+|[379][a-z][a-z']{2,})\b")
LEAST_ARABIC_WORDS = 2  # one alone may be a number of something, or a name

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
# Where two scripts say as much, the later one of the list counts: Latin is everywhere.
KINDS = ("", *dict.fromkeys(script for _, _, script in reversed(SCRIPTS)))
BEYOND = 0x40000  # no letter that is told apart
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
TOLD_APART = " ".join(CANDIDATES.values()).split()
MOST_LIKELY = {"cyrillic": "ru", "arabic": "ar", "devanagari": "hi"}
# One Han, kana or hangul character carries about as much as three Latin letters.
WEIGHT = {"han": 3, "kana": 3, "hangul": 3}


def language(text: str) -> str:
    """ISO 639-1 code, `zh` for all Chinese, `und` when nothing can be said.

    Never raises. Han characters with kana among them are Japanese, without they are Chinese; a
    Latin text needs four letters and a clear winner, or two words that write Arabic with digits.
    """
    return languages_of([fold(text)])[0]


def languages_of(folded: Sequence[str]) -> list[str]:
    """The same of texts that are folded already, all at once."""
    words = [_said(text) for text in folded]
    found, asked = [UNDECIDED] * len(words), {}
    for i, (script, letters) in enumerate(zip(*_scripts(words), strict=True)):
        if script in ONE_LANGUAGE:
            found[i] = ONE_LANGUAGE[script]
        elif script == "latin" and len(ARABIC_IN_LATIN.findall(words[i])) >= LEAST_ARABIC_WORDS:
            found[i] = "ar"
        elif script in MOST_LIKELY or (script in CANDIDATES and letters >= LEAST_LETTERS):
            asked[i] = script
    told = _likeliest([words[i].lower() for i in asked], list(asked.values()))
    for (i, script), (code, confidence) in zip(asked.items(), told, strict=True):
        sure = confidence >= LEAST_CONFIDENCE
        found[i] = code if sure else MOST_LIKELY.get(script, UNDECIDED)
    return found


def _said(folded: str) -> str:
    """Without links and names of accounts."""
    if "@" not in folded and not LINK.search(folded):
        return folded
    return " ".join(w for w in LINK.sub(" ", folded).split() if w[0] != "@")


def _scripts(words: Sequence[str]) -> tuple[list[str], list[int]]:
    """The script that says most in each text ("" without letters), and how many letters it has."""
    import numpy as np

    points = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32)
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    text = np.repeat(np.arange(len(words)) * len(KINDS), lengths)
    kinds = _kind_of()[np.minimum(points, BEYOND)]
    letters = np.bincount(text + kinds, minlength=len(words) * len(KINDS))
    letters = letters.reshape(-1, len(KINDS))
    letters[:, 0] = 0
    # Kana among Han is Japanese, 返金してください; a lone の is a fashion in Chinese, 超可爱の客服.
    kana, han = letters[:, KINDS.index("kana")], letters[:, KINDS.index("han")]
    both, japanese = kana + han, kana >= LEAST_KANA_SHARE * (kana + han)
    kana[:], han[:] = np.where(japanese, both, 0), np.where(japanese, 0, both)
    most = (letters * [WEIGHT.get(kind, 1) for kind in KINDS]).argmax(axis=1)
    return [KINDS[kind] for kind in most.tolist()], letters[np.arange(len(words)), most].tolist()


def _likeliest(words: Sequence[str], scripts: Sequence[str]) -> list[tuple[str, float]]:
    """The likeliest of each script's languages and its probability among them; the beginning
    decides where it is plain."""
    found = _among([text[:BEGINNING] for text in words], scripts)
    unclear = [
        i
        for i, (_, confidence) in enumerate(found)
        if confidence < PLAIN and len(words[i]) > BEGINNING
    ]
    again = _among([words[i] for i in unclear], [scripts[i] for i in unclear])
    for i, better in zip(unclear, again, strict=True):
        found[i] = better
    return found


def _among(words: Sequence[str], scripts: Sequence[str]) -> list[tuple[str, float]]:
    import numpy as np

    if not words:
        return []
    languages = runs().languages
    possible = np.array([[one in CANDIDATES[s].split() for one in languages] for s in CANDIDATES])
    odds = runs().odds(words) * possible[[list(CANDIDATES).index(s) for s in scripts]]
    best, whole = odds.argmax(axis=1), odds.sum(axis=1)
    confidence = odds.max(axis=1) / np.where(whole > 0, whole, 1)
    return [(languages[i], p) for i, p in zip(best.tolist(), confidence.tolist(), strict=True)]


@cache
def _kind_of() -> "Ints":
    """For each code point up to `BEYOND` the number of its script in `KINDS`."""
    import numpy as np

    kinds = np.zeros(BEYOND + 1, dtype=np.int64)
    for first, last, script in SCRIPTS:
        is_letter = [chr(point).isalpha() for point in range(first, last + 1)]
        kinds[first : last + 1] = np.where(is_letter, KINDS.index(script), 0)
    return kinds


@cache
def runs() -> Runs:
    """As stored beside the shipped model; made now, in a second, where it is not as written."""
    sha256 = (read_meta(MODEL_FOLDER) or {}).get("languages_sha256", "")
    return stored(MODEL_FOLDER / LANGUAGES_FILE, TOLD_APART, sha256) or runs_of_candidates()


def runs_of_candidates() -> Runs:
    """What tells the languages of one script apart."""
    return made(TOLD_APART)
