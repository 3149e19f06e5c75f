"""A search's cursor comes from outside: what is forged is refused, and breaks nothing."""

import base64

import pytest

from inbox.flows.finding import find
from inbox.store.conversations import BadCursor
from inbox.store.session import Store
from tests.clock import MONDAY


@pytest.mark.parametrize("place", ["[Infinity, 1]", "[1, -1]", f"[{2**63}, 1]", "[" * 100_000])
def test_a_forged_cursor_is_refused(sqlite_store: Store, place: str) -> None:
    cursor = base64.urlsafe_b64encode(place.encode()).decode()
    with sqlite_store.read() as session, pytest.raises(BadCursor):
        find(session, "hello", now=MONDAY, cursor=cursor)
