"""Whatever order messages arrive in, and however they are cut into pages, the end is the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.core.contract import Direction, Kind, Message, Visibility
from inbox.flows.ingest import ingest
from inbox.store import accounts
from inbox.store.session import Store
from inbox.store.tables import Account
from tests.clock import MONDAY
from tests.flows.desk import says
from tests.flows.snapshot import snapshot

PEOPLE = ("ann", "ben", "cho")
NUMBERS = count()
MANY = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking takes longer than reading the failure
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FEW = settings(MANY, max_examples=12)


@st.composite
def threads(draw: st.DrawFn) -> list[Message]:
    """A public thread: customers, bystanders, own answers to any of them or to nobody."""
    messages: list[Message] = []
    for number in range(draw(st.integers(1, 9))):
        named = [m.external_id for m in messages]
        ours = draw(st.integers(0, 2)) == 0
        author = "me" if ours else draw(st.sampled_from(PEOPLE))
        said = sum(m.author is not None and m.author.id == author for m in messages)
        message = says(  # two people may write in one instant, one person may not
            f"m{number}",
            draw(st.sampled_from(("hello", "where is my money?", "thanks"))),
            -draw(st.integers(1, 4)) * 10 - said - (0.5 if ours else 0),
            author=author,
            direction=Direction.OUT if ours else Direction.IN,
            kind=draw(st.sampled_from((Kind.MENTION, Kind.FORM, Kind.CALL))),
            visibility=Visibility.PUBLIC,
            in_reply_to=draw(st.none() | st.sampled_from([*named, "elsewhere"])),
            automated=ours and draw(st.booleans()),
            context=not ours and draw(st.integers(0, 4)) == 0,
        )
        gone = draw(st.integers(0, 5)) == 0
        deleted_at = message.sent_at + timedelta(minutes=7) if gone else None
        messages.append(replace(message, deleted_at=deleted_at))
    return messages


@st.composite
def mails(draw: st.DrawFn) -> list[Message]:
    """Mail threads: each mail names some of those before it, or none; some lose the middle."""
    messages: list[Message] = []
    for number in range(draw(st.integers(1, 7))):
        named = draw(st.lists(st.sampled_from(messages), max_size=2)) if messages else []
        references = tuple(dict.fromkeys(f"{m.external_id}@mail.example" for m in named))
        ours = draw(st.integers(0, 3)) == 0
        own_id = f"e{number}@mail.example"
        messages.append(
            says(
                f"e{number}",
                f"words {number}",
                -100 + number * 3,
                author="me" if ours else draw(st.sampled_from(PEOPLE)),
                direction=Direction.OUT if ours else Direction.IN,
                kind=Kind.EMAIL,
                conversation=(*references, own_id)[0],
                in_reply_to=named[-1].external_id if named else None,
                message_id=own_id,
                references=references,
            )
        )
    return messages


@st.composite
def arrivals(draw: st.DrawFn, items: list[Message]) -> list[list[Message]]:
    """The items in another order, cut into pages; some come twice."""
    again = draw(st.lists(st.sampled_from(items), max_size=2))
    order = draw(st.permutations([*items, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=4)))
    edges = [0, *cuts, len(order)]
    return [list(order[a:b]) for a, b in pairwise(edges)]


def after(store: Store, pages: Sequence[Sequence[Message]]) -> Any:
    """All that follows from these pages on a fresh account, free of our numbers."""
    with store.write() as session:
        name = f"@order-{next(NUMBERS)}"
        account_id = accounts.add(session, "scripted", name, MONDAY, external_id="me")
        account = session.get_one(Account, account_id)
    for number, page in enumerate(pages):
        now = MONDAY + timedelta(minutes=number)
        ingest(store, account, page, classifier=None, now=now)
    return snapshot(store, account_id)


def in_one_page(items: list[Message]) -> list[list[Message]]:
    return [sorted(items, key=lambda m: (m.sent_at, m.external_id))]


@MANY
@given(st.data())
def test_a_public_thread_ends_the_same_in_any_order(sqlite_store: Store, data: Any) -> None:
    items = data.draw(threads())
    assert after(sqlite_store, data.draw(arrivals(items))) == after(
        sqlite_store, in_one_page(items)
    )


@MANY
@given(st.data())
def test_mails_end_in_the_same_threads_in_any_order(sqlite_store: Store, data: Any) -> None:
    items = data.draw(mails())
    assert after(sqlite_store, data.draw(arrivals(items))) == after(
        sqlite_store, in_one_page(items)
    )


@pytest.mark.parametrize("kind", [threads, mails])
@FEW
@given(data=st.data())
def test_postgresql_agrees(postgres_url: str, kind: Any, data: Any) -> None:
    store = Store(postgres_url)
    items = data.draw(kind())
    assert after(store, data.draw(arrivals(items))) == after(store, in_one_page(items))
    store.close()
