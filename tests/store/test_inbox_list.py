"""The list, its counts and a conversation's page as queries, on both engines."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy import text as sql

from inbox.domain.conversation import STATES
from inbox.store import critical, due, inbox_list, persons, thread
from inbox.store.inbox_list import Place
from inbox.store.session import Store
from inbox.store.tables import Contact, Conversation
from tests.clock import MONDAY, Clock
from tests.factories import (
    make_account,
    make_conversation,
    make_message,
    make_reply,
    make_user,
)


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that run within the block."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(store.reader, "before_cursor_execute", note)
    yield statements
    event.remove(store.reader, "before_cursor_execute", note)


def walk(store: Store, view: str, user_id: int = 0, limit: int = 3) -> list[int]:
    """The ids of a view, page after page."""
    found: list[int] = []
    after: Place | None = None
    while True:
        with store.read() as session:
            rows, after = inbox_list.page(session, view, user_id, after, limit)
        found += [row.id for row in rows]
        if after is None:
            return found
        assert len(rows) == limit
        after = Place.parse(str(after))


def fill(store: Store) -> dict[str, list[int]]:
    """Open ones due in the wrong order (two at once), waiting ones, resolved ones."""
    account = make_account(store)
    hours = (5, 1, 3, 3, -2)
    opened = [
        make_conversation(store, account, due_at=MONDAY + timedelta(hours=h)).id for h in hours
    ]
    ended = {
        status: [
            make_conversation(
                store, account, status=status, opened_at=MONDAY - timedelta(hours=h)
            ).id
            for h in (2, 1)
        ]
        for status in ("waiting", "resolved")
    }
    o = opened
    return {"open": [o[4], o[1], o[2], o[3], o[0]]} | {k: v[::-1] for k, v in ended.items()}


def test_the_list_is_ordered_by_what_is_due_first_and_then_by_who_wrote_last(
    store: Store,
) -> None:
    ids = fill(store)
    for limit in (1, 3, 50):
        assert walk(store, "due", limit=limit) == ids["open"] + ids["waiting"]
        assert walk(store, "all", limit=limit) == ids["open"] + ids["waiting"] + ids["resolved"]
    assert walk(store, "waiting") == ids["waiting"]


def test_mine_and_unassigned_are_told_apart(store: Store) -> None:
    ada, bo = make_user(store), make_user(store, "Bo Narin")
    mine = make_conversation(store, assignee_id=ada.id).id
    waiting = make_conversation(store, assignee_id=ada.id, status="waiting").id
    make_conversation(store, assignee_id=bo.id)
    nobodys = make_conversation(store).id
    assert walk(store, "mine", ada.id) == [mine, waiting]
    assert walk(store, "unassigned", ada.id) == [nobodys]
    with store.read() as session:
        counts = inbox_list.counts(session, ada.id)
    assert counts == {"due": 3, "mine": 1, "unassigned": 1, "waiting": 1, "snoozed": 0}


def test_a_row_that_comes_while_one_pages_is_neither_doubled_nor_hides_another(
    store: Store,
) -> None:
    ids = fill(store)
    with store.read() as session:
        first, after = inbox_list.page(session, "due", 0, None, 3)
    make_conversation(store, due_at=MONDAY - timedelta(hours=9))
    with store.read() as session:
        rest, _ = inbox_list.page(session, "due", 0, after, 50)
    assert [row.id for row in (*first, *rest)] == ids["open"] + ids["waiting"]


@pytest.mark.parametrize("text", ["", "x", "open", "open.x.1", "open.2026-11-23.1", "sold.a.1"])
def test_a_place_that_no_page_gave_out_is_the_beginning(text: str) -> None:
    assert Place.parse(text) is None


@pytest.mark.parametrize("view", sorted(inbox_list.VIEWS))
def test_a_page_of_the_list_takes_a_query_for_each_stage_and_one_for_all_rows(
    store: Store, view: str
) -> None:
    account, ada = make_account(store), make_user(store)
    mine: dict[str, Any] = {"assignee_id": ada.id} if view == "mine" else {}
    for status in STATES:
        back_at = MONDAY + timedelta(hours=1) if status == "snoozed" else None
        for _ in range(4):
            make_conversation(store, account, status=status, back_at=back_at, **mine)
    with counted(store) as statements, store.read() as session:
        rows, _ = inbox_list.page(session, view, ada.id)
        assert rows
        assert all(row.contact_name and row.channel for row in rows)
    asked = [s for s in statements if s.startswith("SELECT")]
    assert len(asked) <= len(inbox_list.VIEWS[view]) + 1
    assert len([s for s in asked if "JOIN" in s]) == 1  # which they are is told without one


def test_counting_stops_at_a_thousand(sqlite_store: Store) -> None:
    first = make_conversation(sqlite_store, unread=1)
    columns = Conversation.__table__.columns.keys()
    values = {c: getattr(first, c) for c in columns if c not in {"id", "thread", "token"}}
    with sqlite_store.write() as session:
        session.add_all(
            Conversation(**values | {"thread": f"t{n}", "token": f"t{n}"}) for n in range(1100)
        )
    with sqlite_store.read() as session:
        assert inbox_list.counts(session, 0)["due"] == 1001
        assert inbox_list.badges(session, MONDAY + timedelta(days=2)).overdue == 1001
        assert inbox_list.by_account(session) == {first.account_id: 1001}
        assert [r.many for r in due.by_hour(session, MONDAY, MONDAY)] == [1001]


def test_badges_count_what_is_overdue_and_what_is_unread(store: Store, clock: Clock) -> None:
    make_conversation(store, due_at=clock() - timedelta(seconds=1))
    make_conversation(store, due_at=clock(), unread=0)
    make_conversation(store, status="waiting")
    with store.read() as session:
        badges = inbox_list.badges(session, clock())
    assert (badges.overdue, badges.unread) == (1, 1)


def test_what_falls_due_is_counted_by_the_hour_of_the_local_clock(store: Store) -> None:
    hour, now = MONDAY + timedelta(minutes=30), MONDAY + timedelta(minutes=45)  # a zone of :30
    for minutes in (-5, 0, 44, 45, 1365, 1440, 1441):
        make_conversation(store, due_at=now + timedelta(minutes=minutes))
    make_conversation(store, status="waiting")
    with store.read() as session:
        found = due.by_hour(session, hour, now)
    assert [(row.first - now, row.many) for row in found] == [
        (timedelta(0), 2),
        (timedelta(minutes=45), 1),
        (timedelta(minutes=1365), 1),
        (timedelta(minutes=1440), 1),
    ]


def test_counts_come_from_indexes_alone(sqlite_store: Store) -> None:
    """At a million each look at a row more was 0.1 s a page."""
    make_conversation(sqlite_store)
    with counted(sqlite_store) as statements, sqlite_store.read() as session:
        due.by_hour(session, MONDAY, MONDAY)
        inbox_list.by_account(session)
        inbox_list.badges(session, MONDAY)
        inbox_list.counts(session, 1)
        asked = [s for s in statements if "count(" in s]
        plans = [
            str(step[3])
            for said in asked
            for step in session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN {said}", (None,) * said.count("?")
            )
        ]
    steps = [step for step in plans if "conversations" in step]
    assert all("USING COVERING INDEX" in step for step in steps), steps
    for index in ("due", "account", "unread_counted", "mine"):
        assert any(f"ix_conversations_{index} " in step for step in steps), index


def test_a_conversation_is_read_in_a_fixed_number_of_queries(store: Store) -> None:
    agent = make_user(store)
    conversation = make_conversation(store)
    taken = []
    for _ in range(2):
        for n in range(10):
            make_message(store, conversation, f"more {n}", MONDAY + timedelta(minutes=n))
            make_reply(store, conversation, agent)
        with counted(store) as statements, store.read() as session:
            assert thread.read(session, conversation.id) is not None
        taken.append(len([s for s in statements if s.startswith("SELECT")]))
    assert taken[0] == taken[1] <= 16


def test_the_newest_messages_come_in_the_order_of_their_platform_times(store: Store) -> None:
    conversation = make_conversation(store, text="first")
    for text, minutes in (("third", 2), ("second", 1), ("fourth", 2)):
        make_message(store, conversation, text, MONDAY + timedelta(minutes=minutes))
    with store.read() as session:
        whole = thread.read(session, conversation.id)
        part = thread.read(session, conversation.id, most=2)
    assert whole is not None
    assert part is not None
    assert [m.text for m in whole.messages] == ["first", "second", "third", "fourth"]
    assert not whole.more
    assert [m.text for m in part.messages] == ["third", "fourth"]
    assert part.more


def test_third_parties_of_the_thread_are_context_and_other_threads_are_not(store: Store) -> None:
    account = make_account(store)
    conversation = make_conversation(store, account, text="hello")
    other = make_conversation(store, account)
    third = {"role": "third", "conversation_id": None}
    make_message(store, conversation, "me too", MONDAY + timedelta(minutes=1), **third)
    make_message(store, other, "elsewhere", MONDAY, **third)
    with store.read() as session:
        found = thread.read(session, conversation.id)
    assert found is not None
    assert [m.text for m in found.messages] == ["hello", "me too"]


def test_replies_that_are_not_sent_yet_stand_in_the_thread(store: Store) -> None:
    agent = make_user(store)
    conversation = make_conversation(store)
    for state in ("queued", "unknown", "sent"):
        make_reply(store, conversation, agent, state=state)
    with store.read() as session:
        found = thread.read(session, conversation.id)
    assert found is not None
    assert [(r.state, r.agent_name) for r in found.replies] == [
        ("queued", "Ada Voss"),
        ("unknown", "Ada Voss"),
    ]


def test_earlier_conversations_are_those_of_the_same_customer_newest_first(store: Store) -> None:
    account = make_account(store)
    first = make_conversation(store, account, opened_at=MONDAY - timedelta(days=9))
    with store.read() as session:
        contact = session.get_one(Contact, first.contact_id)
    second = make_conversation(store, account, contact=contact, status="waiting")
    third = make_conversation(store, account, contact=contact)
    make_conversation(store, account)
    with store.read() as session:
        found = thread.read(session, third.id)
    assert found is not None
    assert [e.id for e in found.earlier] == [second.id, first.id]
    assert found.customer_since == MONDAY - timedelta(days=9)


def test_nothing_is_read_of_a_conversation_that_is_not_there(store: Store) -> None:
    with store.read() as session:
        assert thread.read(session, 404) is None
        assert not thread.exists(session, 404)
        assert thread.conversation_of(session, 404) is None


def test_who_is_blocked_or_muted_is_found_by_an_index(sqlite_store: Store) -> None:
    """Every look at the list asks for them: a scan of all contacts took 0.2 s at 300,000."""
    with counted(sqlite_store) as statements, sqlite_store.read() as session:
        for mark in persons.MARKS:
            session.execute(persons.having(mark)).all()
        asked = [s for s in statements if s.startswith("SELECT")]
        plans = [session.execute(sql(f"EXPLAIN QUERY PLAN {s}")).all() for s in asked]
    for mark, plan in zip(persons.MARKS, plans, strict=True):
        steps = [str(step[3]) for step in plan]
        assert f"SCAN contacts USING INDEX ix_contacts_{mark}" in steps
        assert not {"SCAN contacts", "SCAN same_person"} & set(steps)


def test_critical_waits_are_found_by_the_teams_target_and_by_their_index(store: Store) -> None:
    account = make_account(store)
    hidden = make_account(store, "bluesky")
    target: dict[str, Any] = {"urgency": "critical", "internal_due_at": MONDAY}
    later = make_conversation(
        store, account, urgency="critical", internal_due_at=MONDAY + timedelta(hours=1)
    ).id
    first = make_conversation(store, account, **target).id
    make_conversation(store, account, status="waiting", **target)
    make_conversation(store, account, urgency="critical")  # no target of the team
    make_conversation(store, account, internal_due_at=MONDAY)  # not critical
    make_conversation(store, hidden, **target)
    blocked = make_conversation(store, account, name="Blocked", **target)
    with store.write() as session:
        session.get_one(Contact, blocked.contact_id).blocked = True
    with store.read() as session:
        session.info["hidden"] = frozenset({hidden.id})
        with counted(store) as statements:
            assert [row.id for row in critical.critical(session)] == [first, later]
        if store.reader.dialect.name == "sqlite":
            [said] = [one for one in statements if "ORDER BY conversations.internal" in one]
            how = f"EXPLAIN QUERY PLAN {said}", (None,) * said.count("?")
            plan = session.connection().exec_driver_sql(*how).all()
            assert any("ix_conversations_critical" in step[3] for step in plan), plan
