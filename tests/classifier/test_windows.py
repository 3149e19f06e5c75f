"""Six places of a window at once see what each would see alone."""

import numpy as np
import pytest

from classifier.sentences import WINDOWS
from classifier.windows import TOGETHER, Window


@pytest.mark.parametrize(("size", "before"), WINDOWS)
def test_a_window_sees_the_rows_around_its_place(size: int, before: int) -> None:
    rng, many, numbers = np.random.default_rng(0), 3, 16
    matrices = rng.standard_normal((size, numbers, numbers))
    rows = rng.standard_normal((size + TOGETHER - 1, many, numbers)).astype(np.float32)
    seen = np.empty((TOGETHER, many, numbers), dtype=np.float32)
    bias = rng.standard_normal(numbers).astype(np.float32)
    Window(size, before, matrices.reshape(-1, numbers), bias).look(rows, seen)
    for place in range(TOGETHER):
        alone = sum(rows[place + n] @ matrices[n] for n in range(size)) + bias
        assert abs(seen[place] - np.maximum(alone, 0) - rows[place + before]).max() < 1e-4
