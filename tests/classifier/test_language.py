"""The script decides where it can; short and mixed texts are taken as a reader would."""

import pytest

from classifier.language import language


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
    ],
)
def test_the_language_is_what_a_reader_would_say(text: str, code: str) -> None:
    assert language(text) == code
