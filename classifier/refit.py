"""Learning from corrections: a full refit on corpus and corrections, and the gate before it serves.

    python -m classifier.refit --folder F --corrections FILE.jsonl

prints JSON lines `{"say": …}` and at last `{"gate": {…}}`, and writes the model to F. The gate
looks at two things, each message predicted as if its writer or customer had never been seen:
whether the corpus, which never changes, is still understood, and whether the last corrections would
now be tagged as people tagged them. Corrections come from agents alone, never from the model.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier import scores
from classifier.examples import CORPUS, Example, read
from classifier.files import MODEL_FOLDER
from classifier.fit import Fitted, Say, fit
from classifier.labels import OTHER_TOPIC, TOPICS, Category, Urgency
from classifier.language import language
from classifier.model import load, restored
from classifier.text import fold, has_words
from classifier.train import source_hash, write

if TYPE_CHECKING:
    from classifier.heads import Ints

HALF_LIFE: Final = timedelta(days=180)
NEWEST_WEIGHT: Final = 2.0
LEAST_WEIGHT: Final = 0.5
MOST_OF_A_CUSTOMER: Final = 5
MOST_ALIKE: Final = 3
ALIKE: Final = 0.9  # cosine
RECENT: Final = 200  # corrections that the gate looks at
ENOUGH_RECENT: Final = 20
MAY_LOSE: Final = 0.005  # of the macro-F1 on the corpus: two messages in a hundred are 0.02


@dataclass(frozen=True, slots=True)
class Correction:
    """What an agent said a message is. `customer` is any id that tells customers apart."""

    text: str
    category: Category
    urgency: Urgency
    at: datetime
    customer: str
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Macro-F1 of the category on `n` messages before and after; `low`…`high` holds the true
    difference with 95 % confidence."""

    n: int
    before: float
    after: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether the new model may serve, and why. `used` and `left_out` count corrections."""

    passed: bool
    reason: str
    frozen: Compared
    recent: Compared
    used: int
    left_out: int


def refit(
    folder: Path,
    corrections: Sequence[Correction],
    now: datetime,
    say: Say,
    corpus_folder: Path = CORPUS,
) -> Gate:
    """Writes the model to `folder`, whatever the gate says of it."""
    corpus = read(corpus_folder)
    kept = chosen(corrections)
    say(f"{len(kept)} of {len(corrections)} corrections are used")
    before = fit(corpus, lambda _: None)
    say("the corpus alone is done")
    learnt = _examples(kept, now)
    fitted = fit([*corpus, *learnt], say)
    gate = _judge(corpus, learnt, before, fitted, len(corrections) - len(kept))
    digest = hashlib.sha256(json.dumps([asdict(c) for c in kept], default=str).encode())
    more = {
        "hash": hashlib.sha256(f"{source_hash()} {digest.hexdigest()}".encode()).hexdigest(),
        "corrections": len(kept),
        "made_at": now.isoformat(),
        "gate": asdict(gate),
    }
    write(folder, fitted, more)
    return gate


def chosen(corrections: Sequence[Correction]) -> list[Correction]:
    """The corrections to learn from, newest first: none of empty texts, few of one customer, few
    that say the same. One person, or one wave of spam, is not to teach the whole inbox."""
    from classifier.features import embeddings

    newest = sorted(corrections, key=lambda c: c.at, reverse=True)
    of_customer: Counter[str] = Counter()
    first: list[Correction] = []
    for correction in newest:
        if (
            has_words(fold(correction.text))
            and of_customer[correction.customer] < MOST_OF_A_CUSTOMER
        ):
            of_customer[correction.customer] += 1
            first.append(correction)
    vectors = embeddings([fold(c.text) for c in first])
    kept: list[int] = []
    for i in range(len(first)):
        alike = int((vectors[kept] @ vectors[i] >= ALIKE).sum()) if kept else 0
        if alike < MOST_ALIKE:
            kept.append(i)
    return [first[i] for i in kept]


def _examples(corrections: Sequence[Correction], now: datetime) -> list[Example]:
    """As training examples. What agents do not correct (tone, mostly topic) is what the shipped
    model says. A customer's messages are one style."""
    tags = load(MODEL_FOLDER).tag([c.text for c in corrections])
    return [
        Example(
            text=c.text,
            category=c.category,
            urgency=Urgency.LOW if c.category is Category.SPAM else c.urgency,
            lang=language(c.text),
            topic=_topic(c, tag.topic if tag.category is c.category else None),
            tone=tag.tone,
            style=f"customer {c.customer}",
            weight=max(LEAST_WEIGHT, NEWEST_WEIGHT * 0.5 ** ((now - c.at) / HALF_LIFE)),
            private=True,
        )
        for c, tag in zip(corrections, tags, strict=True)
    ]


