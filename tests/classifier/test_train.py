"""Training is deterministic, skipped when nothing changed, and seen whole or not at all."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from classifier import train as training
from classifier.examples import CORPUS, Example
from classifier.files import META_FILE, MODEL_FILE, read_meta
from classifier.labels import Category
from classifier.model import load


def silent(line: str) -> None:
    pass


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of about 150 messages in two languages."""
    folder = tmp_path_factory.mktemp("corpus")
    for lang, step in (("en", 5), ("es", 1)):
        lines = (CORPUS / f"{lang}.jsonl").read_text(encoding="utf-8").splitlines()[::step]
        (folder / f"{lang}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def model(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "model"
    assert training.train(folder, small, silent)
    return folder


def test_the_same_corpus_gives_the_same_model(model: Path, small: Path, tmp_path: Path) -> None:
    again = tmp_path / "model"
    training.train(again, small, silent)
    texts = ["my card was charged twice", "hola, no llega el código", "nice app"]
    assert load(again).tag(texts) == load(model).tag(texts)
    assert read_meta(again) == read_meta(model)


def test_training_is_skipped_until_corpus_changes(model: Path, small: Path, tmp_path: Path) -> None:
    before = (model / MODEL_FILE).stat().st_mtime_ns
    assert not training.train(model, small, silent)
    assert (model / MODEL_FILE).stat().st_mtime_ns == before

    changed = tmp_path / "corpus"
    changed.mkdir()
    (changed / "en.jsonl").write_text("", encoding="utf-8")
    assert training.source_hash(changed) != training.source_hash(small)


def test_the_skip_check_imports_no_heavy_library(model: Path, small: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from classifier.train import train;"
        "written = train(Path(sys.argv[1]), Path(sys.argv[2]), lambda line: None);"
        "sys.exit('numpy' in sys.modules or 'sklearn' in sys.modules or written)"
    )
    done = subprocess.run([sys.executable, "-c", code, model, small], check=False)
    assert done.returncode == 0


def test_nothing_is_left_beside_the_model(model: Path) -> None:
    assert [path.name for path in model.parent.iterdir()] == ["model"]
    assert sorted(path.name for path in model.iterdir()) == [META_FILE, MODEL_FILE]


def test_a_new_model_takes_the_place_of_the_old(model: Path, small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / META_FILE).write_text("{}", encoding="utf-8")
    assert training.train(folder, small, silent)
    assert load(folder).version == load(model).version
    assert list(tmp_path.iterdir()) == [folder]


def test_the_figures_say_what_was_counted_and_measured(model: Path) -> None:
    meta = json.loads((model / META_FILE).read_text(encoding="utf-8"))
    assert set(meta["counts"]["category"]) == set(Category)
    assert set(meta["scores"]["category"]["by_lang"]) == {"en", "es"}
    assert 0 < meta["review"]["category"]["threshold"] <= 1


def test_near_duplicates_share_a_group() -> None:
    from classifier.features import embeddings, near_duplicate_groups

    pay, paga, other = near_duplicate_groups(
        embeddings(["my account is locked", "mi cuenta está bloqueada", "I love the new dark mode"])
    )
    assert pay == paga != other


def test_a_label_that_is_never_seen_gets_no_chance(examples: list[Example]) -> None:
    import numpy as np

    from classifier import heads
    from classifier.features import Features, embeddings

    few = [e for e in examples if e.category is not Category.SPAM and e.lang == "fr"]
    texts = [e.text for e in few]
    vectors = embeddings(texts)
    rows = Features.fit(texts, vectors).rows(texts, vectors)
    category, _ = heads.label_numbers(few)
    head, _ = heads.fit_head(rows, category, np.arange(len(few)), len(Category))
    spam = head.probabilities(rows)[:, heads.CATEGORIES.index(Category.SPAM)]
    assert spam.max() < 1e-6
