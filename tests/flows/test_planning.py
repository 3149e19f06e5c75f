"""The planner reads what was answered, and tries itself on weeks that are over."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from inbox.domain.planning import Wait
from inbox.domain.planning_changes import more
from inbox.domain.written import Unclear
from inbox.flows import rostering
from inbox.flows.planning import Plan, Wish, plan
from inbox.flows.planning_tests import tried
from inbox.flows.planning_waits import Known, in_time, known
from inbox.store.session import Store
from inbox.store.tables import Contact, TurnRow
from tests.clock import MONDAY
from tests.factories import make_brand, make_conversation, make_user

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SHIFT = {"id": "day", "name": "Day", "hours": "08:00-18:00", "people": ["ada@lumenpay.example"]}
POLICY = {"id": "social", "version": 1, "name": "Social", "target": "24h"}


def keep(store: Store, rows: Iterable[dict[str, Any]]) -> None:
    """Waits of one conversation, as evidence has them."""
    id_ = make_conversation(store, status="resolved").id
    with store.write() as session:
        for n, row in enumerate(rows):
            base: dict[str, Any] = {"conversation_id": id_, "seq": n, "episode": n, "opened_by": n}
            base |= {"is_first": True, "policy": POLICY, "calendar": {}, "end": "answered"}
            base |= {"evaluated_at": MONDAY, "due_at": row["opened_at"] + DAY}
            session.add(TurnRow(**base | row))


def history(days: int, agent: int, until: datetime = MONDAY) -> list[dict[str, Any]]:
    """Each day four people write at 09:00, and are answered one after the other, in 10 minutes."""
    return [
        {"opened_at": at, "ended_at": at + n * 10 * MINUTE, "agent_id": agent}
        for at in (until - d * DAY for d in range(1, days + 1))
        for n in range(1, 5)
    ]


def read(store: Store) -> Known:
    with store.read() as session:
        return known(session, MONDAY)


def planned(store: Store, wish: Wish | None = None) -> Plan:
    return plan(read(store), wish or Wish())


@pytest.fixture
def desk(sqlite_store: Store) -> Store:
    """Six weeks of a brand whose Ada works by day since before them."""
    make_brand(sqlite_store)
    ada = make_user(sqlite_store)
    said = {"shift": [SHIFT]}
    rostering.change_shifts(sqlite_store, said, actor="ada", now=MONDAY - 50 * DAY)
    keep(sqlite_store, history(43, ada.id))
    return sqlite_store


def test_what_is_read_is_what_needs_an_answer_under_the_policies_of_today(store: Store) -> None:
    """On both engines: excused waits, and those of whom is blocked, are no load."""
    make_brand(store)
    ada = make_user(store)
    own = POLICY | {"internal": [{"id": "critical"}, {"id": "gone"}]}
    keep(
        store,
        [
            {"opened_at": MONDAY - DAY, "ended_at": MONDAY, "agent_id": ada.id, "policy": own},
            {"opened_at": MONDAY - DAY, "ended_at": MONDAY, "policy": POLICY | {"id": "gone"}},
            {"opened_at": MONDAY - DAY, "ended_at": MONDAY, "end": "excused"},
            {"opened_at": MONDAY - 99 * DAY, "ended_at": MONDAY},
        ],
    )
    make_conversation(store)
    blocked = make_conversation(store)
    with store.write() as session:
        session.get_one(Contact, blocked.contact_id).blocked = True
    found = read(store)
    assert [(w.ended_at, w.agent) for w in found.waits] == [
        (MONDAY, ada.id),
        (MONDAY, None),
        (None, None),
    ]
    names = [[rule.policy for rule in wait.rules] for wait in found.waits]
    assert names[0] == ["social", "critical"]
    assert {str(wait.rules[0].target) for wait in found.waits} == {"24h"}
    assert found.first == (MONDAY - 98 * DAY).date()


def test_without_history_it_says_what_is_missing(sqlite_store: Store) -> None:
    make_brand(sqlite_store)
    found = planned(sqlite_store)
    assert (found.needs, found.now, found.came) == (("history", "handling", "shifts"), None, ())
    assert tried(read(sqlite_store), Wish()).weeks == ()
    keep(sqlite_store, history(16, make_user(sqlite_store).id))
    wish = Wish(more=(more("1 daily 08:00-18:00"),))
    assert (planned(sqlite_store).needs, planned(sqlite_store, wish).needs) == (("shifts",), ())
    assert planned(sqlite_store, replace(wish, more=(), handling_s=60)).handling_s == 60


def test_the_roster_is_played_through_as_it_is_and_as_changed(desk: Store) -> None:
    wish = Wish(("day",), (more("1 sat,sun 00:00-00:00"),), within_h=1)
    found = planned(desk, wish)
    assert (found.needs, found.handling_s, found.promised_h) == ((), 600.0, 24)
    assert [came for _, came in found.came] == pytest.approx([4.0] * 7)
    now, other = found.now, found.changed
    assert now is not None
    assert other is not None
    assert now.week.share is not None
    assert other.week.share is not None
    assert (now.week.share.low, now.week.waits, now.waiting) == (1.0, 28.0, None)
    assert now.week.p90_s == pytest.approx(2400)
    assert now.week.within[1].middle == pytest.approx(1)
    assert now.quick[1] == pytest.approx(1)
    assert now.week.by_policy["social"][1] == 28
    # Tuesday to Friday wait for Saturday; what comes on Friday after 09:00 + 24 h is in time then.
    assert 0.4 < other.week.share.middle < 0.6
    assert max(hour.left for hour in other.hours) > max(hour.left for hour in now.hours)
    assert planned(desk, wish) == found  # the same seed
    with pytest.raises(Unclear):
        planned(desk, Wish(("night",)))


def test_it_is_tried_on_weeks_that_are_over(desk: Store) -> None:
    """A regular brand is forecast without error; the weeks before the roster have no share."""
    found = tried(read(desk), Wish())
    assert [(week.came, week.was) for week in found.weeks] == [(28, 1.0)] * 4
    assert [week.forecast for week in found.weeks] == pytest.approx([28] * 4)
    assert found.load_error == pytest.approx(0)
    assert found.share_error == 0
    later = replace(read(desk), eras=())
    assert [week.share for week in tried(later, Wish()).weeks] == [None] * 4
    slow = tried(read(desk), Wish(handling_s=4 * 3600))
    assert slow.share_error is not None
    assert slow.share_error > 0.5


def test_what_is_due_later_is_not_in_what_was(desk: Store) -> None:
    """Answers of the last hours came in time all of them, so far: who still waits may not be."""
    rules = read(desk).waits[0].rules
    late = Wait(MONDAY - 2 * DAY, rules, MONDAY)
    soon = Wait(MONDAY - DAY + MINUTE, rules, MONDAY)
    assert in_time([late, soon, replace(soon, ended_at=None)], MONDAY) == 0
    assert in_time([late, replace(late, ended_at=MONDAY - DAY)], MONDAY) == 0.5
    assert in_time([soon], MONDAY) is None
