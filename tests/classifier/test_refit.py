"""Learning from corrections: few voices count, and what would do harm does not serve."""

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.evaluate import measure
from classifier.examples import CORPUS, Example, read
from classifier.gate import Compared, Gate
from classifier.heads import CATEGORIES
from classifier.labels import Category, Urgency
from classifier.model import ModelMissing, load
from classifier.refit import (
    ENOUGH_OF_AN_AGENT,
    MOST_ALIKE,
    MOST_OF_A_CUSTOMER,
    Correction,
    chosen,
    doubtful,
    read_corrections,
    refit,
    trusted,
    verdict,
)
from classifier.train import train

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def correction(text: str, customer: str = "7", category: Category = Category.PAYMENT) -> Correction:
    return Correction(text, category, Urgency.NORMAL, NOW - timedelta(days=1), customer)


@dataclass
class Shipped:
    """A corpus in two languages, the model of it alone, and as many messages that it never saw."""

    corpus: Path
    model: Path
    others: list[Example]

    def learn(
        self, folder: Path, corrections: Sequence[Correction], serving: Path | None = None
    ) -> Gate:
        where = {"corpus": self.corpus, "shipped": self.model}
        made = folder / "model"
        return refit(made, corrections, NOW, lambda _: None, **where, serving=serving)

    def loss(self, model: Path) -> float:
        """How much less a model understands than the shipped one."""
        return self.knows - self.understands(model)

    @cached_property
    def knows(self) -> float:
        return self.understands(self.model)

    def understands(self, model: Path) -> float:
        """Macro-F1 of the category on the messages never seen."""
        score = measure(self.others, load(model))["scores"]["category"]
        return float(score["macro_f1"])


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    corpus, others = tmp_path_factory.mktemp("corpus"), tmp_path_factory.mktemp("others")
    for lang in ("es", "fr"):
        whole = (CORPUS / f"{lang}.jsonl").read_text(encoding="utf-8").splitlines()
        # Of the sittings up to e: another one would draw other halves, and the laws below are of
        # the gate, which on so few messages judges by the draw.
        lines = [line for line in whole if f'"style": "{lang}-f' not in line]
        for folder, half in ((corpus, lines[::2]), (others, lines[1::2])):
            (folder / f"{lang}.jsonl").write_text("\n".join(half), encoding="utf-8")
    model = tmp_path_factory.mktemp("models") / "model"
    train(model, corpus, lambda _: None)
    return Shipped(corpus, model, read(others))


def of(examples: Sequence[Example], *, wrong: bool, agent: str = "") -> list[Correction]:
    """Corrections as careful agents, or as somebody who means harm, would make them."""
    draw = random.Random(0)
    return [
        Correction(
            e.text,
            draw.choice([c for c in Category if c is not e.category]) if wrong else e.category,
            e.urgency,
            NOW - timedelta(days=n % 60),
            f"{agent}{n}",
            agent=agent or f"agent {n}",
        )
        for n, e in enumerate(examples)
    ]


def test_one_customer_teaches_a_little_only() -> None:
    texts = ["my payout hangs", "app keeps crashing", "where are you based", "I lost my phone"]
    texts += ["who took my money", "fees went up again", "thank you so much", "reset my password"]
    kept = chosen([correction(text) for text in texts])
    assert len(kept) == MOST_OF_A_CUSTOMER


def test_a_wave_of_the_same_words_counts_a_few_times() -> None:
    wave = [correction("free coins here http://win.example", f"{n}") for n in range(50)]
    assert len(chosen(wave)) == MOST_ALIKE


def test_what_has_no_words_teaches_nothing() -> None:
    assert chosen([correction("???"), correction("")]) == []


def test_careful_corrections_pass_and_their_texts_are_kept_nowhere(
    shipped: Shipped, tmp_path: Path, examples: list[Example]
) -> None:
    english = [e for e in examples if e.lang == "en"][:60]
    gate = shipped.learn(tmp_path, of(english, wrong=False))
    assert gate.passed, gate
    assert gate.recent.n == gate.used > 48
    model = load(tmp_path / "model")
    shown = {n.text for e in english for n in model.explain(e.text).neighbours}
    assert not shown & {e.text for e in english}
    again = shipped.learn(tmp_path / "again", of(english, wrong=False), tmp_path / "model")
    assert again.passed
    five = (gate.frozen, gate.urgency, gate.security, gate.critical, gate.certain)
    assert [one.before for one in again.serving] == [one.after for one in five]
    assert Gate.read(json.loads(json.dumps(asdict(again)))) == again


