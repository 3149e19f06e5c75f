"""The states of a reply and of a conversation are closed tables (law 6)."""

import pytest

from inbox.domain import conversation, outbox

TABLES = {
    "outbox": (
        outbox.MOVES,
        outbox.WAITING,
        {"queued", "sending", "sent", "refused", "failed", "unknown", "dropped"}
        | {"stopped", "withdrawn", "waiting", "returned"},
    ),
    "conversation": (
        conversation.MOVES,
        conversation.WAITING,
        {"open", "waiting", "third", "snoozed", "resolved", "spam"},
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_state_is_reached_from_the_first_one(name: str) -> None:
    moves, first, states = TABLES[name]
    reached, before = {first}, set[str]()
    while reached != before:
        before = set(reached)
        reached |= {after for (state, _), after in moves.items() if state in before}
    assert reached == states


@pytest.mark.parametrize("name", TABLES)
def test_no_move_leads_to_or_from_an_unknown_state(name: str) -> None:
    moves, _, states = TABLES[name]
    assert {state for state, _ in moves} | set(moves.values()) <= states


def test_what_was_sent_stays_sent() -> None:
    assert not [event for state, event in outbox.MOVES if state == outbox.SENT]


def test_nothing_is_sent_again_after_its_request_left_but_by_a_person_or_for_sure() -> None:
    """Back to the queue lead only a person's word and a try that surely did not leave; what was
    approved never left."""
    back = {event for (_, event), after in outbox.MOVES.items() if after == outbox.QUEUED}
    assert back == {"send_again", "not_sent", "approved"}
    assert {s for (s, e), _ in outbox.MOVES.items() if e == "approved"} == {outbox.WAITING}
    assert {s for (s, e), _ in outbox.MOVES.items() if e == "not_sent"} == {outbox.SENDING}


@pytest.mark.parametrize(
    ("event", "to"),
    [
        ("customer_waits", "open"),
        ("reopened", "open"),
        ("settled", "waiting"),
        ("waits_on_customer", "waiting"),
        ("waits_on_third", "third"),
        ("snoozed", "snoozed"),
        ("resolved", "resolved"),
        ("spam", "spam"),
    ],
)
def test_every_conversation_comes_in_line_in_one_move(event: str, to: str) -> None:
    others = [state for state in conversation.STATES if state != to]
    assert [conversation.MOVES[state, event] for state in others] == [to] * len(others)


def test_waits_double_up_to_their_cap() -> None:
    assert [outbox.backoff_s(n) for n in (0, 1, 2, 3, 20, 500)] == [15, 15, 30, 60, 900, 900]
