"""Whose answers wait, who lets them go, and that no move leads past them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.approval import ASKABLE, Approval, may_decide, needed
from inbox.domain.outbox import MOVES, QUEUED, SENDING, WAITING

rules = st.builds(
    Approval,
    st.sets(st.sampled_from(ASKABLE)).map(tuple),
    st.booleans(),
    st.booleans(),
    st.sets(st.integers(1, 3)).map(tuple),
)


@given(rules, st.sampled_from(ASKABLE), st.integers(1, 3), st.booleans())
def test_an_answer_waits_because_of_its_author_or_of_what_stands_in_it(
    rule: Approval, role: str, author: int, found: bool
) -> None:
    theirs = role in rule.roles or author in rule.people
    assert bool(needed(rule, role, author, found)) == (theirs or (rule.findings and found))
    assert not needed(rule, role, author, found) or rule.is_on


@pytest.mark.parametrize(
    ("role", "author", "own", "may"),
    [
        ("agent", 1, True, False),
        ("auditor", 1, True, False),
        ("lead", 1, False, True),
        ("lead", 2, True, False),
        ("admin", 2, False, False),
        ("admin", 2, True, True),
    ],
)
def test_nobody_approves_their_own_but_an_admin_where_that_is_allowed(
    role: str, author: int, own: bool, may: bool
) -> None:
    """Person 2 decides."""
    assert may_decide(Approval(("agent",), own=own), role, 2, author) is may


def test_only_the_approval_leads_from_waiting_to_the_platform() -> None:
    """Without that one move nothing that waits is ever queued or sent, however one goes."""
    found, todo = {WAITING}, [WAITING]
    while todo:
        state = todo.pop()
        for (before, event), after in MOVES.items():
            if before == state and (before, event) != (WAITING, "approved") and after not in found:
                found.add(after)
                todo.append(after)
    assert not found & {QUEUED, SENDING}
    assert MOVES[WAITING, "approved"] == QUEUED
    assert WAITING not in MOVES.values()  # and nothing comes back to it
