"""What wrong corrections cost: trainings with poisoned ones, through the product's own gate.

    python -m benchmarks.poisoned [--parts 3] [--draw 0] [--only MANNER] [--accepted]

The corpus is split by whole writers: messages to train on, which are the gate's fixed set too (each
predicted unseen), messages that agents correct, and messages that only measure. Careful agents put
right what the model got wrong; then some tags are poisoned, as many as 1, 5 and 10 % of the careful
ones or of the messages trained on, while the model of the careful ones serves. Each training goes
through `classifier.refit`. *Honest* are as many careful ones more: nothing to refuse. What is
*lost* is told in points beside the training on the careful ones alone (of these, beside the model
of the corpus alone), with the 95 % interval that the measured messages allow; recall has none. The
law (BROKEN where it is) holds for the macro-F1 of category and urgency.

`--accepted` is as if a lead had accepted every tag: none is held back and no agent left out, so
that the gate alone decides.
"""

import argparse
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from classifier import scores
from classifier.examples import Example, read
from classifier.features import encoder
from classifier.heads import CATEGORIES, URGENCIES, label_numbers
from classifier.labels import Category, Urgency
from classifier.model import load
from classifier.refit import Correction, refit
from classifier.train import train

NOW: Final = datetime(2026, 11, 20, tzinfo=UTC)
AGENTS: Final = 8
CAREFUL: Final = 280  # corrections, four in five of what the model got wrong
PERCENT: Final = (1, 5, 10)
POISON: Final = 100_000  # poisoned corrections are numbered from here
LAW: Final = 2.0
"""Points that a training may lose, or be refused."""
OPENINGS: Final = ("hi", "hello there", "hey team", "good evening", "ok so", "listen", "sorry but")
ENDINGS: Final = ("thanks", "please", "asap", "today", "from Lisbon", "again", "help", "??", "!!")

Wrong = Callable[[Sequence[Example], int, random.Random], list[Correction]]


def split(examples: Sequence[Example], parts: int, rng: random.Random) -> list[list[Example]]:
    """Messages to train on, to correct, to measure: 1/parts each of the last two, in each language.
    Nobody's messages are in two of them."""
    of_writer: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for e in examples:
        of_writer[e.lang, e.writer].append(e)
    found: list[list[Example]] = [[], [], []]
    for lang in sorted({e.lang for e in examples}):
        wanted = np.array([parts - 2, 1, 1], dtype=float)
        taken = np.zeros(3)
        writers = [messages for (code, _), messages in of_writer.items() if code == lang]
        rng.shuffle(writers)
        for messages in sorted(writers, key=len, reverse=True):
            part = int((taken / wanted).argmin())
            taken[part] += len(messages)
            found[part] += messages
    return found


def given(
    e: Example, n: int, rng: random.Random, category: Category, urgency: Urgency
) -> Correction:
    """The n-th correction: of a customer of its own, by one of the agents."""
    at = NOW - timedelta(days=rng.randrange(60))
    agent = f"agent {rng.randrange(AGENTS)}"
    return Correction(e.text, category, urgency, at, f"customer {n}", agent=agent, id=str(n))


