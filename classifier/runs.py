"""How likely each language is: py3langid's own figures, for a whole batch at once.

py3langid walks an automaton, byte by byte, through 40 MB of which most is for languages that never
come into question. Its state is no more than the longest run of up to six bytes that ends there and
begins something known; so sorted runs say the same. They are made when the classifier is built.
"""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]
    Ints = npt.NDArray[np.integer[Any]]

LONGEST = 6  # bytes of a run
NOTHING = -1  # a run that only begins something known


@dataclass(frozen=True, slots=True)
class Runs:
    """`codes`: the runs' bytes behind a leading 1, as sorted numbers, longer ones behind shorter
    ones; `features`: each run's row in `table` (rows, languages), or `NOTHING`; `table` and `prior`
    (languages,) are logarithms."""

    languages: tuple[str, ...]
    codes: "Ints"
    features: "Ints"
    table: "Floats"
    prior: "Floats"

    def odds(self, texts: Sequence[str]) -> "Floats":
        """(texts, languages), as `LanguageIdentifier(norm_probs=True).rank` tells of each."""
        import numpy as np

        coded = [_normal(text).encode() for text in texts]
        lengths = np.fromiter(map(len, coded), np.int64, len(coded))
        features = self._features(np.frombuffer(b"".join(coded), np.uint8), lengths)
        text = np.repeat(np.arange(len(texts)), lengths)[features != NOTHING]
        size = len(self.table)
        found, times = np.unique(text * size + features[features != NOTHING], return_counts=True)
        text, feature = np.divmod(found, size)
        said = self.table[feature] * np.log1p(times.astype(np.float32))[:, None]
        scores = np.zeros((len(texts), len(self.languages)), dtype=np.float32)
        first = np.flatnonzero(np.diff(text, prepend=-1))
        if len(first):
            scores[text[first]] = np.add.reduceat(said, first, axis=0) + self.prior
        scores /= np.sqrt(np.maximum(lengths, 1))[:, None]
        np.exp(scores - scores.max(axis=1, keepdims=True), out=scores)
        scores /= scores.sum(axis=1, keepdims=True)
        return scores

    def _features(self, whole: "Ints", lengths: "Ints") -> "Ints":
        """For each byte the feature of the longest run that ends there, in its own text."""
        import numpy as np

        before = np.arange(len(whole)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        code, codes = np.zeros(len(whole), dtype=np.int64), []
        for n in range(LONGEST):
            code[n:] += whole[: max(0, len(whole) - n)].astype(np.int64) << 8 * n
            codes.append(code + (1 << 8 * (n + 1)))
        found = np.full(len(whole), NOTHING, dtype=np.int64)
        left, done = np.arange(len(whole)), np.zeros(len(whole), dtype=np.bool_)
        for n in reversed(range(LONGEST)):
            low, high = np.searchsorted(self.codes, (1 << 8 * (n + 1), 2 << 8 * (n + 1)))
            fits = left[before[left] >= n]
            at = low + np.searchsorted(self.codes[low:high], codes[n][fits])
            hit = self.codes[np.minimum(at, len(self.codes) - 1)] == codes[n][fits]
            found[fits[hit]] = self.features[at[hit]]
            done[fits[hit]] = True
            left = left[~done[left]]
        return found

    def arrays(self) -> dict[str, Any]:
        """Plain arrays, to be stored without pickle, and what they were made of."""
        return {
            "made_of": _package(),
            "languages": " ".join(self.languages),
            "codes": self.codes,
            "features": self.features,
            "table": self.table,
            "prior": self.prior,
        }


def stored(path: Path, languages: Sequence[str], sha256: str) -> Runs | None:
    """What `arrays` gave; None where it is missing, broken, of something else, or not as it was
    written."""
    import numpy as np

    try:
        whole = path.read_bytes()
        if hashlib.sha256(whole).hexdigest() != sha256:
            return None
        with np.load(BytesIO(whole), allow_pickle=False) as arrays:
            return _read(arrays, languages)
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return None


def _read(arrays: Mapping[str, Any], languages: Sequence[str]) -> Runs | None:
    told = tuple(str(arrays["languages"]).split())
    if str(arrays["made_of"]) != _package() or sorted(told) != sorted(languages):
        return None
    return Runs(told, *(arrays[name] for name in ("codes", "features", "table", "prior")))


def made(languages: Sequence[str]) -> Runs:
    """From the package's automaton: about a second."""
    import numpy as np
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    whole.set_languages(languages)
    moves = np.asarray(whole.tk_nextmove).reshape(-1, 256)
    row, feature = np.asarray(whole.tk_row), np.asarray(whole.tk_output)
    codes = np.zeros(len(row), dtype=np.int64)
    codes[0], states = 1, np.array([0])
    for _ in range(LONGEST):
        come, byte = np.nonzero(moves[row[states]])
        to = moves[row[states[come]], byte]
        new = codes[to] == 0
        codes[to[new]] = codes[states[come[new]]] * 256 + byte[new]
        states = to[new]
    order = codes.argsort()[1:]  # all but the empty run
    return Runs(
        tuple(whole.nb_classes),
        codes[order],
        np.where(feature < 0, NOTHING, feature)[order].astype(np.int32),
        np.ascontiguousarray(whole.nb_ptc),
        whole.nb_pc,
    )


def _package() -> str:
    return f"py3langid {version('py3langid')}"


def _normal(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)
