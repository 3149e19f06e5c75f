"""Text to numbers: terms with their weights (words, letters, named cues), and sentence embeddings.

The terms carry words, spelling and slang in every language, and can be shown; the embedding carries
meaning across languages. Each has a voice of its own in `heads.py`.
"""

import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from classifier.cues import NAMES, cue_rows
from classifier.text import LINK

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import scipy.sparse as sp

    from classifier.sentences import Encoder

    Floats = npt.NDArray[np.floating[Any]]
    Ints = npt.NDArray[np.integer[Any]]

# Han and kana are written without spaces: each character is a word of its own.
UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+|[^\w\s]")
IS_UNSPACED = re.compile(f"[{UNSPACED}]")
DIGIT = re.compile(r"\d")
ZEROS = str.maketrans("123456789", "000000000")
SHORTEST, LONGEST = 2, 5  # runs of letters in a word
LEAST_MESSAGES = 2  # that hold a term, for it to count
CUE_WEIGHT = 0.6
CACHED_WORDS = 20_000
LAST = "\U0010ffff"  # sorts behind all that follows a word

Columns = bytes
"""Where terms stand in a row, as the bytes of 32-bit integers: quickest to join and to count."""
AfterIt = Mapping[str, Columns]
NOTHING: AfterIt = {}  # one for all words: most have nothing known after them

Term = tuple[str, int, int]
"""A term, and the first and last word (their numbers in `words_of`) that it stands for."""


def words_of(plain: str) -> list[re.Match[str]]:
    """Words, single unspaced characters, and signs, in order."""
    return list(WORD.finditer(plain))


@lru_cache(maxsize=2_000)
def word_terms(word: str) -> tuple[str, ...]:
    """A word itself and, where it has letters, its runs of letters."""
    if not word[0].isalnum() or IS_UNSPACED.match(word):
        return (f"={word}",)
    padded = f" {word} "
    runs = (
        padded[at : at + n]
        for n in range(SHORTEST, LONGEST + 1)
        for at in range(len(padded) - n + 1)
    )
    return (f"={word}", *runs)


def longer_terms(words: Sequence[str]) -> Iterator[Term]:
    """Pairs of words, and three unspaced characters in a row."""
    alone = [not word.isascii() and bool(IS_UNSPACED.match(word)) for word in words]
    for i in range(1, len(words)):
        yield f"={words[i - 1]} {words[i]}", i - 1, i
        if i > 1 and alone[i] and alone[i - 1] and alone[i - 2]:
            yield f"={words[i - 2]}{words[i - 1]}{words[i]}", i - 2, i


def placed_terms(words: Sequence[str]) -> Iterator[Term]:
    """All terms of a text, each with the words that it stands for."""
    for i, word in enumerate(words):
        for term in word_terms(word):
            yield term, i, i
    yield from longer_terms(words)


def terms(plain: str) -> list[str]:
    """The terms of a plain text, with repeats."""
    words = WORD.findall(plain)
    found = list(chain.from_iterable(map(word_terms, words)))
    return found + [term for term, _, _ in longer_terms(words)]


def plain(folded: str) -> str:
    """Lower case, every digit a 0, every link one word: what varies without meaning."""
    lower = folded.lower()
    if "http" in lower or "www." in lower:
        lower = LINK.sub(" httplink ", lower)
    return lower.translate(ZEROS) if lower.isascii() else DIGIT.sub("0", lower)


