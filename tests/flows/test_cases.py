"""Conversations that are one matter: joined, split off, and each step taken back."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox.flows import cases as flow
from inbox.store import cases
from inbox.store.session import Store
from inbox.store.tables import Conversation
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation

HOW: dict[str, Any] = {"actor": "ada@lumenpay.example", "now": MONDAY}


@pytest.fixture
def five(sqlite_store: Store) -> list[int]:
    account = make_account(sqlite_store)
    return [make_conversation(sqlite_store, account).id for _ in range(5)]


def matters(store: Store, ids: list[int]) -> dict[int, int | None]:
    with store.read() as session:
        return cases.named(session, ids)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=6))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_step_can_be_taken_back_and_clocks_never_move(
    sqlite_store: Store, five: list[int], steps: list[tuple[int, int]]
) -> None:
    with sqlite_store.read() as session:
        due = [session.get_one(Conversation, id_).due_at for id_ in five]
    for one, other in steps:  # with itself: it leaves
        before = matters(sqlite_store, five)
        if one == other:
            flow.leave(sqlite_store, conversation_id=five[one], **HOW)
        elif before[five[one]] is None or before[five[one]] != before[five[other]]:
            flow.join(sqlite_store, conversation_id=five[one], other_id=five[other], **HOW)
        after = matters(sqlite_store, five)
        if after != before:
            flow.undo(sqlite_store, conversation_id=five[other], **HOW)
            assert matters(sqlite_store, five) == before
            with pytest.raises(flow.CannotJoin):
                flow.undo(sqlite_store, conversation_id=five[one], **HOW)
            with sqlite_store.write() as session:
                cases.put(session, after)
    with sqlite_store.read() as session:
        assert [session.get_one(Conversation, id_).due_at for id_ in five] == due


def test_what_is_joined_at_once_is_one_matter(store: Store) -> None:
    account = make_account(store)
    ids = [make_conversation(store, account).id for _ in range(9)]
    with ThreadPoolExecutor(8) as pool:
        joining = [
            pool.submit(flow.join, store, conversation_id=one, other_id=other, **HOW)
            for one, other in pairwise(ids)
        ]
        for one in joining:
            one.result()
    assert set(matters(store, ids).values()) == {min(ids)}


def test_what_was_joined_since_stays(store: Store) -> None:
    account = make_account(store)
    one, two, three = (make_conversation(store, account).id for _ in range(3))
    flow.join(store, conversation_id=one, other_id=two, **HOW)
    with pytest.raises(flow.CannotJoin, match="already"):
        flow.join(store, conversation_id=two, other_id=one, **HOW)
    flow.join(store, conversation_id=two, other_id=three, **HOW)
    with pytest.raises(flow.CannotJoin, match="nothing to take back"):
        flow.undo(store, conversation_id=one, **HOW)  # three joined meanwhile
    flow.undo(store, conversation_id=three, **HOW)
    assert matters(store, [one]) == {one: one, two: one}
    with pytest.raises(flow.CannotJoin):  # one step back, not all the way
        flow.undo(store, conversation_id=one, **HOW)
    flow.leave(store, conversation_id=two, **HOW)
    assert matters(store, [one, two, three]) == {one: None, two: None, three: None}
