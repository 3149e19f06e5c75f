"""Tags for messages: `load().tag(texts)`, and `explain(text)` for *why these tags*."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.explain import Explanation, explain
from classifier.files import MODEL_FILE, MODEL_FOLDER, read_meta
from classifier.labels import Category, Urgency
from classifier.language import UNDECIDED, language
from classifier.text import fold, has_words

if TYPE_CHECKING:
    import scipy.sparse as sp

    from classifier.features import Features
    from classifier.heads import Floats, Head

NO_WORDS_CONFIDENCE = 0.25
BATCH = 512


class ModelMissing(Exception):
    """No model that can be used lies in the folder; the message names the command that helps."""

    def __init__(self, folder: Path, problem: str) -> None:
        super().__init__(f"{problem} in {folder}. Run `make setup` to build the classifier.")


@dataclass(frozen=True, slots=True)
class Tags:
    """Confidences are calibrated probabilities; `alternatives` are the next best, best first."""

    category: Category
    category_confidence: float
    urgency: Urgency
    urgency_confidence: float
    lang: str
    needs_review: bool
    alternatives: tuple[tuple[Category, float], ...]
    version: str


class Classifier:
    """A loaded model. It holds no state between calls and may be shared by threads."""

    def __init__(
        self, features: "Features", category: "Head", urgency: "Head", meta: dict[str, Any]
    ) -> None:
        self._features = features
        self._category = category
        self._urgency = urgency
        self._review_below: float = meta["review"]["category"]["threshold"]
        self.version: str = meta["hash"][:12]

    def tag(self, texts: Sequence[str]) -> list[Tags]:
        """One `Tags` per text, in order. Never raises on any text; long texts are shortened."""
        tags = [self._wordless() for _ in texts]
        worded = [i for i, text in enumerate(texts) if has_words(fold(text))]
        for start in range(0, len(worded), BATCH):
            batch = worded[start : start + BATCH]
            p_category, p_urgency = self._probabilities([texts[i] for i in batch])
            for i, categories, urgencies in zip(batch, p_category, p_urgency, strict=True):
                tags[i] = self._tags(texts[i], categories, urgencies)
        return tags

    def explain(self, text: str, n: int = 6) -> Explanation:
        """The `n` words that weighed most on the category, and the urgency cues that were seen."""
        return explain(text, n, self.category_probabilities)

    def category_probabilities(self, texts: Sequence[str]) -> "Floats":
        """(len(texts), 7) calibrated, in the order of `Category`."""
        return self._category.probabilities(self._rows(texts))

    def _probabilities(self, texts: Sequence[str]) -> "tuple[Floats, Floats]":
        from classifier.heads import with_category

        rows = self._rows(texts)
        p_category = self._category.probabilities(rows)
        return p_category, self._urgency.probabilities(with_category(rows, p_category))

    def _rows(self, texts: Sequence[str]) -> "sp.csr_matrix":
        from classifier.features import embeddings

        folded = [fold(text) for text in texts]
        return self._features.rows(folded, embeddings(folded))

    def _tags(self, text: str, p_category: "Floats", p_urgency: "Floats") -> Tags:
        ranked = sorted(zip(p_category.tolist(), Category, strict=True), reverse=True)
        confidence, category = ranked[0]
        sureness, urgency = max(zip(p_urgency.tolist(), Urgency, strict=True))
        if category is Category.SPAM:
            urgency, sureness = Urgency.LOW, confidence
        return Tags(
            category=category,
            category_confidence=round(confidence, 4),
            urgency=urgency,
            urgency_confidence=round(sureness, 4),
            lang=language(text),
            needs_review=confidence < self._review_below,
            alternatives=tuple((other, round(p, 4)) for p, other in ranked[1:3]),
            version=self.version,
        )

    def _wordless(self) -> Tags:
        return Tags(
            category=Category.GENERAL,
            category_confidence=NO_WORDS_CONFIDENCE,
            urgency=Urgency.LOW,
            urgency_confidence=NO_WORDS_CONFIDENCE,
            lang=UNDECIDED,
            needs_review=True,
            alternatives=(),
            version=self.version,
        )


def load(folder: Path | None = None) -> Classifier:
    """The model in `folder` (default: the shipped one); raises ModelMissing."""
    folder = folder or MODEL_FOLDER
    meta = read_meta(folder)
    try:
        stored = (folder / MODEL_FILE).read_bytes()
    except OSError:
        stored = b""
    if not meta or not stored:
        raise ModelMissing(folder, "There is no model")
    if hashlib.sha256(stored).hexdigest() != meta["sha256"]:
        raise ModelMissing(folder, "The model does not match its meta.json")
    return _restore(stored, meta)


def _restore(stored: bytes, meta: dict[str, Any]) -> Classifier:
    import numpy as np

    from classifier.features import Features
    from classifier.heads import Head

    with np.load(BytesIO(stored), allow_pickle=False) as arrays:
        category, urgency = (
            Head(
                arrays[f"{name}_weights"],
                arrays[f"{name}_intercept"],
                float(arrays[f"{name}_temperature"]),
            )
            for name in ("category", "urgency")
        )
        return Classifier(Features.from_arrays(arrays), category, urgency, meta)
