"""Newest-first listings: whatever happens between pages, every item is seen."""

import json

from hypothesis import given
from hypothesis import strategies as st

from connectors.core.cursor import Descent

WRITE, PAGE, CRASH = "a new item", "a page is stored", "a page is fetched, then the process dies"


class Listing:
    """A platform that lists newest first and hands out tokens that name the last item shown."""

    def __init__(self, page_size: int, takes_since: bool) -> None:
        self.items: list[int] = []
        self.page_size, self.takes_since = page_size, takes_since

    def write(self) -> None:
        self.items.append(1000 + 7 * len(self.items))

    def page(self, at: Descent) -> tuple[list[int], str | None]:
        below = int(at.next) if at.next else 10**9
        above = at.floor if self.takes_since and at.floor else 0
        found = [i for i in reversed(self.items) if above < i < below]
        shown = found[: self.page_size]
        return shown, (str(shown[-1]) if len(found) > len(shown) else None)

    def after(self, at: Descent) -> tuple[list[int], Descent]:
        shown, token = self.page(at)
        return shown, at.after(shown, token, None if self.takes_since else at.floor)


@given(
    steps=st.lists(st.sampled_from([WRITE, WRITE, PAGE, PAGE, CRASH]), max_size=60),
    page_size=st.integers(1, 5),
    takes_since=st.booleans(),
)
def test_every_item_is_seen_whatever_is_written_or_dies_between_pages(
    steps: list[str], page_size: int, takes_since: bool
) -> None:
    listing = Listing(page_size, takes_since)
    stored: set[int] = set()
    cursor = Descent().to_json()
    for step in [*steps, *[PAGE] * (2 * len(steps) + 2)]:
        if step == WRITE:
            listing.write()
            continue
        shown, after = listing.after(Descent.from_json(json.loads(json.dumps(cursor))))
        if step == PAGE:
            stored |= set(shown)
            cursor = after.to_json()
        floor = Descent.from_json(cursor).floor or 0
        assert {i for i in listing.items if i <= floor} <= stored
    assert stored == set(listing.items)


@given(st.integers(1, 30), st.integers(1, 5), st.booleans())
def test_a_descent_ends_and_the_next_one_reads_no_old_page(
    count: int, page_size: int, takes_since: bool
) -> None:
    listing = Listing(page_size, takes_since)
    for _ in range(count):
        listing.write()
    at, pages = listing.after(Descent())[1], 1
    while at.under_way:
        at, pages = listing.after(at)[1], pages + 1
    assert pages == -(-count // page_size)
    assert at == Descent(floor=listing.items[-1])
    assert not listing.after(at)[1].under_way


def test_the_floor_waits_for_the_last_page() -> None:
    top = Descent(floor=10).after([30, 29], "more", stop_at=10)
    assert top == Descent(floor=10, ceiling=30, next="more")
    assert top.after([28, 9], "more", stop_at=10) == Descent(floor=30)
    assert top.after([28], None) == Descent(floor=30)


def test_items_that_arrive_during_a_descent_belong_to_the_next() -> None:
    under_way = Descent(floor=10, ceiling=30, next="more")
    assert under_way.after([31, 28], "more").ceiling == 30


def test_nothing_to_read_keeps_the_floor() -> None:
    assert Descent(floor=10).after([], None) == Descent(floor=10)
    assert Descent().after([], None) == Descent()


def test_a_forgotten_token_begins_again_at_the_top_above_the_same_floor() -> None:
    assert Descent(10, 30, "gone").restarted() == Descent(floor=10)


def test_ids_beyond_53_bits_survive_json() -> None:
    at = Descent(2**63 + 1, 2**63 + 3, "token")
    assert Descent.from_json(json.loads(json.dumps(at.to_json()))) == at
