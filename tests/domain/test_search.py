"""How a search is read, and what its snippets mark."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.domain.search import (
    BadSearch,
    Known,
    Query,
    is_personal,
    matches,
    needles_of,
    parse,
    search_text,
)
from inbox.domain.snippets import LENGTH, Piece, snippet

KNOWN = Known(("email", "x"), ("payment", "refund"), ("normal", "critical"))


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("我要退款", " 我 要 退 款 "),
        ("Refund's, ＡＢＣ!", " refund s abc "),
        ("re\u200bfund\u202e", " refund "),
        ("ｶﾞ 환불 ハﾟ", " ガ 환 불 パ "),
        ("ok👍🏽ok", " ok 👍 🏽 ok "),
        ("e\u0301te\u0301", " été "),
        ("…!?\n", " "),
        ("", " "),
    ],
)
def test_a_text_as_it_is_searched(written: str, searched: str) -> None:
    assert search_text(written) == searched


@given(st.text())
def test_every_text_is_found_by_its_own_words_and_read_the_same_twice(text: str) -> None:
    searched = search_text(text)
    assert search_text(searched) == searched
    assert matches(searched, needles_of(text.replace('"', " ")))


def test_a_search_with_every_filter() -> None:
    asked = (
        "Channel:X account:@lumen is:overdue is:mine category:refund urgency:critical lang:zh"
        ' from:"Lin Yue" assignee:ada@lumen.example before:2026-11-01 after:2026-10-01'
        ' "to my account" 退款 refu'
    )
    assert parse(asked, KNOWN) == Query(
        needles=(" to my account ", " 退 款 ", " refu"),
        sender=(" lin ", " yue"),
        channel="x",
        account="@lumen",
        states=frozenset({"overdue", "mine"}),
        category="refund",
        urgency="critical",
        lang="zh",
        assignee="ada@lumen.example",
        before=date(2026, 11, 1),
        after=date(2026, 10, 1),
    )


def test_to_is_one_of_our_accounts_and_me_is_whoever_looks() -> None:
    mine = frozenset({"mine"})
    assert parse("TO:@lumen assignee:Me", KNOWN) == Query(account="@lumen", states=mine)
    with pytest.raises(BadSearch, match="account: may stand in a search once"):
        parse("to:@lumen account:@lumen", KNOWN)


@pytest.mark.parametrize("asked", ["is:Mine", 'is:"mine"', "assignee:ME", "“x” assignee：me"])
def test_whoever_looks_is_told_from_the_words(asked: str) -> None:
    assert "mine" in parse(asked, KNOWN).states
    assert is_personal(asked)
    assert not is_personal("payment is:open assignee:mei@lumenpay.example")


@pytest.mark.parametrize(
    ("asked", "needles"),
    [
        ("退款 refu", (" 退 款 ", " refu")),
        ("refu 退款", (" refu ", " 退 款 ")),
        ("退款refund", (" 退 款 ", " refund")),
        ("o'brien -x", (" o brien ", " x")),
        ("https://a.example 12:30", (" https a example ", " 12 30")),
        ("Re: refund", (" re ", " refund")),
        ('"channel:x"', (" channel x ",)),
        ("“exact words”", (" exact words ",)),
        ('"open quote', (" open ", " quote")),
        ("* ! NEAR(a b) OR | &", (" near a ", " b ", " or")),
    ],
)
def test_words_are_plain_text(asked: str, needles: tuple[str, ...]) -> None:
    assert parse(asked, KNOWN).needles == needles


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("chanel:x", "There is no filter chanel:. Filters are: channel:, account:, to:, is:"),
        ("channel:fax", "channel:fax is not known. There are: channel:email, channel:x."),
        ("is:late", "is:late is not known. There are: is:open, is:waiting"),
        ("urgency:high", "There are: urgency:normal, urgency:critical."),
        ("before:yesterday", "before:yesterday is not a day, such as before:2026-11-01."),
        ("after:2026-02-30", "after:2026-02-30 is not a day"),
        ("after:0001-01-01", "is not a day"),
        ("lang:chinese", "is not a language’s code"),
        ("channel:", "channel: needs a value right behind it."),
        ("channel:x channel:email", "channel: may stand in a search once."),
        ("from:!!!", "from:!!! has no letter."),
        ("***", "There is no word in this search."),
        ("", "There is no word in this search."),
        ("x" * 501, "A search may have 500 characters."),
    ],
)
def test_what_is_wrong_is_said_in_words(asked: str, told: str) -> None:
    with pytest.raises(BadSearch) as said:
        parse(asked, KNOWN)
    assert told in str(said.value)


@given(st.text())
def test_whatever_is_typed_is_a_search_or_said_to_be_none(text: str) -> None:
    with suppress(BadSearch):
        assert parse(text, KNOWN) != Query()


@pytest.mark.parametrize(
    ("text", "asked", "marked"),
    [
        ("你好，我要退款，谢谢", "退款", ["退款"]),
        ("A REFUND, please: refunds", "refu", ["REFU", "refu"]),
        ("to  my\naccount", '"my account"', ["my account"]),
        ("hello", "refund", []),
        ("👩‍💻 says cafe\u0301", "café", ["cafe\u0301"]),
    ],
)
def test_a_snippet_marks_what_was_found(text: str, asked: str, marked: list[str]) -> None:
    pieces = snippet(text, needles_of(asked))
    assert [piece.text for piece in pieces if piece.found] == marked
    assert "".join(piece.text for piece in pieces) == " ".join(text.split())


@given(
    st.lists(st.sampled_from(("refund", "Refunds", "a", "a", " ", "_", "--", "1")), max_size=20),
    st.sampled_from(("refu", '"refund"', "a a", '"a a"', '"1_refund a"')),
)
@settings(max_examples=50)
def test_plain_letters_are_marked_as_all_others_are(words: list[str], asked: str) -> None:
    """Lines of ASCII have a short way of their own."""
    plain, other = (
        [piece.text for piece in snippet(" ".join(words) + more, needles_of(asked)) if piece.found]
        for more in ("", " é")
    )
    assert plain == other


def test_a_long_text_is_cut_around_the_place_found() -> None:
    pieces = snippet("before " * 99 + "refund " + "after " * 99, (" refund ",))
    assert (pieces[0], pieces[-1]) == (Piece("…"), Piece("…"))
    assert Piece("refund", True) in pieces
    assert sum(len(piece.text) for piece in pieces) == LENGTH + 2
    assert pieces[1].text.startswith("before ")  # begins with a whole word
    far = snippet("before " * 2_000 + "refund", (" refund ",))
    assert (far[0], far[-1]) == (Piece("…"), Piece("refund", True))