class Terms:
    """A sorted vocabulary with its weights, learnt from a corpus. `rows` gives what scikit-learn's
    TfidfVectorizer(analyzer=terms, sublinear_tf=True) would, faster and without loading it."""

    def __init__(self, vocabulary: Sequence[str], idf: "Floats") -> None:
        self.vocabulary = list(vocabulary)
        self.idf = idf
        self._column = {term: column for column, term in enumerate(self.vocabulary)}
        self._of_word = lru_cache(maxsize=CACHED_WORDS)(self._known_of_word)

    @classmethod
    def fit(cls, folded: Sequence[str]) -> "Terms":
        """Learn from folded texts."""
        import numpy as np

        holding: Counter[str] = Counter()
        for text in folded:
            holding.update(set(terms(plain(text))))
        known = sorted(term for term, messages in holding.items() if messages >= LEAST_MESSAGES)
        often = np.array([holding[term] for term in known])
        return cls(known, (np.log((1 + len(folded)) / (1 + often)) + 1).astype(np.float32))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> "Terms":
        """The inverse of `arrays`."""
        return cls(str(arrays["vocabulary"]).split("\n"), arrays["idf"])

    def arrays(self) -> dict[str, Any]:
        """Plain arrays, to be stored without pickle; the vocabulary is one text, a term a line."""
        return {"vocabulary": "\n".join(self.vocabulary), "idf": self.idf}

    @property
    def columns(self) -> int:
        """How many numbers a row has: the terms, then the cues."""
        return len(self.vocabulary) + len(NAMES)

    def rows(self, folded: Sequence[str]) -> "sp.csr_matrix":
        """(len(folded), columns) float32, sparse."""
        import scipy.sparse as sp

        values, columns, ends = self._weighed(folded)
        found = sp.csr_matrix((values, columns, ends), (len(folded), len(self.vocabulary)))
        return sp.hstack([found, sp.csr_matrix(cue_rows(folded)) * CUE_WEIGHT], format="csr")

    def heard(self, folded: Sequence[str], cues: "Floats", voice: "Floats") -> "Floats":
        """`rows(folded) @ voice`, (len(folded), labels), without loading scipy. `cues` are their
        `cue_rows`."""
        import numpy as np

        values, columns, ends = self._weighed(folded)
        heard = cues * CUE_WEIGHT @ voice[len(self.vocabulary) :]
        some = np.flatnonzero(np.diff(ends))
        if len(some):
            said = voice.take(columns, axis=0)
            said *= values[:, None]
            heard[some] += np.add.reduceat(said, ends[some])
        return heard.astype(np.float32)

    def _weighed(self, folded: Sequence[str]) -> "tuple[Floats, Ints, Ints]":
        """The weights of the terms that occur, their columns, and where each text's ones end."""
        import numpy as np

        found = [self._columns_of(plain(text)) for text in folded]
        columns = np.frombuffer(b"".join(found), np.int32)
        sizes = np.fromiter(map(len, found), np.int64, len(found)) // columns.itemsize
        size = max(len(self.vocabulary), 1)
        placed = np.repeat(np.arange(len(found)) * size, sizes) + columns
        placed, often = np.unique(placed, return_counts=True)
        row = placed // size
        columns = placed - row * size
        values = (1 + np.log(often.astype(np.float32))) * self.idf[columns]
        lengths = np.sqrt(np.bincount(row, values**2, minlength=len(found)))
        ends = np.searchsorted(row, np.arange(len(found) + 1))
        return (values / lengths[row]).astype(np.float32), columns, ends

    def cues(self, rows: "sp.csr_matrix") -> "Floats":
        """(rows, `NAMES`): the strength of each cue, from the end of the rows."""
        return cast("Floats", rows[:, len(self.vocabulary) :].toarray() / CUE_WEIGHT)

    def column(self, term: str) -> int | None:
        """Where a term stands in a row; None when it was too rare to learn."""
        return self._column.get(term)

    def _columns_of(self, text: str) -> Columns:
        """Where the `terms` of a plain text stand, but for those that were too rare to learn."""
        words = WORD.findall(text)
        known = list(map(self._of_word, words))
        found = [columns for columns, _, _ in known]
        found += [
            pairs[second]
            for (_, pairs, _), second in zip(known, words[1:], strict=False)
            if second in pairs
        ]
        if not text.isascii():
            found += [
                threes[second + third]
                for (_, _, threes), second, third in zip(known, words[1:], words[2:], strict=False)
                if threes and second + third in threes
            ]
        return b"".join(found)

    def _known_of_word(self, word: str) -> tuple[Columns, AfterIt, AfterIt]:
        """Of a word the columns of its own terms, those of its pairs by the second word, and, where
        it is an unspaced character, those of the threes that it begins by the other two."""
        found = (self._column.get(term) for term in word_terms(word))
        own = _bytes(*(column for column in found if column is not None))
        pairs = self._following(f"={word} ")
        unspaced = IS_UNSPACED.match(word) is not None
        after = self._following(f"={word}") if unspaced else NOTHING
        return own, pairs, {rest: at for rest, at in after.items() if rest[:1] > " "} or NOTHING

    def _following(self, beginning: str) -> AfterIt:
        """The columns of all terms with this beginning, by their rest."""
        first, last = (bisect_left(self.vocabulary, to) for to in (beginning, beginning + LAST))
        rests = (term[len(beginning) :] for term in self.vocabulary[first:last])
        return {rest: _bytes(at) for at, rest in enumerate(rests, first)} or NOTHING


def _bytes(*columns: int) -> Columns:
    return array("i", columns).tobytes()


def embeddings(folded: Sequence[str]) -> "Floats":
    """(len(folded), 512) of length 1; case is dropped, so that shouting changes no meaning."""
    import numpy as np

    if not folded:
        return np.empty((0, 512), dtype=np.float32)
    return encoder().encode([text.lower() for text in folded])


@cache
def encoder() -> "Encoder":
    """The sentence encoder with its weights: 0.5 s and about 120 MB, once per process."""
    from classifier.sentences import Encoder

    return Encoder()
