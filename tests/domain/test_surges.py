"""When a crowd is a surge that grows."""

from datetime import timedelta

import pytest

from inbox.domain import surges
from tests.clock import MONDAY


@pytest.mark.parametrize(
    ("minutes_ago", "grows"),
    [
        (range(0, 50, 10), True),  # five within the hour, nobody before
        (range(0, 40, 10), False),  # four
        (range(0, 720, 12), False),  # five an hour, all day long
        ([*range(0, 60, 7), *range(60, 720, 12)], False),  # nine, where five are usual
        ([*range(0, 60, 5), *range(60, 720, 12)], True),  # twelve
        (range(61, 120), False),  # it is over
    ],
)
def test_a_surge_grows_while_people_come_much_faster_than_before(
    minutes_ago: range, grows: bool
) -> None:
    first = {n: MONDAY - timedelta(minutes=m) for n, m in enumerate(minutes_ago)}
    assert surges.is_growing(first, MONDAY) == grows


def test_greetings_and_spam_are_no_matter() -> None:
    assert not surges.counts("general", "chat")
    assert not surges.counts("spam", None)
    assert surges.counts(None, None)
    assert surges.topic_of("payment", "failed") == "payment.failed"


def test_a_surge_is_over_when_nobody_waits_and_nobody_comes() -> None:
    late = MONDAY + surges.WINDOW
    assert surges.is_over(MONDAY, 0, late)
    assert not surges.is_over(MONDAY, 1, late)
    assert not surges.is_over(MONDAY, 0, late - timedelta(seconds=1))
