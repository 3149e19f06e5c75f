"""Figures over predictions: accuracy, macro-F1, reliability, and the threshold for review.

Arrays: `truth` (n,) label indices, `probability` (n, labels) rows that sum to 1.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]
    Ints = npt.NDArray[np.int64]

BINS = 10
TARGET_PRECISION = 0.95


def macro_f1(truth: "Ints", predicted: "Ints") -> float:
    """Mean F1 over the labels that occur in `truth`."""
    from sklearn.metrics import f1_score

    present = sorted({int(label) for label in truth})
    return float(f1_score(truth, predicted, labels=present, average="macro", zero_division=0))


def summary(truth: "Ints", predicted: "Ints") -> dict[str, Any]:
    """`{n, accuracy, macro_f1}`."""
    return {
        "n": len(truth),
        "accuracy": round(float((truth == predicted).mean()), 4),
        "macro_f1": round(macro_f1(truth, predicted), 4),
    }


def per_label(truth: "Ints", predicted: "Ints", labels: list[str]) -> dict[str, Any]:
    """`{label: {n, precision, recall, f1}}`."""
    from sklearn.metrics import precision_recall_fscore_support

    columns = precision_recall_fscore_support(
        truth, predicted, labels=list(range(len(labels))), zero_division=0
    )
    return {
        label: {"n": int(n), "precision": round(p, 4), "recall": round(r, 4), "f1": round(f, 4)}
        for label, p, r, f, n in zip(labels, *(column.tolist() for column in columns), strict=True)
    }


def reliability(confidence: "Floats", right: "Floats") -> dict[str, Any]:
    """`ece` and ten bins `{from, to, n, confidence, accuracy}` (empty bins left out)."""
    import numpy as np

    which = np.minimum((confidence * BINS).astype(int), BINS - 1)
    rows: list[dict[str, float]] = []
    for b in range(BINS):
        inside = which == b
        if inside.any():
            rows.append({
                "from": b / BINS,
                "to": (b + 1) / BINS,
                "n": int(inside.sum()),
                "confidence": round(float(confidence[inside].mean()), 4),
                "accuracy": round(float(right[inside].mean()), 4),
            })  # fmt: skip
    gap = sum(row["n"] * abs(row["confidence"] - row["accuracy"]) for row in rows)
    return {"ece": round(gap / len(confidence), 4), "bins": rows}


def review_threshold(confidence: "Floats", right: "Floats") -> dict[str, float]:
    """The lowest confidence from which at least 95 % are right.

    `{threshold, accepted, accuracy}`: share and accuracy of what lies at or above it. When no
    threshold reaches 95 %, the best one that still accepts a tenth.
    """
    import numpy as np

    order = np.argsort(-confidence, kind="stable")
    running = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    least = max(1, len(order) // 10)
    enough = np.flatnonzero(running[least - 1 :] >= TARGET_PRECISION) + least - 1
    last = int(enough[-1]) if len(enough) else least - 1 + int(running[least - 1 :].argmax())
    return {
        "threshold": round(float(confidence[order[last]]), 4),
        "accepted": round((last + 1) / len(order), 4),
        "accuracy": round(float(running[last]), 4),
    }
