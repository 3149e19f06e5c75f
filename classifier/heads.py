"""The two calibrated heads over one feature row: category, then urgency in the light of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from classifier.examples import Example
from classifier.labels import Category, Urgency

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import scipy.sparse as sp

    Floats = npt.NDArray[np.floating[Any]]
    Ints = npt.NDArray[np.int64]

CATEGORIES = tuple(Category)
URGENCIES = tuple(Urgency)
FOLDS = 5
# Chosen by grouped cross-validation.
INVERSE_REGULARISATION = 6.0
CATEGORY_WEIGHT = 2.0
NEVER = -50.0  # a logit: e^-50


@dataclass(frozen=True, slots=True)
class Head:
    """A logistic regression, and the temperature that makes its probabilities honest.

    `weights` (labels, columns), `intercept` (labels,).
    """

    weights: "Floats"
    intercept: "Floats"
    temperature: float = 1.0

    def logits(self, rows: "sp.csr_matrix") -> "Floats":
        return cast("Floats", (rows @ self.weights.T + self.intercept) / self.temperature)

    def probabilities(self, rows: "sp.csr_matrix") -> "Floats":
        """(rows, labels)."""
        return _softmax(self.logits(rows))


def label_numbers(examples: Sequence[Example]) -> "tuple[Ints, Ints]":
    """Category and urgency of each example as positions in `CATEGORIES` and `URGENCIES`."""
    import numpy as np

    category = np.array([CATEGORIES.index(e.category) for e in examples], dtype=np.int64)
    urgency = np.array([URGENCIES.index(e.urgency) for e in examples], dtype=np.int64)
    return category, urgency


def with_category(rows: "sp.csr_matrix", p_category: "Floats") -> "sp.csr_matrix":
    """The rows of the urgency head: the same features and what the category head thinks."""
    import scipy.sparse as sp

    return sp.hstack([rows, sp.csr_matrix(p_category * CATEGORY_WEIGHT)], format="csr")


def fit_head(
    rows: "sp.csr_matrix", truth: "Ints", groups: "Ints", labels: int
) -> "tuple[Head, Floats]":
    """The head, and for each row the probabilities of a head that saw no row of its group.

    The temperature is the one number fitted on those out-of-fold logits.
    """
    import numpy as np
    from scipy.optimize import minimize_scalar
    from sklearn.model_selection import StratifiedGroupKFold

    logits = np.zeros((len(truth), labels))
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for train, test in splitter.split(rows, truth, groups):
        logits[test] = _regression(rows[train], truth[train], labels).logits(rows[test])

    def loss(temperature: float) -> float:
        p = _softmax(logits / temperature)[np.arange(len(truth)), truth]
        return float(-np.log(p + 1e-12).mean())

    temperature = float(minimize_scalar(loss, bounds=(0.2, 5.0), method="bounded").x)
    head = replace(_regression(rows, truth, labels), temperature=temperature)
    return head, _softmax(logits / temperature)


def _regression(rows: "sp.csr_matrix", truth: "Ints", labels: int) -> Head:
    """A head over all labels; one that does not occur in `truth` gets no chance."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(
        C=INVERSE_REGULARISATION, max_iter=1000, class_weight="balanced", tol=1e-3
    ).fit(rows, truth)
    weights = np.zeros((labels, rows.shape[1]), dtype=np.float32)
    intercept = np.full(labels, NEVER, dtype=np.float32)
    weights[fitted.classes_] = fitted.coef_
    intercept[fitted.classes_] = fitted.intercept_
    return Head(weights, intercept)


def _softmax(logits: "Floats") -> "Floats":
    import numpy as np

    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return cast("Floats", raised / raised.sum(axis=1, keepdims=True))
