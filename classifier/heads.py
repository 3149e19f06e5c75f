"""From numbers to calibrated labels: two voices speak, and a head listens to both.

The voice of the terms and the voice of the meaning are kernel ridge regressions: a linear kernel
over term rows, a Gaussian one over sentence embeddings. Both are fitted in closed form, so that the
scores of each message as if its group had never been seen come exact from one inversion. On these
scores the heads, plain logistic regressions, learn whom to believe and how sure to be. A second set
of heads hears the terms alone, for when there is no encoder.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from classifier.examples import Example
from classifier.labels import TOPICS, Category, Tone, Urgency

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import scipy.sparse as sp

    Floats = npt.NDArray[np.floating[Any]]
    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]
    Held = Sequence[tuple[Ints, Ints]]
    """Rounds of cross-validation: (rows measured, rows that are not learnt from meanwhile)."""

CATEGORIES = tuple(Category)
URGENCIES = tuple(Urgency)
TONES = tuple(Tone)
TOPIC_NAMES = tuple((category, topic) for category in Category for topic in TOPICS[category])
KINDS = {"category": CATEGORIES, "urgency": URGENCIES, "tone": TONES, "topic": TOPIC_NAMES}
# Where each kind of label stands in a voice's scores.
PLACES: dict[str, slice] = {}
for _kind, _labels in KINDS.items():
    _at = max((place.stop for place in PLACES.values()), default=0)
    PLACES[_kind] = slice(_at, _at + len(_labels))

# Chosen by cross-validation over whole writers (docs/model-card.md).
NARROWNESS = 1.2  # of the Gaussian: exp(-NARROWNESS · squared distance)
MEANING_RIDGE = 0.05
TERM_RIDGE = 0.1
HEARD = ("category", "urgency", "tone")  # kinds with a head; a topic is the best of its category


@dataclass(frozen=True, slots=True)
class Head:
    """A logistic regression over the voices' scores: `weights` (labels, inputs), `intercept`."""

    weights: "Floats"
    intercept: "Floats"

    def logits(self, heard: "Floats") -> "Floats":
        return cast("Floats", heard @ self.weights.T + self.intercept)

    def probabilities(self, heard: "Floats") -> "Floats":
        """(rows, labels)."""
        return _softmax(self.logits(heard))


def label_numbers(examples: Sequence[Example]) -> "dict[str, Ints]":
    """For each kind, the label of each example as a position in `KINDS`."""
    import numpy as np

    rows = [(e.category, e.urgency, e.tone, (e.category, e.topic)) for e in examples]
    return {
        kind: np.array([KINDS[kind].index(row[at]) for row in rows], dtype=np.int64)
        for at, kind in enumerate(KINDS)
    }


def targets(truths: "dict[str, Ints]") -> "Floats":
    """(examples, all labels): 1 for the label of each kind, else 0, around a mean of zero."""
    import numpy as np

    return np.hstack(
        [np.eye(len(KINDS[kind]))[truths[kind]] - 1 / len(KINDS[kind]) for kind in KINDS]
    )


def likeness(vectors: "Floats", others: "Floats") -> "Floats":
    """(rows, others): the Gaussian of the distance of embeddings of length 1."""
    import numpy as np

    close = vectors @ others.T
    close -= 1
    close *= NARROWNESS * 2
    return cast("Floats", np.exp(close, out=close))


def cosine(close: "Floats") -> "Floats":
    """The inverse of `likeness`."""
    import numpy as np

    return cast("Floats", 1 + np.log(close) / (2 * NARROWNESS))


def best_topics(of_meaning: "Floats", categories: "Ints") -> "Ints":
    """(rows,) positions in `TOPIC_NAMES` of the topic of each row's category that the voice
    prefers."""
    import numpy as np

    whose = np.array([CATEGORIES.index(category) for category, _ in TOPIC_NAMES])
    of_topics = np.where(whose == categories[:, None], of_meaning[:, PLACES["topic"]], -np.inf)
    return cast("Ints", of_topics.argmax(axis=1))


