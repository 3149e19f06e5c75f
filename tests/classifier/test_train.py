"""Training is deterministic, skipped when nothing changed, and seen whole or not at all."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from classifier import train as training
from classifier.examples import CORPUS, Example
from classifier.files import LANGUAGES_FILE, META_FILE, MODEL_FILE, read_meta
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


@pytest.fixture(scope="module")
def again(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained where an older model is."""
    folder = tmp_path_factory.mktemp("again") / "model"
    folder.mkdir()
    (folder / META_FILE).write_text("{}", encoding="utf-8")
    assert training.train(folder, small, silent)
    return folder


def test_the_same_corpus_gives_the_same_model(model: Path, again: Path) -> None:
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
    assert sorted(path.name for path in model.iterdir()) == [
        LANGUAGES_FILE,
        META_FILE,
        MODEL_FILE,
    ]
    meta = json.loads((model / META_FILE).read_text(encoding="utf-8"))
    for name, told in ((MODEL_FILE, "sha256"), (LANGUAGES_FILE, "languages_sha256")):
        assert meta[told] == hashlib.sha256((model / name).read_bytes()).hexdigest()


def test_a_new_model_takes_the_place_of_the_old(model: Path, again: Path) -> None:
    assert load(again).version == load(model).version
    assert list(again.parent.iterdir()) == [again]


def test_the_figures_say_what_was_counted_and_measured(model: Path) -> None:
    meta = json.loads((model / META_FILE).read_text(encoding="utf-8"))
    assert set(meta["counts"]["category"]) == set(Category)
    assert set(meta["scores"]["category"]["by_lang"]) == {"en", "es"}
    assert meta["sure"].keys() >= {"far", "least", "critical_from", "high_from"}


def test_a_label_that_is_never_seen_gets_no_chance() -> None:
    import numpy as np

    from classifier import heads

    heard = np.random.default_rng(0).normal(size=(60, 7))
    truth = np.arange(60) % 6  # the seventh never occurs
    head = heads.fit_head(heard, truth, 7, np.ones(60))
    assert head.probabilities(heard)[:, 6].max() < 1e-6


def test_the_scores_of_the_unseen_are_those_of_models_without_them() -> None:
    """One inversion gives what learning anew without each round's rows would give."""
    import numpy as np

    from classifier import heads

    rng = np.random.default_rng(0)
    points = rng.normal(size=(40, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    kernel, wanted = heads.likeness(points, points), rng.normal(size=(40, 2))
    weights = rng.uniform(0.5, 2, size=40)
    held = [(np.arange(0, 10), np.arange(0, 15)), (np.arange(10, 40), np.arange(10, 40))]
    dual, unseen = heads.ridge(kernel, wanted, 0.1, weights, held)
    assert np.allclose((kernel + np.diag(0.1 / weights)) @ dual, wanted)
    for measured, out in held:
        seen = np.setdiff1d(np.arange(40), out)
        alone, _ = heads.ridge(kernel[np.ix_(seen, seen)], wanted[seen], 0.1, weights[seen], [])
        assert np.allclose(unseen[measured], kernel[np.ix_(measured, seen)] @ alone)


def test_rows_are_those_of_scikit_learn(examples: list[Example]) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    from classifier.features import LEAST_MESSAGES, Terms, plain, terms
    from classifier.text import fold

    texts = [fold(e.text) for e in examples[::15]]
    theirs = TfidfVectorizer(analyzer=terms, min_df=LEAST_MESSAGES, sublinear_tf=True)
    wanted = theirs.fit_transform([plain(text) for text in texts])
    ours = Terms.fit(texts)
    assert ours.vocabulary == theirs.get_feature_names_out().tolist()
    assert abs(ours.rows(texts)[:, : len(ours.vocabulary)] - wanted).max() < 1e-5


def test_a_writer_is_on_one_side_of_a_round(examples: list[Example]) -> None:
    import numpy as np

    from classifier import fit, heads
    from classifier.features import embeddings

    some = [e for e in examples if e.lang in ("es", "fr", "ko")]
    vectors = embeddings([e.text for e in some])
    held = fit.rounds(heads.label_numbers(some), vectors, [e.writer for e in some])
    assert sorted(np.concatenate([measured for measured, _ in held])) == list(range(len(some)))
    for measured, out in held:
        assert set(measured) <= set(out)
        writers = {some[i].writer for i in measured}
        others = np.setdiff1d(np.arange(len(some)), measured)
        assert not writers & {some[i].writer for i in others}
        seen = np.setdiff1d(np.arange(len(some)), out)
        assert (vectors[seen] @ vectors[measured].T).max() < fit.SAME_MEANING


def test_the_set_of_labels_holds_the_truth_of_the_poorer_writers_too() -> None:
    """Over all rows 91 % are held without a second label; a draw with more of one writer is not."""
    import numpy as np

    from classifier.confidence import least_probability

    writers, truth = np.repeat(np.arange(4), 100), np.zeros(400, dtype=int)
    p = np.tile([0.9, 0.1], (400, 1))
    p[np.arange(400) % 100 < 8] = [0.402, 0.598]
    assert least_probability(p, truth, writers) == 0.495
    p[(writers == 3) & (np.arange(400) % 100 < 12)] = [0.202, 0.798]
    assert (p.argmax(axis=1) == truth).mean() == 0.91
    assert least_probability(p, truth, writers) == 0.4


def test_the_threshold_of_critical_asks_for_the_poorer_writers() -> None:
    """One of four writers is found hard: the pooled recall is high, its lower end is not."""
    import numpy as np

    from classifier.confidence import critical_from

    writers = np.repeat(np.arange(4), 100)
    is_critical = np.tile(np.arange(100) < 50, 4)
    p = np.where(is_critical, 0.455, 0.01)
    assert critical_from(p, is_critical, writers) == 0.45
    p[(writers == 3) & is_critical] = 0.205
    assert critical_from(p, is_critical, writers) == 0.2


def test_the_threshold_of_critical_gives_no_more_false_alarms_than_right_ones() -> None:
    import numpy as np

    from classifier.confidence import critical_from

    writers = np.arange(400) % 4
    is_critical = np.arange(400) < 100
    p = np.where(is_critical, np.where(np.arange(400) % 8 < 4, 0.455, 0.105), 0.125)
    assert critical_from(p, is_critical, writers) == 0.13
