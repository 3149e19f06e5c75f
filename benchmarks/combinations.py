"""Which combination of features and learners understands an unseen writer best (ADR 29).

    python -m benchmarks.combinations

Macro-F1 of the category over the corpus, in the rounds of `classifier.fit`: all of a writer, and
what says nearly the same, is held out together. About three minutes on one core.
"""

import re
import time
import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from classifier import heads
from classifier.examples import read
from classifier.features import Terms, embeddings
from classifier.fit import rounds
from classifier.scores import macro_f1
from classifier.text import fold

Learner = Callable[[], Any]


def regression() -> LogisticRegression:
    return LogisticRegression(C=6, class_weight="balanced", max_iter=600, tol=1e-3)


def machine() -> SVC:
    """The same Gaussian as the voice of the meaning has."""
    return SVC(C=3, gamma=heads.NARROWNESS, class_weight="balanced")


def network() -> MLPClassifier:
    return MLPClassifier((256,), alpha=1e-2, early_stopping=True, random_state=0)


ARABIC = str.maketrans("أإآٱىئؤة", "اااايويه")
ARABIC_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670]")
DRAWN_OUT = re.compile(r"(.)\1{2,}")


def spelling_folded(text: str) -> str:
    """Without the accents of Latin letters, and with Arabic spelt in one way."""
    text = DRAWN_OUT.sub(r"\1", ARABIC_MARKS.sub("", text).translate(ARABIC))
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", text))


def main() -> None:
    examples = read()
    folded = [fold(e.text) for e in examples]
    truths = heads.label_numbers(examples)
    truth, weights = truths["category"], np.ones(len(examples))
    vectors = embeddings(folded)
    held = rounds(truths, vectors, [e.writer for e in examples])
    rows = Terms.fit(folded).rows(folded)
    wanted = heads.targets(truths)[:, heads.PLACES["category"]]

    def scored(learner: Learner, columns: Any) -> Any:
        found = np.zeros((len(truth), len(heads.CATEGORIES)))
        for measured, out in held:
            seen = np.setdiff1d(np.arange(len(truth)), out)
            model = learner().fit(columns[seen], truth[seen])
            say = getattr(model, "decision_function", None) or model.predict_log_proba
            found[measured] = say(columns[measured])
        return found

    def heard(*voices: Any) -> Any:
        columns = np.hstack(voices)
        return heads.cross_fit(columns, truth, len(heads.CATEGORIES), weights, held)

    def tell(name: str, found: Any) -> Any:
        print(f"{name:<62} {macro_f1(truth, found.argmax(axis=1)):.3f}", flush=True)
        return found

    terms = heads.ridge(heads.term_kernel(rows), wanted, heads.TERM_RIDGE, weights, held)[1]
    close = heads.likeness(vectors, vectors)
    meaning = heads.ridge(close, wanted, heads.MEANING_RIDGE, weights, held)[1]
    tell("terms: kernel ridge", terms)
    by_terms = tell("terms: logistic regression", scored(regression, rows))
    tell("embeddings: logistic regression", scored(regression, vectors * 3))
    tell("embeddings: kernel ridge", meaning)
    machines = tell("embeddings: support vectors", scored(machine, vectors))
    nets = tell("embeddings: neural network", scored(network, vectors * 20))
    kernel = Nystroem(gamma=heads.NARROWNESS, n_components=800, random_state=0)
    both = hstack([csr_matrix(kernel.fit_transform(vectors) * 3), rows * 0.7], format="csr")
    tell("one logistic regression over both", scored(regression, both))
    tell("two ridges, scores added", terms + meaning)
    tell("support vectors and terms, heard by a head", heard(by_terms, machines))
    tell("neural network and terms, heard by a head", heard(by_terms, nets))
    tell("two ridges, heard by a head (shipped)", heard(terms, meaning))
    twice = [spelling_folded(text) for text in folded]
    kernels = heads.term_kernel(rows) + heads.term_kernel(Terms.fit(twice).rows(twice))
    both_spellings = heads.ridge(kernels / 2, wanted, heads.TERM_RIDGE, weights, held)[1]
    tell("the same, terms with and without folded spelling", heard(both_spellings, meaning))


if __name__ == "__main__":
    began = time.perf_counter()
    with threadpool_limits(1, user_api="blas"):
        main()
    print(f"{time.perf_counter() - began:.0f} s")