def urgencies(
    p_category: "Floats", p: "Floats", raised: "Bools", critical_from: float, high_from: float
) -> "Ints":
    """(rows,) positions in `URGENCIES`. What cues have `raised` is critical; what is taken for spam
    is low whatever they say."""
    import numpy as np

    calm = p[:, :2].argmax(axis=1)
    found = np.where(p[:, 2] + p[:, 3] >= high_from, 2, calm)
    found = np.where(raised | (p[:, 3] >= critical_from), 3, found)
    spam = p_category.argmax(axis=1) == CATEGORIES.index(Category.SPAM)
    return cast("Ints", np.where(spam, 0, found))


def term_kernel(rows: "sp.csr_matrix") -> "Floats":
    """(rows, rows)."""
    return cast("Floats", (rows @ rows.T).toarray().astype("float32"))


def ridge(
    kernel: "Floats", wanted: "Floats", strength: float, weights: "Floats", held: "Held"
) -> "tuple[Floats, Floats]":
    """(dual weights, scores of each row as if what its round holds out had never been seen).

    With C = (K + strength / weight)⁻¹, the residual of rows held out together is
    C[held, held]⁻¹ · (C·Y)[held]: no round is fitted anew.
    """
    import numpy as np

    inverse = _inverse(kernel, strength / weights)
    dual = inverse @ wanted
    unseen = np.zeros_like(wanted)
    for measured, out in held:
        residual = np.linalg.solve(inverse[np.ix_(out, out)], dual[out])
        unseen[measured] = (wanted[out] - residual)[np.isin(out, measured)]
    return dual, unseen


def _inverse(kernel: "Floats", diagonal: "Floats") -> "Floats":
    """(kernel + diagonal)⁻¹ of a positive kernel, by Cholesky: half the work of a plain one. Single
    precision halves it again and moves no score by more than 0.0001."""
    import numpy as np
    from scipy.linalg.lapack import get_lapack_funcs

    regular = np.array(kernel, order="F")
    regular[np.diag_indices_from(regular)] += diagonal
    factorise, invert = get_lapack_funcs(("potrf", "potri"), (regular,))
    factor, failed = factorise(regular, lower=1, overwrite_a=1)
    lower, failed_too = invert(factor, lower=1, overwrite_c=1)
    if failed or failed_too:
        raise ArithmeticError("The kernel is not positive: a message or a weight is no number.")
    whole = lower + lower.T  # above the diagonal `lower` is zero, as `factorise` left it
    whole[np.diag_indices_from(whole)] /= 2
    return cast("Floats", whole)


def fit_head(heard: "Floats", truth: "Ints", labels: int, weights: "Floats") -> Head:
    """A head over all labels; one that does not occur in `truth` gets no chance."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    scale = heard.std(axis=0) + 1e-9
    fitted = LogisticRegression(max_iter=1000).fit(heard / scale, truth, sample_weight=weights)
    head = Head(
        np.zeros((labels, heard.shape[1]), dtype=np.float32),
        np.full(labels, -50.0, dtype=np.float32),
    )
    head.weights[fitted.classes_] = fitted.coef_ / scale
    head.intercept[fitted.classes_] = fitted.intercept_
    return head


def cross_fit(
    heard: "Floats", truth: "Ints", labels: int, weights: "Floats", held: "Held"
) -> "Floats":
    """(rows, labels): for each row the probabilities of a head that saw none of its round."""
    import numpy as np

    unseen = np.zeros((len(truth), labels))
    for measured, out in held:
        seen = np.setdiff1d(np.arange(len(truth)), out)
        head = fit_head(heard[seen], truth[seen], labels, weights[seen])
        unseen[measured] = head.probabilities(heard[measured])
    return unseen


def heard_by(kind: str, scores: "Sequence[Floats]", p_category: "Floats | None") -> "Floats":
    """What a head hears: the voices' scores of its kind; for urgency, the category's odds too."""
    import numpy as np

    parts = [voice[:, PLACES[kind]] for voice in scores]
    if kind == "urgency" and p_category is not None:
        parts.append(p_category)
    return np.hstack(parts)


def _softmax(logits: "Floats") -> "Floats":
    import numpy as np

    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return cast("Floats", raised / raised.sum(axis=1, keepdims=True))
