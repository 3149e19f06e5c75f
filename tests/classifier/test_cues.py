"""Urgency cues say what a reader would say is there."""

import pytest

from classifier.cues import NAMES, cue_rows, largest_amount, named_cues


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
        ("", 0),
    ],
)
def test_amounts_are_read_in_rough_dollars(text: str, dollars: float) -> None:
    assert largest_amount(text) == pytest.approx(dollars, rel=0.02)


@pytest.mark.parametrize(
    ("cue", "text"),
    [
        ("legal or press threat", "my lawyer will write"),
        ("legal or press threat", "我要去法院起诉"),
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
