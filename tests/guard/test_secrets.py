"""Card numbers are masked however they are written; other numbers mostly stay."""

import random
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.guard.secrets import BRANDS, MASK, Brand, brand_of, mask, mask_all

DIGITS = ("0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")
JOINTS = ("", " ", "-", ".", "/", "_", "  ", "\u00a0", "\u200b", "\u2013", " - ", "\u00ad", "\n")
VISA = "4111111111111111"


def check_digit(head: str) -> str:
    """The last digit that makes the number right by Luhn's rule."""
    total = 0
    for place, digit in enumerate(reversed(head)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


@st.composite
def cards(draw: st.DrawFn) -> tuple[Brand, str]:
    """A brand and a number of it that is right."""
    brand = draw(st.sampled_from(BRANDS))
    low, high = draw(st.sampled_from(brand.prefixes))
    head = str(draw(st.integers(low, high)))
    length = draw(st.sampled_from(sorted(brand.lengths)))
    head += draw(
        st.text("0123456789", min_size=length - 1 - len(head), max_size=length - 1 - len(head))
    )
    return brand, head + check_digit(head)


@st.composite
def written(draw: st.DrawFn) -> str:
    """A card number as somebody may write it."""
    _, number = draw(cards())
    digits = draw(st.sampled_from(DIGITS))
    joint = draw(st.sampled_from(JOINTS))
    size = draw(st.integers(1, 6))
    shown = [digits[int(d)] for d in number]
    return joint.join("".join(shown[i : i + size]) for i in range(0, len(shown), size))


WORDS = st.text("abc éÄ款\n.,!?•", max_size=20)


@settings(max_examples=400)
@given(WORDS, written(), WORDS)
def test_a_card_number_is_masked_and_the_words_around_it_stay(
    before: str, number: str, after: str
) -> None:
    masked = mask(f"{before}{number}{after}")
    assert len(masked.cards) == 1
    assert masked.text.startswith(before)
    assert masked.text.endswith(after)
    inside = masked.text[len(before) : len(before) + len(number)]
    shown = [c for c in inside if c.isdecimal()]
    assert len(shown) == 5
    assert [c for c in number if not c.isdecimal()] == [
        c for c in inside if not c.isdecimal() and c != MASK
    ]


@settings(max_examples=300)
@given(
    st.lists(written() | st.text("0123456789 -•", max_size=25), max_size=6), st.sampled_from(JOINTS)
)
def test_masking_twice_changes_nothing(parts: list[str], joint: str) -> None:
    once = mask(joint.join(parts))
    assert mask(once.text) == type(once)(once.text)


@given(st.text())
def test_text_without_a_number_is_untouched(text: str) -> None:
    if sum(c.isdecimal() for c in text) < 12:
        assert mask(text).text == text


def test_two_numbers_in_one_line_are_both_masked() -> None:
    masked = mask("4111 1111 1111 1111 and 5555-5555-5555-4444")
    assert masked.text == "4••• •••• •••• 1111 and 5•••-••••-••••-4444"
    assert masked.cards == ("visa", "mastercard")


def test_digits_before_a_number_do_not_hide_it() -> None:
    for before in ("6304 ", "12 ", "5 ", "6304 1234 5678 ", "2026-11-23 "):
        assert "1111 1111" not in mask(f"{before}4111 1111 1111 1111").text, before


def test_an_expiry_date_and_code_after_a_number_do_not_hide_it() -> None:
    assert mask("4111 1111 1111 1111 12/27 123").text == "4••• •••• •••• 1111 12/27 123"


def test_a_bullet_before_a_number_does_not_hide_it() -> None:
    assert mask(f"•{VISA}").text == "•4•••••••••••1111"


@pytest.mark.parametrize(
    "text",
    [
        "order 20417, ticket 8812",
        "call +49 30 1234567 or +86 138 0013 8000",
        "paid 2026-11-23 09:15:31 and 2026-11-24 10:00:00",
        "DE89 3704 0044 0532 0130 00",
        "tracking 1Z 999 AA1 01 2345 6784",
        "post 1728451234567890123",
        "1795392000000",
        "4111111111111112",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text).text == text


def test_few_random_ids_are_taken_for_cards() -> None:
    """About 1 id in 30 begins like a card and passes Luhn's rule; X's ids of these years do not."""
    rng = random.Random(7)
    taken = {
        length: sum(
            brand_of(str(rng.randrange(10 ** (length - 1), 10**length))) is not None
            for _ in range(20_000)
        )
        / 20_000
        for length in (16, 17, 18, 19)
    }
    assert all(share < 0.05 for share in taken.values()), taken
    snowflakes = (
        rng.randrange(1_500_000_000_000_000_000, 2_190_000_000_000_000_000) for _ in range(9999)
    )
    assert not any(brand_of(str(i)) for i in snowflakes)


@pytest.mark.parametrize("joint", ["", " ", "-", "\u200b", "      ", "•"])
def test_the_work_grows_with_the_length_alone(joint: str) -> None:
    """Counted, not timed: a quadratic search would not end within the test's limit."""
    for digit in ("4", "41"):
        text = joint.join(digit * 40_000)
        assert len(mask(text).text) == len(text)


def test_json_is_masked_in_keys_values_and_numbers() -> None:
    raw: Any = {
        VISA: [VISA, int(VISA), {"deep": (VISA,)}],
        "n": 12,
        "x": 1.5,
        "no": None,
        "b": True,
    }
    masked = mask_all(raw)
    assert not re.search(r"\d{6}", str(masked))
    assert (masked["n"], masked["x"], masked["no"], masked["b"]) == (12, 1.5, None, True)


def test_what_json_does_not_know_becomes_masked_text() -> None:
    masked = mask_all([VISA.encode(), float("nan"), {1: {VISA}}, object])
    assert VISA not in str(masked)
    assert masked[1] == "nan"


def test_json_nested_beyond_reason_is_cut() -> None:
    deep: Any = VISA
    for _ in range(900):
        deep = [deep]
    assert str(mask_all(deep)).strip("[]'") == "nested too deep"
