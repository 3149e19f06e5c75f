"""Who is one person: a forest of identities, and what speaks for an edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.domain import contacts
from inbox.domain.contacts import Edges, Identity, NotOne

EIGHT = range(1, 9)
PAIRS = st.lists(st.tuples(st.sampled_from(EIGHT), st.sampled_from(EIGHT)), max_size=12)


def forest(pairs: list[tuple[int, int]]) -> dict[int, int | None]:
    """The identities after these joins; those that make nothing one are left out."""
    edges: dict[int, int | None] = dict.fromkeys(EIGHT)
    for into, other in pairs:
        try:
            below, top = contacts.joined(edges, into, other)
        except NotOne:
            continue
        edges[below] = top
    return edges


def groups(edges: Edges) -> set[frozenset[int]]:
    tops = {one: contacts.root(edges, one) for one in edges}
    return {frozenset(k for k, v in tops.items() if v == top) for top in tops.values()}


@given(PAIRS, st.tuples(st.sampled_from(EIGHT), st.sampled_from(EIGHT)))
def test_joining_and_separating_is_an_identity(
    pairs: list[tuple[int, int]], more: tuple[int, int]
) -> None:
    before = forest(pairs)
    if contacts.root(before, more[0]) == contacts.root(before, more[1]):
        return
    below, top = contacts.joined(before, *more)
    after = {**before, below: top}
    assert len(groups(after)) == len(groups(before)) - 1
    assert contacts.separated(after, below) == before
    assert contacts.people(contacts.separated(after, below)) == contacts.people(before)


@given(PAIRS, st.permutations(EIGHT))
def test_separating_all_in_any_order_leaves_everybody_alone(
    pairs: list[tuple[int, int]], order: list[int]
) -> None:
    edges: Edges = forest(pairs)
    for one in order:
        if edges[one] is not None:
            edges = contacts.separated(edges, one)
        assert {k: contacts.root(edges, k) for k in edges} == {
            k: v or k for k, v in contacts.people(edges).items()
        }
    assert set(contacts.people(edges).values()) == {None}


def test_who_the_person_is_named_after_cannot_be_separated_from_it() -> None:
    with pytest.raises(NotOne):
        contacts.separated({1: None, 2: 1}, 1)
    with pytest.raises(NotOne):
        contacts.joined({1: None, 2: 1}, 1, 2)


def someone(id: int, channel: str = "x", external: str = "", **given: str) -> Identity:
    spoken = frozenset(filter(None, [given.pop("lang", "en")]))
    name, handle = given.get("name"), given.get("handle")
    return Identity(id, channel, id, external or f"u{id}", handle, name, spoken)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (someone(1, external="77"), someone(2, external="77"), ("id",)),
        (someone(1, external="77"), someone(2, "line", external="77"), ()),
        (someone(1, "email", "Lin@a.example"), someone(2, "form", "lin@A.example"), ("email",)),
        (
            someone(1, handle="@LinYue@social.example"),
            someone(2, "bluesky", handle="linyue"),
            ("handle",),
        ),
        (someone(1, handle="@linyue"), someone(2, handle="@linyue"), ()),
        (someone(1, handle="@lin"), someone(2, "line", handle="lin"), ()),
        (someone(1, name="Lin  Yue"), someone(2, "line", name="LIN YUE"), ("name",)),
        (someone(1, name="Lin Yue"), someone(2, "line", name="Lin Yue", lang="zh"), ()),
        (someone(1, name="林月", lang="zh"), someone(2, "line", name="林月", lang="zh"), ("name",)),
        (someone(1, name="Lin"), someone(2, "line", name="Lin"), ()),
    ],
)
def test_what_speaks_for_one_person(one: Identity, other: Identity, why: tuple[str, ...]) -> None:
    assert contacts.reasons(one, other) == contacts.reasons(other, one) == why


def test_tags_are_folded_and_bounded() -> None:
    assert contacts.tags(["press"], ["Key Account", "press"], []) == ("key-account", "press")
    assert contacts.tags(["a", "b"], ["c"], ["B"]) == ("a", "c")
    for bad in ("", "-", "a--b", "a,b", "x" * 31, "a_b"):
        with pytest.raises(contacts.BadTag):
            contacts.tag(bad)
    with pytest.raises(contacts.BadTag):
        contacts.tags([], [f"t{n}" for n in range(21)], [])
