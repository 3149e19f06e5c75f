"""Who a note names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.mentions import handles, mentioned, pieces, short

TEAM = [(1, "ada@lumen.example"), (2, "bo.narin@lumen.example"), (3, "ada@other.example")]
KNOWN = handles([*TEAM, (4, "lin@lumen.example")])
NAMES = ["bo.narin", "lin", "ada@lumen.example", "ada@other.example"]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("@lin please look", [4]),
        ("Ask @Bo.Narin. Then @lin.", [2, 4]),
        ("@lin @lin", [4]),
        ("(@lin)", [4]),
        ("请@lin看一下", [4]),
        ("请 @lin 看一下", [4]),
        ("mail lin@lumen.example", []),
        ("@ada is two people", []),
        ("@ada@other.example is one", [3]),
        ("@linda", []),
        ("@", []),
    ],
)
def test_who_is_named(text: str, ids: list[int]) -> None:
    assert mentioned(text, KNOWN) == ids


def test_who_shares_the_start_of_an_address_is_named_by_the_whole() -> None:
    assert "ada" not in KNOWN
    assert short("ada@lumen.example", KNOWN) == "ada@lumen.example"
    assert short("Lin@lumen.example", KNOWN) == "lin"


@given(st.lists(st.one_of(st.text(), st.sampled_from([f"@{name}" for name in NAMES]))))
def test_the_pieces_of_a_text_are_the_text(words: list[str]) -> None:
    text = " ".join(words)
    assert "".join(piece for piece, _ in pieces(text, KNOWN)) == text


@given(st.sampled_from(NAMES), st.sampled_from(["", ".", ",", "!", "?", ":", "。", "\n"]))
def test_everybody_can_be_named_anywhere_in_a_sentence(name: str, after: str) -> None:
    assert mentioned(f"Well, @{name}{after} thank you", KNOWN) == [KNOWN[name]]
