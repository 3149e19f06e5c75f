"""Learning from corrections: a full refit on corpus and corrections, and the gate before it serves.

    python -m classifier.refit --folder F --corrections FILE.jsonl

prints JSON lines `{"say": …}` and at last `{"gate": {…}}`, and writes the model to F. The gate
looks at two things, each message predicted as if its writer or customer had never been seen:
whether the corpus, which never changes, is still understood (category, urgency, and how much is
found of what must not be missed), and whether the last corrections would now be tagged as people
tagged them. It compares with the model of the corpus alone and, on the corpus, with the version
that serves (`--serving`), too: else wrong tags could eat unseen what earlier corrections had
gained. Corrections come from agents alone, never from the model.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier import scores
from classifier.examples import CORPUS, Example, read
from classifier.files import MODEL_FILE, MODEL_FOLDER, read_meta
from classifier.fit import Say, fit
from classifier.gate import ENOUGH_RECENT, NOTHING, Compared, Gate
from classifier.heads import CATEGORIES, URGENCIES, label_numbers
from classifier.labels import OTHER_TOPIC, TOPICS, Category, Urgency
from classifier.model import Classifier, ModelMissing, Tags, load
from classifier.text import fold, has_words, word
from classifier.train import corpus_hash, source_hash, write

if TYPE_CHECKING:
    from classifier.heads import Floats, Ints

HALF_LIFE: Final = timedelta(days=180)
NEWEST_WEIGHT: Final = 2.0
LEAST_WEIGHT: Final = 0.5
MOST_OF_A_CUSTOMER: Final = 5
MOST_ALIKE: Final = 3
ALIKE: Final = 0.9  # cosine
KINDS: Final = ("category", "urgency")  # what the gate looks at
UNSEEN: Final = ("category_unseen", "urgency_unseen", "category_certain")
"""What a model's file tells of each message that it learnt from, unseen; its corpus comes first."""
RECENT: Final = 200  # corrections that the gate looks at
# Of the macro-F1 on the corpus: what does not matter though it is sure, and what must be ruled out
# (the interval ends above it). Of fewer corrections than prove anything, what matters is too much.
# The last corrections are always few: a loss must be sure.
NO_MATTER: Final = 0.005
TOO_MUCH: Final = 0.02
MISSED: Final = 0.03
"""Of security or critical messages on the corpus: so much less found, and surely less, is too much.
Other labels pay with the macro-F1; poison aimed at one of these hides in it."""
LESS_CERTAIN: Final = 0.03
"""So much less chance for the right category on the corpus, on average and surely. Tags put at
random take it from nearly every message, long before the labels that come out change: 152 beside
280 careful ones took 6.6 points, and as many careful ones gave 0.8."""
FIRST_GUESSES: Final = 2
LEAST_GUESSED: Final = 1 / 3
"""Where careful people put right what the model got wrong, its second guess is mostly theirs; two
of seven categories put at random are. An agent who stays below is not learnt from; fewer than
ENOUGH_OF_AN_AGENT tags prove nothing, so all who gave fewer are taken together."""
ENOUGH_OF_AN_AGENT: Final = 20
CONTRADICTED: Final = 0.03
"""A tag with less chance waits for a lead: of tags that are right where the model was wrong, about
one in nine; of wrong ones three in four, of those aimed at one label nine in ten (ADR 30)."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What an agent said a message is. `customer` and `agent` tell people apart, by any name; `id`
    names it in the verdict. `accepted`: a lead gave it, or has looked at it."""

    text: str
    category: Category
    urgency: Urgency
    at: datetime
    customer: str
    topic: str | None = None
    agent: str = ""
    id: str = ""
    accepted: bool = False


