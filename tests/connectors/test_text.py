"""The one door for text from outside."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.core.contract import rewritten_alike
from connectors.core.text import clean, fold

ANY = st.text(st.characters(codec=None))


@given(ANY)
def test_cleaned_text_can_be_stored_and_changes_no_more(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert "\0" not in cleaned
    assert len(cleaned) == len(text)
    assert clean(cleaned) == cleaned


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_what_the_customer_wrote_stays(text: str) -> None:
    assert clean(text) == text


def test_broken_characters_become_the_replacement_sign() -> None:
    assert clean("a\0b\ud800c") == "a\ufffdb\ufffdc"


@given(ANY)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_folding_sees_through_disguises() -> None:
    assert fold("pay\u200bment \u202eｒｅｆｕｎｄ\u202c") == "payment refund"
    assert fold("cafe\u200b\u0301") == "caf\u00e9"


def test_a_platforms_copy_of_a_reply_is_recognised() -> None:
    ours = "@ann Your refund is at  https://pay.example/r/1, thank you"
    assert rewritten_alike(ours, "Your refund is at https://t.co/abc thank you ")
    assert rewritten_alike("See shop.example/help.", "See http://shop.example/help.")
    assert rewritten_alike("See www.shop.example.", "See https://t.co/abc")
    assert rewritten_alike("cafe\u0301", "caf\u00e9")
    assert not rewritten_alike("Your refund is late", "Your refund is here")
    assert not rewritten_alike("Thank you", "")
