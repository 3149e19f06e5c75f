"""A window that slides along rows of numbers, six places of it at once.

Each row of a window has a matrix of its own; the products, added up, are what the window sees. For
six neighbouring places of a window of n rows that is 6 · n products. Read as the product of two
polynomials they are known from its values at n + 5 points: n + 5 products, and a few sums before
and after (Toom and Cook; in neural networks Winograd). Windows of 2, 3 and 5 rows take 7, 8 and 10
products instead of 12, 18 and 30, and single precision errs by a few millionths.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]

TOGETHER = 6  # places
POINTS = (0, 0.4, -0.4, 0.8, -0.8, 4 / 3, -4 / 3, 2.5, -2.5)
"""The first n + 4, and infinity. Of 3,000 sets like it this one erred least for n = 5."""


class Window:
    """Sees `size` rows, `before` of them before its place. `matrices`: (size · numbers,
    numbers)."""

    def __init__(self, size: int, before: int, matrices: "Floats", bias: "Floats") -> None:
        import numpy as np

        self.before, self.bias = before, bias
        self.reach = size + TOGETHER - 1  # rows that so many places see
        powers = np.vander(POINTS[: self.reach - 1], self.reach, increasing=True)
        of_matrices, of_places = (_with_infinity(powers[:, :n]) for n in (size, TOGETHER))
        self._before = np.linalg.inv(_with_infinity(powers)).T.astype(np.float32)
        self._after = of_places.T.astype(np.float32)
        points = of_matrices @ matrices.reshape(size, -1)
        numbers = matrices.shape[1]
        self._points = points.reshape(self.reach, numbers, numbers).astype(np.float32)

    def look(self, rows: "Floats", seen: "Floats") -> None:
        """Writes to `seen` (TOGETHER, many, numbers) the row of each place, and what is positive of
        what the window sees from there. `rows`: (reach, many, numbers), the first one `before` the
        first place."""
        import numpy as np

        values = (self._before @ rows.reshape(self.reach, -1)).reshape(rows.shape)
        products = np.matmul(values, self._points).reshape(self.reach, -1)
        np.matmul(self._after, products, out=seen.reshape(TOGETHER, -1))
        seen += self.bias
        np.maximum(seen, 0, out=seen)
        seen += rows[self.before : self.before + TOGETHER]


def _with_infinity(powers: "Floats") -> "Floats":
    """There, only the highest power counts."""
    import numpy as np

    return np.vstack([powers, np.eye(powers.shape[1])[-1]])
