"""Outgoing webhooks: the schedule covers 27 hours, and the signature is the standard's."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.hooks import LONGEST, MOVES, WAITS, new_secret, next_try, signature

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@given(st.lists(st.floats(0, 1), min_size=len(WAITS), max_size=len(WAITS)))
def test_tries_cover_27_hours_and_then_end(randoms: list[float]) -> None:
    at = NOW
    for tries, random in enumerate(randoms, start=1):
        after = next_try(tries, at, random)
        assert after is not None
        assert after > at
        at = after
    assert timedelta(hours=27) < at - NOW < timedelta(hours=31)
    assert next_try(len(WAITS) + 1, at, 0.5) is None


def test_an_answer_may_lengthen_a_wait_to_a_day() -> None:
    assert next_try(1, NOW, 0, 3600) == NOW + timedelta(hours=1)
    assert next_try(1, NOW, 0, 1e8) == NOW + LONGEST
    assert next_try(7, NOW, 0, 5) == NOW + WAITS[6]


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of the specification's reference libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1614265330, UTC)
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_holds_its_bytes() -> None:
    assert new_secret(b"0" * 24) == "whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw"


def test_every_move_leads_somewhere_known() -> None:
    states = {state for state, _ in MOVES} | set(MOVES.values())
    assert {state for state, _ in MOVES} == states
