"""How far to trust a tag: sets of labels that hold the truth nine times in ten, and the distance
from everything known."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]
    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]

# The aim is to hold the truth nine times in ten for a writer nobody here knows. So it must be held
# at the lower end of what other writers might have given, and with a margin, as it falls by more
# than a point where a whole sitting is unknown (`python -m benchmarks.sittings`).
LEAST_HELD = 0.91
FAR = 0.99  # of the known messages lie nearer to another one
# The aim is to find nine in ten critical messages of a writer nobody here knows, with half of the
# alarms right. Precision must hold at the lower end of what other writers might have given, with a
# margin, as it falls by 0.08 where a whole sitting is unknown (`python -m benchmarks.sittings`);
# all that it leaves goes to recall, up to a margin over the nine.
LEAST_CRITICAL_RECALL = 0.95
LEAST_CRITICAL_PRECISION = 0.55
LOWER_END = 0.05  # of the draws of writers
DRAWS = 500


def least_probability(p: "Floats", truth: "Ints", writers: "Ints") -> float:
    """The highest probability from which on a label belongs to the set, so that the set, in which
    the best label always is, holds the truth often enough. `p`: unseen rows."""
    import numpy as np

    draw = _draws(writers)
    of_truth = p[np.arange(len(truth)), truth]
    best = p.argmax(axis=1) == truth
    for least in np.arange(0.005, 0.5, 0.005)[::-1]:
        if _lower_end(draw(best | (of_truth >= least)), draw(best >= 0)) >= LEAST_HELD:
            break
    return round(float(least), 3)


def far_from_all(nearest: "Floats") -> float:
    """The likeness to the nearest known message below which a text is unlike anything known."""
    import numpy as np

    return float(np.quantile(nearest, 1 - FAR))


def critical_from(p_critical: "Floats", is_critical: "Bools", writers: "Ints") -> float:
    """The highest P(critical) from which on enough of the critical ones are found, or else the
    lowest at which enough of those called so are; 0.5 when none is. `writers`: (rows,) numbers from
    0. Spam comes with 0, what cues raise with 1."""
    import numpy as np

    best, draw = 0.5, _draws(writers)
    there = draw(is_critical)
    for threshold in np.arange(0.02, 0.5, 0.01)[::-1]:
        called = p_critical >= threshold
        found = draw(called & is_critical)
        if _lower_end(found, draw(called)) < LEAST_CRITICAL_PRECISION:
            break
        best = float(threshold)
        if _lower_end(found, there) >= LEAST_CRITICAL_RECALL:
            break
    return round(best, 2)


def _draws(writers: "Ints") -> "Callable[[Bools], Ints]":
    """A function of rows that counts them in each of `DRAWS` casts of as many writers, drawn anew
    with all that they wrote."""
    import numpy as np

    size = int(writers.max()) + 1
    rng = np.random.default_rng(0)
    draws = np.array(
        [np.bincount(rng.integers(0, size, size), minlength=size) for _ in range(DRAWS)]
    )
    return lambda rows: cast("Ints", draws @ np.bincount(writers[rows], minlength=size))


def _lower_end(part: "Ints", whole: "Ints") -> float:
    import numpy as np

    share = np.where(whole > 0, part / np.maximum(whole, 1), 1.0)  # of none, all are right
    return float(np.quantile(share, LOWER_END))


def high_from(p_high: "Floats", is_high: "Floats") -> float:
    """The P(high or critical) that parts them best from the rest, by F1."""
    import numpy as np
    from sklearn.metrics import f1_score

    thresholds = np.arange(0.3, 0.7, 0.02)
    scores = [f1_score(is_high, p_high >= threshold) for threshold in thresholds]
    return round(float(thresholds[int(np.argmax(scores))]), 2)