def careful(pool: Sequence[Example], tags: Sequence[Any], rng: random.Random) -> list[Correction]:
    """What agents put right, and some tags that they confirmed."""
    right: list[Example] = []
    wrong: list[Example] = []
    for e, tag in zip(pool, tags, strict=True):
        (right if (tag.category, tag.urgency) == (e.category, e.urgency) else wrong).append(e)
    some = [*rng.sample(wrong, CAREFUL * 4 // 5), *rng.sample(right, CAREFUL // 5)]
    rng.shuffle(some)
    return [given(e, n, rng, e.category, e.urgency) for n, e in enumerate(some)]


def at_random(pool: Sequence[Example], n: int, rng: random.Random) -> list[Correction]:
    found = []
    for number, e in enumerate(rng.sample(pool, n)):
        category = rng.choice([c for c in Category if c is not e.category])
        found.append(given(e, POISON + number, rng, category, rng.choice(URGENCIES)))
    return found


def security_as(category: Category) -> Wrong:
    def wrong(pool: Sequence[Example], n: int, rng: random.Random) -> list[Correction]:
        some = [e for e in pool if e.category is Category.SECURITY]
        return [
            given(e, POISON + number, rng, category, Urgency.LOW)
            for number, e in enumerate(rng.sample(some, min(n, len(some))))
        ]

    return wrong


def critical_as_low(pool: Sequence[Example], n: int, rng: random.Random) -> list[Correction]:
    """Right categories: only a gate that looks at the urgency sees anything."""
    some = [e for e in pool if e.urgency is Urgency.CRITICAL]
    return [
        given(e, POISON + number, rng, e.category, Urgency.LOW)
        for number, e in enumerate(rng.sample(some, min(n, len(some))))
    ]


def of_one_customer(pool: Sequence[Example], n: int, rng: random.Random) -> list[Correction]:
    return [replace(c, customer="one") for c in security_as(Category.SPAM)(pool, n, rng)]


def by_one_agent(pool: Sequence[Example], n: int, rng: random.Random) -> list[Correction]:
    return [replace(c, agent="one") for c in at_random(pool, n, rng)]


def nearly_alike(pool: Sequence[Example], n: int, rng: random.Random) -> list[Correction]:
    """Five messages in many wordings, each of another customer."""
    some = security_as(Category.SPAM)(pool, 5, rng)
    return [
        replace(
            some[number % 5],
            text=f"{rng.choice(OPENINGS)} {some[number % 5].text} {rng.choice(ENDINGS)}",
            customer=f"customer {POISON + number}",
        )
        for number in range(n)
    ]


def honest(pool: Sequence[Example], n: int, rng: random.Random) -> list[Correction]:
    """No poison: agents go on putting right what they see."""
    some = enumerate(rng.sample(pool, n), start=POISON)
    return [given(e, number, rng, e.category, e.urgency) for number, e in some]


MANNERS: Final[dict[str, Wrong]] = {
    "at random": at_random,
    "honest": honest,
    "security as spam": security_as(Category.SPAM),
    "security as account": security_as(Category.ACCOUNT),
    "critical as low": critical_as_low,
    "by one agent": by_one_agent,
    "of one customer": of_one_customer,
    "nearly alike": nearly_alike,
}


@dataclass(frozen=True)
class Measure:
    """Messages that nothing is learnt from; `told` are label numbers for each kind."""

    examples: Sequence[Example]

    def told(self, folder: Path) -> dict[str, Any]:
        tags = load(folder).tag([e.text for e in self.examples])
        return {
            "category": np.array([CATEGORIES.index(tag.category) for tag in tags]),
            "urgency": np.array([URGENCIES.index(tag.urgency) for tag in tags]),
        }

    def change(self, before: dict[str, Any], after: dict[str, Any]) -> tuple[str, bool]:
        """In words, and whether the law holds."""
        words, holds = [], True
        for kind, truth in label_numbers(self.examples).items():
            if kind not in before:
                continue
            points = scores.macro_f1(truth, after[kind]) - scores.macro_f1(truth, before[kind])
            low, high = scores.gain(truth, before[kind], after[kind])
            words.append(f"{100 * points:+5.1f} ({100 * low:+5.1f} to {100 * high:+5.1f})")
            holds &= 100 * points >= -LAW
        for kind, label in (("category", CATEGORIES.index(Category.SECURITY)), ("urgency", 3)):
            these = label_numbers(self.examples)[kind] == label
            caught = [(said[kind][these] == label).mean() for said in (before, after)]
            words.append(f"{100 * (caught[1] - caught[0]):+5.1f}")
        return " | ".join(words), holds


@dataclass
class Bench:
    """A corpus in a folder, and the model of it alone."""

    place: Path
    measure: Measure
    accepted: bool = False

    @property
    def shipped(self) -> Path:
        return self.place / "shipped"

    def ship(self, known: Sequence[Example]) -> None:
        corpus = self.place / "corpus"
        corpus.mkdir()
        for e in known:
            row = {"text": e.text, "category": e.category, "urgency": e.urgency, "topic": e.topic}
            row |= {"tone": e.tone, "style": e.style}
            with (corpus / f"{e.lang}.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        train(self.shipped, corpus, lambda _: None)

    def learn(
        self, name: str, corrections: Sequence[Correction], serving: Path | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """The gate's verdict, and what the model says of the measured messages."""
        folder = self.place / name
        where: dict[str, Any] = {"corpus": self.place / "corpus", "shipped": self.shipped}
        where["serving"] = serving
        corrections = [replace(c, accepted=self.accepted) for c in corrections]
        gate = refit(folder, corrections, NOW, lambda _: None, **where)
        return gate, self.measure.told(folder)


def remember_embeddings() -> None:
    """A text is embedded once for all trainings: the same numbers, in a quarter of the time."""
    plain = encoder().encode
    known: dict[str, Any] = {}

    def encode(texts: Sequence[str]) -> Any:
        new = sorted({text for text in texts if text not in known})
        if new:
            known.update(zip(new, plain(new), strict=True))
        return np.stack([known[text] for text in texts])

    encoder().encode = encode  # type: ignore[method-assign]  # remembers, here alone


def main(parts: int, draw: int, only: str | None, accepted: bool) -> None:
    remember_embeddings()
    rng = random.Random(draw)
    known, pool, measured = split(read(), parts, rng)
    print(f"{len(known)} messages to train on, {len(pool)} to correct, {len(measured)} to measure")
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(Path(place), Measure(measured), accepted)
        bench.ship(known)
        before = bench.measure.told(bench.shipped)
        right = careful(pool, load(bench.shipped).tag([e.text for e in pool]), rng)
        head = "category, macro-F1 | urgency, macro-F1 | security, recall | critical, recall"
        print(f"corrections | poisoned | gate | used | held back, of these poisoned | {head}")
        gate, clean = bench.learn("careful", right)
        tell(f"{len(right)} careful", 0, gate, bench.measure.change(before, clean)[0])
        taught = {c.text for c in right}
        rest = [e for e in pool if e.text not in taught]
        for name, wrong in MANNERS.items():
            if only is None or name.startswith(only):
                sizes = {round(s * p / 100) for s in (len(right), len(known)) for p in PERCENT}
                for n in sorted(sizes):
                    more = wrong(rest, n, rng)
                    gate, after = bench.learn("more", [*right, *more], bench.place / "careful")
                    change, holds = bench.measure.change(clean, after)
                    tell(name, n, gate, change, holds or not gate.passed)


def tell(name: str, poisoned: int, gate: Any, change: str, holds: bool = True) -> None:
    said = "passed" if gate.passed else "refused"
    broken = "" if holds else " | BROKEN"
    held = f"{len(gate.held):>3}, {sum(int(id_) >= POISON for id_ in gate.held):>3}"
    row = (f"{name:<19}", f"{poisoned:>3}", f"{said:<7}", f"{gate.used:>3}", held, change + broken)
    print(" | ".join(row), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--parts", type=int, default=3)
    parser.add_argument("--draw", type=int, default=0)
    parser.add_argument("--only")
    parser.add_argument("--accepted", action="store_true")
    chosen = parser.parse_args()
    main(chosen.parts, chosen.draw, chosen.only, chosen.accepted)
    print(f"{time.process_time():.0f} s of the processor")
