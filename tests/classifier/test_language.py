"""The script decides where it can; short and mixed texts are taken as a reader would."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from classifier.examples import Example
from classifier.language import TOLD_APART, language, runs
from classifier.runs import Runs, stored
from classifier.text import fold


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "und"),
        ("😀😀 123", "und"),
        ("ok", "und"),
        ("@brand https://example.example/a/b", "und"),
        ("退款", "zh"),
        ("什麼時候退款", "zh"),
        ("返金してください", "ja"),
        ("カード", "ja"),
        ("超可爱の客服，谢谢你们", "zh"),
        ("환불", "ko"),
        ("أين نقودي", "ar"),
        ("где мои деньги", "ru"),
        ("कृपया मेरी मदद करें", "hi"),
        ("เงินของฉันอยู่ที่ไหน", "th"),
        ("where is my money", "en"),
        ("WHERE IS MY MONEY", "en"),
        ("¿dónde está mi dinero?", "es"),
        ("cadê meu dinheiro", "pt"),
        ("uang saya mana kok belum masuk", "id"),
        ("où est mon argent", "fr"),
        ("wo ist mein Geld", "de"),
        ("app闪退了怎么办，一直打不开 help", "zh"),
        ("ana 3ayez floosi, el 7ewala lessa mawslotsh", "ar"),
        ("wa7ed dkhel l compte dyali, ma 3raftch chkoun", "ar"),
        ("open from 9am to 7pm on the 3rd, order a7f", "en"),
    ],
)
def test_the_language_is_what_a_reader_would_say(text: str, code: str) -> None:
    assert language(text) == code


def test_the_odds_are_those_of_py3langid(examples: list[Example]) -> None:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    theirs = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    theirs.set_languages(TOLD_APART)
    known = runs()
    alone = ["hola", "adios", "ø"]
    texts = ["", *alone, "İyi", *(fold(e.text).lower() for e in examples[::60])]
    for text, ours in zip(texts, known.odds(texts), strict=True):
        wanted = dict(theirs.rank(text))
        assert ours == pytest.approx([wanted[one] for one in known.languages], abs=1e-4)
    for text in alone:
        assert known.odds([text])[0] == pytest.approx(
            known.odds(texts)[texts.index(text)], abs=1e-6
        )


def test_a_file_of_languages_that_is_not_what_was_stored_is_not_read(tmp_path: Path) -> None:
    file, languages = tmp_path / "languages.npz", ("pt", "es")
    arrays = Runs(languages, *np.ones((4, 2))).arrays()

    def read(asked: Sequence[str] = languages, written: bytes | None = None) -> Runs | None:
        whole = file.read_bytes() if written is None else written
        return stored(file, asked, hashlib.sha256(whole).hexdigest())

    assert stored(file, languages, "") is None
    np.savez(file, **arrays)
    whole = file.read_bytes()
    assert read(("es", "pt")) is not None
    assert read(("es", "fr")) is None
    for broken in (b"", whole[:-40], whole[:200] + b"x" + whole[201:]):
        file.write_bytes(broken)
        assert read() is None
    np.savez(file, **arrays | {"prior": np.zeros(2)})
    assert read() is not None
    assert read(written=whole) is None  # a sound file, yet another one
    np.savez(file, **arrays | {"made_of": "py3langid 0.0.1"})
    assert read() is None
