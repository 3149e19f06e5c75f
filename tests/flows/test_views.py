"""Saved views: whose they are, what they hold, and that nothing of them is lost by a slip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.search import BadSearch
from inbox.domain.views import MOST_NAME, BadView, moved, name_of
from inbox.flows import views as flow
from inbox.flows.views import NoSuchView, NotTheirs, Wanted, Who
from inbox.store import views
from inbox.store.session import Store
from inbox.store.tables import Audit
from inbox.web.view_counts import AT_ONCE, FRESH, Counts
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation, make_user

OPERATOR = Who(None, "cli", leads=True)


def names(store: Store, me: int | None) -> list[str]:
    with store.read() as session:
        return [view.name for view in views.visible(session, me)]


@given(st.permutations(range(5)), st.integers(0, 4), st.sampled_from([-1, 1]))
def test_a_move_and_its_opposite_leave_the_order(order: list[int], one: int, by: int) -> None:
    there = moved(order, one, by)
    assert sorted(there) == sorted(order)
    assert there == order or moved(there, one, -by) == order


@pytest.mark.parametrize("name", ["", " \n ", "x" * (MOST_NAME + 1), " LATE  refunds "])
def test_a_name_is_short_and_not_taken(name: str) -> None:
    with pytest.raises(BadView):
        name_of(name, {"late refunds"})


def test_ones_own_views_are_seen_by_nobody_else_and_the_teams_by_all(store: Store) -> None:
    ada, bo = (make_user(store, name) for name in ("Ada Voss", "Bo Narin"))
    mine, other = Who(ada.id, ada.email), Who(bo.id, bo.email)
    own = flow.add(store, mine, Wanted(" Mine  now ", " is:mine   is:open "), MONDAY)
    late = flow.add(store, mine, Wanted("Late", "is:overdue", shared=True), MONDAY)
    flow.add(store, OPERATOR, Wanted("中文", "lang:zh", shared=True), MONDAY)
    assert names(store, ada.id) == ["Late", "中文", "Mine now"]
    assert names(store, bo.id) == names(store, None) == ["Late", "中文"]
    for id_, wrong in ((own, NoSuchView), (late, NotTheirs)):
        with pytest.raises(wrong):
            flow.remove(store, other, id_, MONDAY)
    lead = Who(bo.id, bo.email, leads=True)
    flow.move(store, lead, late, 1, MONDAY)
    assert names(store, bo.id) == ["中文", "Late"]
    with pytest.raises(NoSuchView):
        flow.change(store, lead, own, Wanted("Theirs", "is:open"), MONDAY)
    flow.change(store, mine, late, Wanted("Late now", "is:overdue is:mine"), MONDAY)
    assert names(store, bo.id) == ["中文"]
    assert names(store, ada.id) == ["中文", "Mine now", "Late now"]
    with store.read() as session:
        found = views.named(session, "MINE now", ada.id)
        assert found is not None
        assert (found.id, found.query) == (own, "is:mine is:open")
        assert session.query(Audit).filter(Audit.action.like("%view")).count() == 5


def test_a_name_stands_once_and_a_removed_view_comes_back_unless_it_was_given_away(
    store: Store,
) -> None:
    id_ = flow.add(store, OPERATOR, Wanted("Late", "is:overdue", shared=True), MONDAY)
    for name, query, wrong in (
        ("LATE ", "is:open", BadView),
        ("due", "is:open", BadView),
        ("Next", "is:opn", BadSearch),
        ("Next", "", BadSearch),
    ):
        with pytest.raises(wrong):
            flow.add(store, OPERATOR, Wanted(name, query, shared=True), MONDAY)
    flow.change(store, OPERATOR, id_, Wanted("late", "is:overdue is:vip", shared=True), MONDAY)
    flow.remove(store, OPERATOR, id_, MONDAY)
    assert names(store, None) == []
    flow.restore(store, OPERATOR, id_, MONDAY)
    assert names(store, None) == ["late"]
    flow.remove(store, OPERATOR, id_, MONDAY)
    flow.add(store, OPERATOR, Wanted("Late", "is:overdue", shared=True), MONDAY)
    with pytest.raises(BadView):
        flow.restore(store, OPERATOR, id_, MONDAY)


def test_views_that_share_a_place_stand_in_one_order(store: Store) -> None:
    ids = [
        flow.add(store, OPERATOR, Wanted(name, "is:open", shared=True), MONDAY) for name in "azc"
    ]
    flow.remove(store, OPERATOR, ids[1], MONDAY)
    flow.move(store, OPERATOR, ids[0], -1, MONDAY)  # c takes the place that z had
    flow.restore(store, OPERATOR, ids[1], MONDAY)
    assert names(store, None) == ["a", "z", "c"]


def test_a_removed_view_is_neither_changed_nor_moved(store: Store) -> None:
    id_ = flow.add(store, OPERATOR, Wanted("Late", "is:overdue", shared=True), MONDAY)
    flow.remove(store, OPERATOR, id_, MONDAY)
    with pytest.raises(NoSuchView):
        flow.change(store, OPERATOR, id_, Wanted("Later", "is:open", shared=True), MONDAY)
    with pytest.raises(NoSuchView):
        flow.move(store, OPERATOR, id_, 1, MONDAY)


def test_what_a_view_holds_is_counted_for_its_reader_and_not_for_every_page(store: Store) -> None:
    ada = make_user(store)
    account = make_account(store)
    make_conversation(store, account, assignee_id=ada.id)
    make_conversation(store, account)
    for number, query in enumerate(("is:mine", "is:open", "refund", "account:@gone")):
        with store.write() as session:
            views.add(session, 0, None, f"v{number}", query, MONDAY)
    counts = Counts()
    with store.read() as session:
        shown = views.visible(session, ada.id)
        first = counts.of(session, shown, ada.id, MONDAY)
        assert list(first.values()) == [1, 2][:AT_ONCE]
        second = counts.of(session, shown, ada.id, MONDAY)
        assert list(second.values()) == [1, 2, 0, None]
        assert counts.of(session, shown[:1], ada.id + 1, MONDAY) == {shown[0].id: 0}
        others = counts.of(session, shown, ada.id + 2, MONDAY)
        assert list(others.values()) == [0, 2, 0, None]  # what all share is not counted again
    make_conversation(store, account)
    with store.read() as session:
        assert counts.of(session, shown, ada.id, MONDAY + FRESH / 2)[shown[1].id] == 2
        assert counts.of(session, shown, ada.id, MONDAY + FRESH)[shown[1].id] == 3
