"""Learning from corrections: few voices count, and what would do harm does not serve."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from classifier.examples import CORPUS, Example, read
from classifier.labels import Category, Urgency
from classifier.model import load
from classifier.refit import (
    MAY_LOSE,
    MOST_ALIKE,
    MOST_OF_A_CUSTOMER,
    Correction,
    Gate,
    chosen,
    read_corrections,
    refit,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def correction(text: str, customer: str = "7", category: Category = Category.PAYMENT) -> Correction:
    return Correction(text, category, Urgency.NORMAL, NOW - timedelta(days=1), customer)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus in two languages, small enough to fit often."""
    folder = tmp_path_factory.mktemp("corpus")
    for lang in ("es", "fr"):
        lines = (CORPUS / f"{lang}.jsonl").read_text(encoding="utf-8").split("\n")[::3]
        (folder / f"{lang}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def learn(folder: Path, small: Path, corrections: Sequence[Correction]) -> Gate:
    return refit(folder / "model", corrections, NOW, lambda _: None, small)


def of(examples: Sequence[Example], *, wrong: bool) -> list[Correction]:
    """Corrections as careful agents, or as somebody who means harm, would make them."""
    draw = random.Random(0)
    return [
        Correction(
            e.text,
            draw.choice([c for c in Category if c is not e.category]) if wrong else e.category,
            e.urgency,
            NOW - timedelta(days=n % 60),
            f"{n}",
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
    small: Path, tmp_path: Path, examples: list[Example]
) -> None:
    english = [e for e in examples if e.lang == "en"][:60]
    gate = learn(tmp_path, small, of(english, wrong=False))
    assert gate.passed, gate
    assert gate.recent.n == gate.used == 60
    shown = {n.text for e in english for n in load(tmp_path / "model").explain(e.text).neighbours}
    assert not shown & {e.text for e in english}


@pytest.mark.parametrize("percent", [1, 5, 10])
def test_poisoned_corrections_lose_little_or_do_not_serve(
    percent: int, small: Path, tmp_path: Path, examples: list[Example]
) -> None:
    corpus = read(small)
    some = [e for e in examples if e.lang in ("es", "fr", "pt")][:: max(1, 12 // percent)]
    gate = learn(tmp_path, small, of(some[: len(corpus) * percent // 100], wrong=True))
    assert not gate.passed or gate.frozen.after >= gate.frozen.before - MAY_LOSE >= 0


def test_nothing_to_learn_from_is_no_new_version(small: Path, tmp_path: Path) -> None:
    gate = learn(tmp_path, small, [])
    assert (gate.passed, gate.used) == (False, 0)


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "corrections.jsonl"
    good = {"text": "a\u2028b", "category": "refund", "urgency": "low", "customer": "1"}
    lines = [good | {"at": NOW.isoformat()}, good]
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    with pytest.raises(ValueError, match=r"corrections\.jsonl line 2"):
        read_corrections(file)
