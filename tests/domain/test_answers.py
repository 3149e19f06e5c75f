"""Canned answers: values go in once, what has none is named, and what fits best comes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.answers import (
    About,
    BadAnswer,
    Canned,
    braces,
    checked,
    fill,
    language_of,
    matching,
    ranked,
    words_of,
)
from inbox.domain.starters import STARTERS

NAMES = st.sampled_from(["customer", "agent", "due", "x", "订单"])
PIECES = st.one_of(st.text("{} ab客", max_size=6), NAMES.map(lambda name: f"{{{name}}}"))
TEXTS = st.lists(PIECES, max_size=8).map("".join)
VALUES = st.dictionaries(NAMES, st.text("{}due ", max_size=8))
CANNED = st.builds(
    Canned,
    name=st.text("abc", min_size=1, max_size=3),
    shortcut=st.just("s"),
    texts=st.dictionaries(st.sampled_from(["en", "zh", "es"]), st.text(), min_size=1),
    category=st.sampled_from(["", "refund", "payment"]),
    uses=st.integers(0, 10**6),
)
ABOUT = st.builds(
    About,
    text=st.text(max_size=40),
    lang=st.sampled_from(["", "en", "zh"]),
    category=st.sampled_from(["", "refund", "payment"]),
)


@given(TEXTS, VALUES)
def test_every_variable_gets_its_value_or_is_named(text: str, values: dict[str, str]) -> None:
    found = fill(text, values)
    assert set(found.missing) == {name for name in braces(text) if not values.get(name)}
    plain = fill(text, dict.fromkeys(braces(text), "v"))
    assert plain.missing == ()


def test_a_value_with_braces_is_no_variable_that_is_filled_in_turn() -> None:
    found = fill("{customer}, by {due}", {"customer": "{due}", "due": "noon"})
    assert found.text == "{due}, by noon"


def test_braces_around_spaces_and_json_are_words() -> None:
    assert braces('{ due } {"a": 1} {} {1}') == ()


@given(st.lists(CANNED, max_size=6), ABOUT)
def test_ranking_leaves_none_out_and_does_not_depend_on_the_order(
    answers: list[Canned], about: About
) -> None:
    numbered = [Canned(a.name, a.shortcut, a.texts, a.category, "", a.uses, n)
                for n, a in enumerate(answers)]  # fmt: skip
    found = ranked(numbered, about)
    assert sorted(one.id for one in found) == list(range(len(numbered)))
    assert ranked(numbered[::-1], about) == found


@given(CANNED, ABOUT, st.integers(1, 10**6))
def test_use_never_ranks_an_answer_lower(one: Canned, about: About, more: int) -> None:
    used = Canned(one.name, one.shortcut, one.texts, one.category, "", one.uses + more, 2)
    first = Canned(one.name, one.shortcut, one.texts, one.category, "", one.uses, 1)
    assert ranked([first, used], about)[0].uses >= first.uses or one.uses > 64


def test_what_it_is_for_counts_more_than_words_and_use() -> None:
    about = About("refund refund where is my money refund", "en", "refund", "status")
    popular = Canned("Refund where", "p", {"en": "where is my money"}, "payment", "", 10**6, 1)
    right = Canned("Z", "z", {"en": "hello"}, "refund", "status", 0, 2)
    anyone = Canned("A", "a", {"en": "hello"}, "", "", 0, 3)
    assert [one.id for one in ranked([popular, anyone, right], about)] == [2, 3, 1]


def test_an_answer_for_another_category_comes_last_whatever_else_speaks_for_it() -> None:
    words = "my parcel never arrived, where could it possibly have been delivered"
    other = Canned("a", "a", {"en": words}, "payment", uses=10_000)
    anything = Canned("b", "b", {"zh": "好"})
    about = About(words, "en", "refund")
    assert [one.name for one in ranked([other, anything], about)] == ["b", "a"]


def test_among_answers_for_anything_language_and_words_decide() -> None:
    english = Canned("Refund", "r", {"en": "your refund is on its way"}, id=1)
    chinese = Canned("退款", "t", {"zh": "您的退款在路上"}, id=2)
    other = Canned("卡", "k", {"zh": "您的卡"}, id=3)
    found = ranked([english, other, chinese], About("我要退款", "zh"))
    assert [one.id for one in found] == [2, 3, 1]
    assert "退款" in words_of("我要退款!")


def test_the_text_is_in_the_customers_language_else_in_english_else_the_first() -> None:
    texts = {"es": "hola", "en": "hello", "zh": "您好"}
    assert language_of(texts, "zh-Hant") == "zh"
    assert language_of(texts, "ja") == "en"
    assert language_of({"es": "hola"}, "ja", "") == "es"


def test_a_shortcut_that_is_typed_whole_comes_first() -> None:
    found = matching([Canned("Refund late", "late", {}), Canned("Other", "refund", {})], "/refund")
    assert [one.shortcut for one in found] == ["refund", "late"]


@pytest.mark.parametrize(
    "bad",
    [
        Canned("", "a", {"en": "x"}),
        Canned("A", "a b", {"en": "x"}),
        Canned("A", "a", {"en": "  "}),
        Canned("A", "a", {"english": "x"}),
        Canned("A", "a", {"en": "{nobody}"}),
        Canned("A", "a", {"en": "x"}, "food"),
        Canned("A", "a", {"en": "x"}, "refund", "top_up"),
        Canned("A", "a", {"en": "x"}, "", "status"),
        Canned("A", "a", {"en": "x" * 10_001}),
    ],
)
def test_what_cannot_be_stored_is_refused_in_words(bad: Canned) -> None:
    with pytest.raises(BadAnswer, match=r".+"):
        checked(bad)


def test_what_is_stored_is_clean_and_checking_twice_changes_nothing() -> None:
    right = checked(Canned("  Hi \n there", "/Refund-1", {"EN": " x\x00 ", "zh": " "}))
    assert (right.name, right.shortcut, dict(right.texts)) == ("Hi there", "refund-1", {"en": "x�"})
    assert checked(right) == right
    assert [checked(one) for one in STARTERS] == list(STARTERS)