def refit(
    folder: Path,
    corrections: Sequence[Correction],
    now: datetime,
    say: Say,
    *,
    corpus: Path = CORPUS,
    shipped: Path = MODEL_FOLDER,
    serving: Path | None = None,
) -> Gate:
    """Writes the model to `folder`, whatever the gate says of it. `shipped` is the model of the
    corpus alone, which it is compared with, and `serving` a version that `refit` made. Raises
    ModelMissing where the shipped one is missing or older than the corpus."""
    known, model = read(corpus), load(shipped)
    before = _unseen(shipped)
    if len(before.get("category_certain", ())) != len(known):
        raise ModelMissing(shipped, "The model is older than the corpus")
    kept, held = trusted(chosen(corrections), model, say)
    using = word("{used} of {given} corrections are used")
    say(using.format(used=len(kept), given=len(corrections)))
    tags = model.tag([c.text for c in kept])
    learnt = [_example(c, tag, now) for c, tag in zip(kept, tags, strict=True)]
    fitted = fit([*known, *learnt], say)
    on_corpus = _on_corpus(known, before, fitted.arrays)
    beside: tuple[Compared, ...] = ()
    if serving and (read_meta(serving) or {}).get("corpus") == corpus_hash(corpus):
        beside = _on_corpus(known, _unseen(serving), fitted.arrays)
    new = fitted.arrays["category_unseen"][len(known) :]
    recent = _recent(learnt[:RECENT], tags[:RECENT], new[:RECENT])
    gate = Gate(
        *verdict(on_corpus[0], recent, *on_corpus[1:], serving=beside),
        on_corpus[0], recent, len(kept), len(corrections) - len(kept),
        *on_corpus[1:], tuple(c.id for c in held), beside,
    )  # fmt: skip
    digest = hashlib.sha256(json.dumps([asdict(c) for c in kept], default=str).encode())
    more = {
        "hash": hashlib.sha256(f"{source_hash()} {digest.hexdigest()}".encode()).hexdigest(),
        "corpus": corpus_hash(corpus),
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


def trusted(
    corrections: Sequence[Correction], shipped: Classifier, say: Say
) -> tuple[list[Correction], list[Correction]]:
    """(those to learn from, those held back until a lead has looked), both in order.

    The shipped model judges, which has learnt of none of them: a new one would have learnt from
    the very tags that it is asked about, and finds a hundred that are wrong alike quite likely.
    """
    if not corrections:
        return [], []
    chances = shipped.chances([c.text for c in corrections])
    judged = [n for n, c in enumerate(corrections) if not c.accepted]
    doubted = doubtful([corrections[n] for n in judged], chances["category"][judged])
    if doubted:
        left_out = word("The tags of {agent} are left out: they are like tags put at random")
        say(left_out.format(agent=", ".join(doubted)))
    kept: list[Correction] = []
    held: list[Correction] = []
    for n, c in enumerate(corrections):
        if c.accepted:
            kept.append(c)
        elif c.agent not in doubted:
            category = chances["category"][n, CATEGORIES.index(c.category)]
            urgency = chances["urgency"][n, URGENCIES.index(c.urgency)]
            (held if min(category, urgency) < CONTRADICTED else kept).append(c)
    if held:
        say(word("{n} corrections wait for a lead’s look").format(n=len(held)))
    return kept, held


def doubtful(corrections: Sequence[Correction], chances: "Floats") -> list[str]:
    """The agents whose tags look put at random. `chances`: (corrections, categories), those of a
    model that has learnt of none of them."""
    import numpy as np

    of_agent: dict[str, list[bool]] = {}
    for correction, chance in zip(corrections, chances, strict=True):
        guesses = np.argsort(chance)[-FIRST_GUESSES:]
        guessed = bool(np.isin(CATEGORIES.index(correction.category), guesses))
        of_agent.setdefault(correction.agent, []).append(guessed)
    few = [agent for agent, guessed in of_agent.items() if len(guessed) < ENOUGH_OF_AN_AGENT]
    doubted = [agent for agent in of_agent if agent not in few and _random(of_agent[agent])]
    if _random([guess for agent in few for guess in of_agent[agent]]):
        doubted += few
    return sorted(doubted)


def _random(guessed: Sequence[bool]) -> bool:
    return len(guessed) >= ENOUGH_OF_AN_AGENT and sum(guessed) < LEAST_GUESSED * len(guessed)


def _example(correction: Correction, tag: Tags, now: datetime) -> Example:
    """For training. What agents do not correct (tone, mostly topic) is what the shipped model says.
    A customer's messages are one style."""
    c = correction
    topic = c.topic or (tag.topic if tag.category is c.category else None)
    return Example(
        text=c.text,
        category=c.category,
        urgency=Urgency.LOW if c.category is Category.SPAM else c.urgency,
        lang=tag.lang,
        topic=topic if topic in TOPICS[c.category] else OTHER_TOPIC,
        tone=tag.tone,
        style=f"customer {c.customer}",
        weight=max(LEAST_WEIGHT, NEWEST_WEIGHT * 0.5 ** ((now - c.at) / HALF_LIFE)),
        private=True,
    )


def verdict(
    frozen: Compared,
    recent: Compared,
    urgency: Compared = NOTHING,
    security: Compared = NOTHING,
    critical: Compared = NOTHING,
    certain: Compared = NOTHING,
    *,
    serving: Sequence[Compared] = (),
) -> tuple[bool, str]:
    """Whether it may serve, and why. Both models read the same messages, so that they are compared
    message by message; `serving` as in `Gate`."""
    if not recent.n:
        return False, word("There is nothing new to learn from.")
    enough = recent.n >= ENOUGH_RECENT
    if _loses(frozen, enough):
        return False, word("It understands the corpus worse than without the corrections.")
    if _loses(urgency, enough):
        return False, word("It judges the urgency worse than without the corrections.")
    if _misses(security) or _misses(critical):
        return False, word("It misses more of what is critical or about security than before.")
    if certain.high < -LESS_CERTAIN:
        return False, word("It is less sure of what is right on the corpus than before.")
    if serving and _much_worse(*serving):
        return False, word("On the corpus it is worse than the version that serves.")
    if enough and recent.surely_worse:
        return False, word("It would tag the last corrected messages worse than before.")
    return True, word("The corpus is understood as before, the last corrections no worse.")


def _loses(on_corpus: Compared, enough: bool) -> bool:
    """A loss that is sure and matters, or one of too much that cannot be ruled out."""
    if not enough and on_corpus.change < -NO_MATTER:
        return True
    surely = on_corpus.surely_worse and on_corpus.change < -NO_MATTER
    return surely or on_corpus.low < -TOO_MUCH


def _much_worse(
    category: Compared, urgency: Compared, security: Compared, critical: Compared, certain: Compared
) -> bool:
    """Than the version that serves: it passed, so chance was kind to it, and honest corrections
    lose some of that."""
    lost = any(one.surely_worse and one.change < -TOO_MUCH for one in (category, urgency))
    return lost or _misses(security) or _misses(critical) or certain.high < -LESS_CERTAIN


def _misses(found: Compared) -> bool:
    return found.surely_worse and found.change < -MISSED


def _unseen(folder: Path) -> dict[str, Any]:
    """The arrays named in `UNSEEN` that the model in `folder` has."""
    import numpy as np

    with np.load(folder / MODEL_FILE, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in UNSEEN if name in arrays}


def _on_corpus(
    known: Sequence[Example], before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[Compared, Compared, Compared, Compared, Compared]:
    """Category and urgency by macro-F1; how much is found of security and of critical; the chance
    of the right category. What follows the corpus in `before` and `after` is left out."""
    truth, n = label_numbers(known), len(known)
    said, says = ([of[name][:n] for name in UNSEEN] for of in (before, after))
    category, urgency = ((truth[kind], said[i], says[i]) for i, kind in enumerate(KINDS))
    return (
        _compared(*category),
        _compared(*urgency),
        _found(*category, CATEGORIES.index(Category.SECURITY)),
        _found(*urgency, URGENCIES.index(Urgency.CRITICAL)),
        _certain(said[2], says[2]),
    )


def _recent(learnt: Sequence[Example], tags: Sequence[Tags], after: "Ints") -> Compared:
    import numpy as np

    if not learnt:
        return NOTHING
    before = np.array([CATEGORIES.index(tag.category) for tag in tags], dtype=np.int64)
    return _compared(label_numbers(learnt)["category"], before, after)


def _compared(truth: "Ints", before: "Ints", after: "Ints") -> Compared:
    """By macro-F1."""
    return Compared(
        len(truth),
        round(scores.macro_f1(truth, before), 4),
        round(scores.macro_f1(truth, after), 4),
        *scores.gain(truth, before, after),
        int(((after == truth) & (before != truth)).sum()),
        int(((before == truth) & (after != truth)).sum()),
    )


def _found(truth: "Ints", before: "Ints", after: "Ints", label: int) -> Compared:
    """By how much of one label is found."""
    these = truth == label
    had, has = before[these] == label, after[these] == label
    if not len(had):
        return NOTHING
    gained, lost, n = int((has & ~had).sum()), int((had & ~has).sum()), len(had)
    change = (gained - lost) / n
    spread = 1.96 * ((gained + lost) / n - change**2) ** 0.5 / n**0.5
    return Compared(
        n, round(had.mean(), 4), round(has.mean(), 4),
        round(change - spread, 4), round(change + spread, 4), gained, lost,
    )  # fmt: skip


def _certain(before: "Floats", after: "Floats") -> Compared:
    """By the mean chance of what is right."""
    change = after - before
    mean, spread = float(change.mean()), 1.96 * float(change.std()) / len(change) ** 0.5
    return Compared(
        len(change), round(float(before.mean()), 4), round(float(after.mean()), 4),
        round(mean - spread, 4), round(mean + spread, 4),
        int((change > 0).sum()), int((change < 0).sum()),
    )  # fmt: skip


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
                    str(row.get("agent", "")),
                    str(row.get("id", "")),
                    row.get("accepted") is True,
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
    parser.add_argument(
        "--serving", type=Path, help="the version that serves, if it is no shipped one"
    )
    given = parser.parse_args(arguments)
    gate = refit(
        given.folder,
        read_corrections(given.corrections),
        now(),
        lambda said: print(json.dumps({"say": said}), flush=True),
        serving=given.serving,
    )
    print(json.dumps({"gate": asdict(gate)}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], lambda: datetime.now(UTC)))
