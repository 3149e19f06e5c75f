"""Looking for an answer of which nobody knows whether it arrived."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.core.contract import Author, Direction, Kind, Message, Outgoing, Sent, Visibility
from connectors.core.errors import Transient
from connectors.core.looking import PAGES, SKEW, may_be, nearest, pages

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANN = Author("ann")
REPLY = Outgoing("0" * 32, "t", "q", ANN, "On its way.", Visibility.PUBLIC, Kind.COMMENT, AT)
OURS = Message("a", "t", Direction.OUT, "On its way.", AT, ANN)


def test_only_our_own_words_since_then_may_be_the_answer() -> None:
    assert may_be(replace(OURS, sent_at=AT - SKEW), REPLY)
    assert not may_be(replace(OURS, sent_at=AT - SKEW - timedelta(seconds=1)), REPLY)
    assert not may_be(replace(OURS, direction=Direction.IN), REPLY)
    assert not may_be(replace(OURS, text="It is late."), REPLY)


def test_the_nearest_in_time_is_the_answer() -> None:
    later = replace(OURS, external_id="b", sent_at=AT + timedelta(minutes=9))
    early = replace(OURS, external_id="c", sent_at=AT - timedelta(minutes=1))
    assert nearest((later, early), REPLY) == Sent("c", early.sent_at)
    assert nearest((), REPLY) is None


def test_a_list_without_end_leaves_the_answer_in_doubt() -> None:
    numbers = pages()
    assert [next(numbers) for _ in range(PAGES)] == list(range(PAGES))
    with pytest.raises(Transient):
        next(numbers)