def _topic(correction: Correction, guessed: str | None) -> str:
    topic = correction.topic or guessed or OTHER_TOPIC
    return topic if topic in TOPICS[correction.category] else OTHER_TOPIC


def _judge(
    corpus: Sequence[Example], learnt: Sequence[Example], before: Fitted, after: Fitted, out: int
) -> Gate:
    from classifier.heads import label_numbers

    truth = label_numbers(corpus)["category"]
    frozen = _compared(truth, _said(before), _said(after)[: len(corpus)])
    last = learnt[:RECENT]
    known = label_numbers(last)["category"] if last else truth[:0]
    told = _told(before, last)
    recent = _compared(known, told, _said(after)[len(corpus) :][: len(last)])
    if frozen.after < frozen.before - MAY_LOSE:
        passed, reason = False, "It understands the corpus worse than without the corrections."
    elif recent.n >= ENOUGH_RECENT and recent.after < recent.before:
        passed, reason = False, "It would tag the last corrected messages worse than before."
    elif not learnt:
        passed, reason = False, "There is nothing new to learn from."
    else:
        passed, reason = True, "The corpus is understood as before, the last corrections no worse."
    return Gate(passed, reason, frozen, recent, len(learnt), out)


def _said(fitted: Fitted) -> "Ints":
    found: Ints = fitted.unseen["category"].argmax(axis=1)
    return found


def _told(before: Fitted, examples: Sequence[Example]) -> "Ints":
    """What the model of the corpus alone says of messages that it has not seen."""
    import numpy as np

    from classifier.heads import CATEGORIES

    if not examples:
        return np.zeros(0, dtype=np.int64)
    model = restored(before.arrays, {"sure": before.figures["sure"], "hash": "before"})
    tags = model.tag([e.text for e in examples])
    return np.array([CATEGORIES.index(tag.category) for tag in tags], dtype=np.int64)


def _compared(truth: "Ints", before: "Ints", after: "Ints") -> Compared:
    if not len(truth):
        return Compared(0, 0.0, 0.0, 0.0, 0.0)
    return Compared(
        len(truth),
        round(scores.macro_f1(truth, before), 4),
        round(scores.macro_f1(truth, after), 4),
        *scores.gain(truth, before, after),
    )


def read_corrections(path: Path) -> list[Correction]:
    """From a file of JSON lines; ValueError names a bad line."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row: dict[str, Any] = json.loads(line)
            found.append(
                Correction(
                    str(row["text"]),
                    Category(row["category"]),
                    Urgency(row["urgency"]),
                    datetime.fromisoformat(row["at"]),
                    str(row["customer"]),
                    row.get("topic"),
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path.name} line {number}: {error!r}") from error
    return found


def main(arguments: Sequence[str], now: Callable[[], datetime]) -> int:
    """The command above."""
    parser = argparse.ArgumentParser(prog="classifier.refit")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--corrections", type=Path, required=True)
    given = parser.parse_args(arguments)
    gate = refit(
        given.folder,
        read_corrections(given.corrections),
        now(),
        lambda said: print(json.dumps({"say": said}), flush=True),
    )
    print(json.dumps({"gate": asdict(gate)}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], lambda: datetime.now(UTC)))