@pytest.mark.parametrize("percent", [1, 5, 10])
def test_poisoned_corrections_lose_two_points_at_most_or_do_not_serve(
    percent: int, shipped: Shipped, tmp_path: Path, examples: list[Example]
) -> None:
    known = len(read(shipped.corpus))
    some = [e for e in examples if e.lang == "pt"][: known * percent // 100]
    gate = shipped.learn(tmp_path, of(some, wrong=True))
    assert not gate.passed or shipped.loss(tmp_path / "model") <= 0.02


def test_an_agent_who_tags_at_random_teaches_nothing(
    shipped: Shipped, tmp_path: Path, examples: list[Example]
) -> None:
    """100 wrong tags of one agent, beside 60 that a careful one gave: the careful ones count, but
    for those that a lead shall look at."""
    english = [e for e in examples if e.lang == "en"]
    careful = [replace(c, id=c.text) for c in of(english[:60], wrong=False, agent="ada")]
    gate = shipped.learn(tmp_path, [*careful, *of(english[60:160], wrong=True, agent="bo")])
    assert gate.passed, gate
    assert gate.used + len(gate.held) == 60
    assert set(gate.held) <= {c.text for c in careful}
    assert len(gate.held) < 12


@pytest.fixture(scope="module")
def knows(shipped: Shipped) -> list[Example]:
    """Messages that the shipped model never saw and is rather sure of."""
    model = load(shipped.model)
    tags = model.tag([e.text for e in shipped.others])
    sure = zip(shipped.others, tags, strict=True)
    return [e for e, tag in sure if tag.category is e.category and tag.category_confidence > 0.9]


def judged(shipped: Shipped, corrections: Sequence[Correction]) -> tuple[set[str], set[str]]:
    """The names of those that are learnt from, and of those that wait for a look."""
    kept, held = trusted(corrections, load(shipped.model), lambda _: None)
    return {c.id for c in kept}, {c.id for c in held}


def test_a_tag_against_all_that_is_known_waits_for_a_look(
    shipped: Shipped, knows: list[Example]
) -> None:
    """However many say the same: the model that judges has learnt of none of them."""
    right = [replace(c, id=c.text) for c in of(knows[:30], wrong=False, agent="ada")]
    aimed = [replace(c, category=Category.SPAM, agent=c.text) for c in right]
    aimed = [c for c, e in zip(aimed, knows, strict=False) if e.category is not Category.SPAM][:15]
    assert len(judged(shipped, right)[1]) <= 2
    assert len(judged(shipped, aimed)[1]) >= 12


def test_what_a_lead_accepted_is_learnt_from(shipped: Shipped, knows: list[Example]) -> None:
    aimed = of(knows[:30], wrong=True, agent="ada")
    seen = [replace(c, id=c.text, accepted=True) for c in aimed]
    assert judged(shipped, seen) == ({c.text for c in aimed}, set())


def test_the_verdict_names_who_waits_and_survives_being_stored(
    shipped: Shipped, tmp_path: Path, knows: list[Example]
) -> None:
    right = of(knows[:40], wrong=False)
    odd = replace(of(knows[40:41], wrong=True)[0], customer="odd", id="odd", urgency=Urgency.LOW)
    gate = shipped.learn(tmp_path, [*right, odd])
    assert "odd" in gate.held
    assert gate.used + gate.left_out == 41
    stored = json.loads(json.dumps(asdict(gate)))
    assert Gate.read(stored) == gate
    before = {"frozen", "recent", "passed", "reason", "used", "left_out"}  # as older ones are
    assert Gate.read({name: stored[name] for name in before}).held == ()


@given(st.integers(0, 40), st.integers(0, 40))
def test_few_tags_prove_nothing_of_an_agent_alone(guessed: int, missed: int) -> None:
    chances = np.array([[0.5, 0.3, 0.2]] * (guessed + missed))
    hits = [correction("a", category=CATEGORIES[1])] * guessed
    doubted = doubtful(hits + [correction("a", category=CATEGORIES[2])] * missed, chances)
    n = guessed + missed
    assert bool(doubted) == (n >= ENOUGH_OF_AN_AGENT and 3 * guessed < n)


def test_agents_who_gave_few_tags_are_taken_together() -> None:
    wrong = [replace(correction("a", category=CATEGORIES[2]), agent=f"{n}") for n in range(25)]
    ada = [replace(correction("a", category=CATEGORIES[1]), agent="ada")] * ENOUGH_OF_AN_AGENT
    for few, left_out in ((ENOUGH_OF_AN_AGENT - 1, 0), (25, 25)):
        tags = [*wrong[:few], *ada]
        assert len(doubtful(tags, np.array([[0.5, 0.3, 0.2]] * len(tags)))) == left_out


@pytest.mark.parametrize(
    ("low", "high", "gained", "lost", "passes"),
    [
        (-0.019, 0.01, 10, 16, True),
        (-0.019, -0.001, 8, 14, True),  # the interval is too narrow: 8 against 14 is no proof
        (-0.019, -0.001, 8, 30, False),
        (-0.021, 0.021, 16, 16, False),  # so few messages that two points may be lost unseen
        (-0.05, 0.01, 10, 16, False),
        (-0.006, -0.001, 8, 30, True),  # sure, and too little to matter
    ],
)
def test_the_gate_refuses_a_sure_loss_or_a_large_one(
    low: float, high: float, gained: int, lost: int, passes: bool
) -> None:
    same = Compared(400, 0.8, 0.8, -0.01, 0.01, 5, 5)
    change = Compared(400, 0.8, 0.8 + (low + high) / 2 - 0.0001, low, high, gained, lost)
    assert verdict(change, same)[0] == passes
    of_five = verdict(change, replace(same, n=5))[0]
    assert of_five == (change.change > -0.005 and low >= -0.02)
    few = replace(change, n=60)
    assert verdict(same, few)[0] == (few.high > 0 or lost < 20)


def test_the_gate_looks_at_the_urgency_as_at_the_category() -> None:
    same = Compared(400, 0.8, 0.8, -0.01, 0.01, 5, 5)
    worse = Compared(400, 0.8, 0.76, -0.06, -0.02, 8, 30)
    assert verdict(same, same, same)[0]
    assert not verdict(same, same, worse)[0]


def test_a_loss_of_two_points_that_cannot_be_ruled_out_is_refused() -> None:
    """Of few messages nobody can tell that a model has lost nothing."""
    same = Compared(400, 0.8, 0.8, -0.01, 0.01, 5, 5)
    assert not verdict(replace(same, low=-0.021, high=0.021), same)[0]
    assert verdict(replace(same, low=-0.019, high=0.019), same)[0]


@pytest.mark.parametrize("name", ["security", "critical"])
def test_what_must_not_be_missed_cannot_hide_in_the_mean_of_all_labels(name: str) -> None:
    same = Compared(400, 0.8, 0.8, -0.01, 0.01, 5, 5)
    missed = Compared(300, 0.9, 0.86, -0.06, -0.02, 3, 15)

    def passes(found: Compared) -> bool:
        security, critical = (found, same) if name == "security" else (same, found)
        return verdict(same, same, same, security, critical)[0]

    assert not passes(missed)
    assert passes(replace(missed, gained=15, lost=27))  # by chance
    assert passes(replace(missed, after=0.88))


def test_less_chance_for_what_is_right_is_refused_while_the_labels_hold() -> None:
    """Tags put at random take it from every message long before the labels change."""
    same = Compared(400, 0.8, 0.8, -0.01, 0.01, 5, 5)
    unsure = Compared(400, 0.7, 0.64, -0.065, -0.055, 80, 320)
    a_little = Compared(400, 0.7, 0.68, -0.032, -0.008, 150, 250)
    assert not verdict(same, same, same, same, same, unsure)[0]
    assert verdict(same, same, same, same, same, a_little)[0]
    assert not verdict(same, same, serving=[same, same, same, same, unsure])[0]
    assert verdict(same, same, serving=[same, same, same, same, a_little])[0]


@pytest.mark.parametrize("which", range(5))
def test_what_earlier_corrections_gained_may_not_be_eaten_by_new_ones(which: int) -> None:
    """No worse than the corpus alone, and yet worse than the version that serves."""
    same = Compared(400, 0.8, 0.8, -0.01, 0.01, 5, 5)
    worse = Compared(400, 0.8, 0.74, -0.08, -0.04, 8, 30)
    serving = [same] * 5
    assert verdict(same, same, same, serving=serving)[0]
    serving[which] = worse
    assert not verdict(same, same, same, serving=serving)[0]
    serving[which] = Compared(400, 0.8, 0.797, -0.006, -0.001, 8, 30)
    assert verdict(same, same, same, serving=serving)[0]  # sure, and too little to matter


def test_a_gate_refuses_what_understands_less(
    shipped: Shipped, tmp_path: Path, examples: list[Example]
) -> None:
    """So many wrong corrections, of so many agents, that nobody could miss it."""
    some = [e for e in examples if e.lang in ("es", "fr")][:400]
    assert not shipped.learn(tmp_path, of(some, wrong=True)).passed


def test_nothing_to_learn_from_is_no_new_version(shipped: Shipped, tmp_path: Path) -> None:
    gate = shipped.learn(tmp_path, [], shipped.model)
    assert (gate.passed, gate.used) == (False, 0)
    assert gate.serving == ()  # it does not say that it knows the same corpus


def test_a_model_older_than_the_corpus_is_no_measure(shipped: Shipped, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="older than the corpus"):
        refit(tmp_path / "model", [], NOW, lambda _: None, shipped=shipped.model)


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "corrections.jsonl"
    good = {"text": "a\u2028b", "category": "refund", "urgency": "low", "customer": "1"}
    lines = [good | {"at": NOW.isoformat()}, good]
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    with pytest.raises(ValueError, match=r"corrections\.jsonl line 2"):
        read_corrections(file)
