"""Figures of merit, each defined once: accuracy, macro-F1, calibration, intervals."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]
    Ints = npt.NDArray[np.int64]

BINS = 10
DRAWS = 300
SURE_SHARE = 0.7


def of(
    truth: "Ints",
    predicted: "Ints",
    sure: "Floats | None",
    labels: list[str],
    lang: "npt.NDArray[Any]",
) -> dict[str, Any]:
    """Everything told of one kind of label. `sure` is the probability given to the best label; what
    hangs on it is left out where there is none."""
    import numpy as np

    return {
        **summary(truth, predicted),
        "interval": list(interval(truth, predicted)),
        "by_label": per_label(truth, predicted, labels),
        "by_lang": {
            str(code): {
                **summary(truth[lang == code], predicted[lang == code]),
                "interval": list(interval(truth[lang == code], predicted[lang == code])),
            }
            for code in np.unique(lang)
        },
        "confusion": confusion(truth, predicted, len(labels)),
        **({} if sure is None else _trust(sure, (truth == predicted).astype(np.float64))),
    }


def _trust(sure: "Floats", right: "Floats") -> dict[str, Any]:
    best = (-sure).argsort(kind="stable")[: max(1, int(SURE_SHARE * len(sure)))]
    return {
        "accuracy_of_surest_70": round(float(right[best].mean()), 4),
        "reliability": reliability(sure, right),
    }


def macro_f1(truth: "Ints", predicted: "Ints") -> float:
    """Mean F1 over the labels that occur in the truth."""
    import numpy as np
    from sklearn.metrics import f1_score

    return float(
        f1_score(truth, predicted, labels=np.unique(truth), average="macro", zero_division=0)
    )


def interval(truth: "Ints", predicted: "Ints") -> tuple[float, float]:
    """95 % of the macro-F1 over messages drawn anew (bootstrap)."""
    import numpy as np

    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(truth), (DRAWS, len(truth)))
    found = [_quick_f1(truth[draw], predicted[draw]) for draw in draws]
    low, high = np.quantile(found, (0.025, 0.975))
    return round(float(low), 4), round(float(high), 4)


def gain(truth: "Ints", before: "Ints", after: "Ints") -> tuple[float, float]:
    """95 % of how much the macro-F1 changes, over messages drawn anew, both read the same ones."""
    import numpy as np

    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(truth), (DRAWS, len(truth)))
    found = [
        _quick_f1(truth[draw], after[draw]) - _quick_f1(truth[draw], before[draw]) for draw in draws
    ]
    low, high = np.quantile(found, (0.025, 0.975))
    return round(float(low), 4), round(float(high), 4)


def _quick_f1(truth: "Ints", predicted: "Ints") -> float:
    """`macro_f1` without its checks, for the hundreds of a bootstrap."""
    import numpy as np

    size = int(max(truth.max(), predicted.max())) + 1
    hit = np.bincount(truth[truth == predicted], minlength=size)
    there = np.bincount(truth, minlength=size)
    called = np.bincount(predicted, minlength=size)
    occurs = there > 0
    return float((2 * hit[occurs] / (there[occurs] + called[occurs])).mean())


def summary(truth: "Ints", predicted: "Ints") -> dict[str, Any]:
    """`{n, accuracy, macro_f1}`."""
    return {
        "n": len(truth),
        "accuracy": round(float((truth == predicted).mean()), 4),
        "macro_f1": round(macro_f1(truth, predicted), 4),
    }


def per_label(truth: "Ints", predicted: "Ints", labels: Sequence[str]) -> dict[str, Any]:
    """`{label: {n, precision, recall, f1}}`."""
    from sklearn.metrics import precision_recall_fscore_support

    columns = precision_recall_fscore_support(
        truth, predicted, labels=list(range(len(labels))), zero_division=0
    )
    return {
        label: {"n": int(n), "precision": round(p, 4), "recall": round(r, 4), "f1": round(f, 4)}
        for label, p, r, f, n in zip(labels, *(column.tolist() for column in columns), strict=True)
    }


def confusion(truth: "Ints", predicted: "Ints", size: int) -> list[list[int]]:
    """Rows: the truth; columns: what was said."""
    import numpy as np

    found = np.bincount(truth * size + predicted, minlength=size * size).reshape(size, size)
    table: list[list[int]] = found.tolist()
    return table


def reliability(sure: "Floats", right: "Floats") -> dict[str, Any]:
    """`ece` and ten bins `{from, to, n, confidence, accuracy}` (empty bins left out)."""
    import numpy as np

    which = np.minimum((sure * BINS).astype(int), BINS - 1)
    rows: list[dict[str, float]] = []
    for b in range(BINS):
        inside = which == b
        if inside.any():
            rows.append({
                "from": b / BINS,
                "to": (b + 1) / BINS,
                "n": int(inside.sum()),
                "confidence": round(float(sure[inside].mean()), 4),
                "accuracy": round(float(right[inside].mean()), 4),
            })  # fmt: skip
    gap = sum(row["n"] * abs(row["confidence"] - row["accuracy"]) for row in rows)
    return {"ece": round(gap / len(sure), 4), "bins": rows}
