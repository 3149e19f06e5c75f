"""Urgency cues say what a reader would say is there."""

import pytest

from classifier.cues import (
    CRITICAL,
    NAMES,
    PATTERNS,
    critical_lines,
    cue_rows,
    largest_amount,
    named_cues,
    raised,
)
from classifier.examples import Example


@pytest.mark.parametrize(
    ("text", "dollars"),
    [
        ("$1,800 gone", 1800),
        ("12.99 from a shop", 0),
        ("$12.99 from a shop", 12),
        ("三万块没了", 4200),
        ("15000元", 2100),
        ("25万円", 1750),
        ("5万日元", 350),
        ("250만원", 1750),
        ("15 juta", 900),
        ("r$ 8.000", 1440),
        ("2.000 €", 2000),
        ("٨٠٠٠ ريال", 2160),
        ("in 2024", 0),
        ("error 402", 0),
        ("call 13800001111", 0),
        ("2 350 € gone", 2350),
        ("two grand gone", 2000),
        ("百二十万円", 8400),
        ("300万ウォン", 2100),
        ("3000美元", 3000),
        ("成萬蚊", 2600),
        ("再不处理就打12378投诉", 0),
        ("", 0),
    ],
)
def test_amounts_are_read_in_rough_dollars(text: str, dollars: float) -> None:
    assert largest_amount(text) == pytest.approx(dollars, rel=0.02)


def test_what_is_looked_for_first_leaves_no_phrase_out(examples: list[Example]) -> None:
    for text in (e.text.lower() for e in examples[::8]):
        cues = named_cues(text)
        for name, phrases in PATTERNS.items():
            there = phrases.alphabetic.findall(text) + phrases.anywhere.findall(text)
            assert cues[name] == min(1, len(there) / 2), (name, text)


@pytest.mark.parametrize(
    ("cue", "text"),
    [
        ("legal or press threat", "my lawyer will write"),
        ("legal or press threat", "我要去法院起诉"),
        ("legal or press threat", "再不处理就打12378投诉"),
        ("deadline", "mañana vence el alquiler"),
        ("happening now", "es gehen gerade Überweisungen raus"),
        ("repeated contact", "세 번째 문의입니다"),
        ("not me", "身に覚えがない"),
    ],
)
def test_a_cue_is_seen_in_every_language(cue: str, text: str) -> None:
    assert named_cues(text)[cue] > 0
    assert named_cues("hello, nice app")[cue] == 0


def test_every_cue_is_a_number_between_nothing_and_one() -> None:
    rows = cue_rows(["", "9" * 400, "!!!!!! LAWYER TODAY $9,999,999 ??? 律师 律师 律师"])
    assert rows.shape == (3, len(NAMES))
    assert rows.min() >= 0
    assert rows.max() <= 1


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("secret given, money gone", "gave them my pin, the balance is empty"),
        ("secret given, money gone", "刚把验证码报给他，钱就没了"),
        ("secret given, money gone", "pasé la clave y me sacaron todo"),
        ("secret given, money gone", "informei o código e sumiu o saldo"),
        ("secret given, money gone", "udah kasih kode, saldo hilang"),
        ("secret given, money gone", "認証番号を教えてしまい残高が消えました"),
        ("secret given, money gone", "인증번호 불러줬는데 돈이 빠져나갔어요"),
        ("secret given, money gone", "j'ai donné le code, l'argent a disparu"),
        ("secret given, money gone", "tan durchgegeben und alles ist weg"),
        ("secret given, money gone", "عطيت الرمز و راحت الفلوس"),
        ("large loss", "8.000 € sind verschwunden"),
        ("large loss", "15jt raib"),
        ("large charge by another", "盗刷了两万块"),
        ("money leaving now", "gerade wird alles abgebucht"),
        ("threat with a deadline", "mañana les llega la demanda"),
    ],
)
def test_a_line_of_the_rubric_raises(line: str, text: str) -> None:
    assert line in critical_lines(named_cues(text))
    assert raised(cue_rows([text])).tolist() == [True]


@pytest.mark.parametrize(
    "text",
    [
        "he asks for my pin",
        "my 2,400 transfer is late",
        "gave them five stars",
        "sue them, lol",
        "",
    ],
)
def test_one_cue_alone_raises_nothing(text: str) -> None:
    assert critical_lines(named_cues(text)) == []
    assert raised(cue_rows([text])).tolist() == [False]


def test_every_line_is_made_of_cues() -> None:
    assert {cue for both in CRITICAL.values() for cue in both} <= set(NAMES)
