"""Several actions at once: what fits together, in which order, and that a document keeps them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.actions import MOVES, UNTIL, Actions, BadActions, checked, document, name_of, read

WANTED = st.builds(
    Actions,
    category=st.sampled_from(["", "refund"]),
    urgency=st.sampled_from(["", "high"]),
    assign=st.sampled_from(["", "me", "nobody", "bo@lumenpay.example"]),
    answer=st.integers(0, 3),
    move=st.sampled_from(["", *MOVES]),
    reason=st.text(max_size=20),
    until=st.sampled_from(["", *UNTIL]),
    note=st.text(max_size=20),
)


@given(WANTED)
def test_what_fits_is_kept_by_a_document_and_checking_twice_changes_nothing(one: Actions) -> None:
    right = None
    with suppress(BadActions):
        right = checked(one)
    if right is None:
        return
    assert read(document(right)) == checked(right) == right
    order = ("tag", "assign", "note", "answer", "move")
    assert list(right.verbs) == [v for v in order if v in right.verbs]
    assert not (right.answer and right.move) or right.move in ("resolve", "snooze")


@pytest.mark.parametrize(
    "bad",
    [
        Actions(),
        Actions(category="food"),
        Actions(urgency="now"),
        Actions(category="refund", topic="top_up"),
        Actions(move="dance"),
        Actions(move="snooze"),
        Actions(move="third"),
        Actions(answer=1, move="spam"),
        Actions(note=" \n "),
        Actions(note="x" * 2_001),
    ],
)
def test_what_cannot_be_done_together_is_refused(bad: Actions) -> None:
    with pytest.raises(BadActions, match=r".+"):
        checked(bad)


@pytest.mark.parametrize("said", [{"sing": 1}, {"answer": "1"}, {"answer": True}, {"move": 3}])
def test_a_document_with_something_else_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(BadActions):
        read(said)
    with pytest.raises(BadActions):
        name_of(" ")
