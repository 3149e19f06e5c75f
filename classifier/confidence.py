"""How far to trust a tag: sets of labels that hold the truth nine times in ten, and the distance
from everything known."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]
    Ints = npt.NDArray[np.int64]

COVERAGE = 0.9
FAR = 0.99  # of the known messages lie nearer to another one
LEAST_CRITICAL_RECALL = 0.93
LEAST_CRITICAL_PRECISION = 0.55


def least_probability(p: "Floats", truth: "Ints") -> float:
    """From which probability on a label belongs to the set, so that the set holds the truth in
    nine of ten (split conformal prediction on unseen rows)."""
    import numpy as np

    doubt = np.sort(1 - p[np.arange(len(truth)), truth])
    rank = min(len(doubt) - 1, int(np.ceil((len(doubt) + 1) * COVERAGE)) - 1)
    return float(1 - doubt[rank])


def label_set(p: "Floats", least: float) -> list[int]:
    """The labels of one row's set, best first; the best always."""
    order = p.argsort()[::-1].tolist()
    return [order[0], *(label for label in order[1:] if p[label] >= least)]


def far_from_all(nearest: "Floats") -> float:
    """The likeness to the nearest known message below which a text is unlike anything known."""
    import numpy as np

    return float(np.quantile(nearest, 1 - FAR))


def critical_from(p_critical: "Floats", is_critical: "Floats") -> float:
    """The highest P(critical) at which enough of the critical ones are called so."""
    import numpy as np

    best = 0.5
    for threshold in np.arange(0.05, 0.5, 0.01)[::-1]:
        called = p_critical >= threshold
        best = float(threshold)
        recall = float(called[is_critical].mean())
        if (
            recall >= LEAST_CRITICAL_RECALL
            or float(is_critical[called].mean()) < LEAST_CRITICAL_PRECISION
        ):
            break
    return round(best, 2)


def high_from(p_high: "Floats", is_high: "Floats") -> float:
    """The P(high or critical) that parts them best from the rest, by F1."""
    import numpy as np
    from sklearn.metrics import f1_score

    thresholds = np.arange(0.3, 0.7, 0.02)
    scores = [f1_score(is_high, p_high >= threshold) for threshold in thresholds]
    return round(float(thresholds[int(np.argmax(scores))]), 2)
