"""Invented customers move in beside real ones, and out again without a trace."""

from typing import Any

import pytest
from sqlalchemy import Table, UniqueConstraint, select

from inbox.domain import roster_written
from inbox.domain.actions import Actions
from inbox.domain.hooks import EVENTS
from inbox.domain.planning import LEAST_INTERVALS
from inbox.flows import (
    bulk,
    cases,
    contacts,
    demo,
    demo_team,
    endpoints,
    first_run,
    notes,
    planning,
    planning_waits,
    rostering,
    steps,
)
from inbox.flows.answers import By
from inbox.flows.endpoints import Wanted
from inbox.flows.finding import find
from inbox.flows.planning import Wish
from inbox.flows.poll import poll
from inbox.store import accounts, answers, notices, people, playbooks, roster
from inbox.store.locks import hold
from inbox.store.session import Store
from inbox.store.tables import Account, Base, Conversation, HookDelivery, Surge, SurgeMember
from tests.factories import first_message, make_brand, make_surge, make_user
from tests.flows.desk import Desk, says

HOW: dict[str, Any] = {"actor": "ada@lumen.example"}
REMEMBERED = {"audit", "events", "report_marks"}


def dump(store: Store) -> dict[str, list[str]]:
    """Every row of every table but those that remember what was done."""
    with store.read() as session:
        return {
            table.name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
            for table in Base.metadata.sorted_tables
            if table.name not in REMEMBERED
        }


def move_in(desk: Desk) -> list[Conversation]:
    """The invented conversations, after the first look."""
    demo.prepare(desk.store, desk.clock(), **HOW)
    with desk.store.read() as session:
        account = accounts.by_name(session, demo.CHANNEL, demo.HANDLE)
    assert account is not None
    brought = poll(desk.store, desk.settings, account.id, classifier=None, now=desk.clock)
    assert brought.new > 20
    with desk.store.read() as session:
        found = select(Conversation).where(Conversation.account_id == account.id)
        return list(session.scalars(found.order_by(Conversation.id)))


def test_removing_the_demo_leaves_every_row_as_it_was(desk: Desk) -> None:
    """Also where real and invented people were joined: as one person, one matter, one surge."""
    make_brand(desk.store)
    desk.take(says("1", "Where is my refund?"), says("2", "Hello", conversation="c2", author="bo"))
    real = desk.conversation()
    surge = make_surge(desk.store, real)
    before = dump(desk.store)

    invented = move_in(desk)
    now = desk.clock()
    contacts.join(desk.store, into=invented[0].contact_id, other=real.contact_id, now=now, **HOW)
    cases.join(desk.store, conversation_id=real.id, other_id=invented[0].id, now=now, **HOW)
    make_told_surge(desk, invented[1])
    some = [conversation.id for conversation in invented[:3]]
    by = By(desk.agent_id, "ada@lumen.example", "Ada", leads=True)
    bulk.begin(desk.store, some, Actions("spam"), name="Advert", by=by, key="j1", now=now)
    sample = first_message(desk.store, invented[2])
    with desk.store.write() as session:
        session.get_one(Surge, surge.id).sample = sample.id
        member = {"opener": sample.id, "person": invented[2].contact_id, "at": now}
        session.add(
            SurgeMember(surge_id=surge.id, conversation_id=invented[2].id, joined_at=now, **member)
        )
    desk.answer(conversation=invented[0].id, visibility=invented[0].visibility)
    noted: dict[str, Any] = {"conversation_id": invented[0].id, "agent_id": desk.agent_id}
    notes.write(desk.store, **noted, text="Invented.", form_key="n1", now=now, **HOW)

    assert demo.standing(desk.store) == len(invented)
    removed = demo.remove(desk.store, desk.settings, now=now, **HOW)
    assert removed == len(invented)
    assert dump(desk.store) == before
    with desk.store.read() as session:
        words = first_word(invented[0])
        assert find(session, words, now=now, me=desk.agent_id).found == ()
    assert demo.remove(desk.store, desk.settings, now=now, **HOW) == 0


def make_told_surge(desk: Desk, conversation: Conversation) -> None:
    """A surge of this conversation alone, of which Ada was told."""
    surge = make_surge(desk.store, conversation)
    with desk.store.write() as session:
        about: dict[str, Any] = {"kind": "surge", "surge_id": surge.id}
        notices.add(session, {desk.agent_id: "general"}, 100, desk.clock(), **about)


def first_word(conversation: Conversation) -> str:
    return f'"{conversation.preview.split(".")[0]}"'


@pytest.mark.parametrize("alone", [True, False])
def test_beside_real_customers_no_program_is_told_of_invented_ones(desk: Desk, alone: bool) -> None:
    """Where there are none a webhook can be tried; what waits for it goes with the demo."""
    wanted = Wanted("Data store", "https://8.8.8.8/in", EVENTS)
    endpoints.add(desk.store, desk.settings, wanted, now=desk.clock(), **HOW)
    if alone:
        with desk.store.write() as session:
            session.delete(session.get_one(Account, desk.account.id))
    first, *_ = move_in(desk)
    given: dict[str, Any] = {"agent_id": desk.agent_id, "expected": None, "now": desk.clock()}
    assert steps.assign(desk.store, conversation_id=first.id, **given, **HOW)
    assert len(desk.rows(HookDelivery)) == alone
    demo.remove(desk.store, desk.settings, now=desk.clock(), **HOW)
    assert desk.rows(HookDelivery) == []


def test_the_demo_is_not_removed_while_it_is_being_read(sqlite_desk: Desk) -> None:
    demo.prepare(sqlite_desk.store, sqlite_desk.clock())
    with sqlite_desk.store.read() as session:
        account = accounts.by_name(session, demo.CHANNEL, demo.HANDLE)
    assert account is not None
    folder = sqlite_desk.settings.folder
    with (
        hold(sqlite_desk.store, folder, "poll", account.id),
        pytest.raises(demo.DemoBusy),
    ):
        demo.remove(sqlite_desk.store, sqlite_desk.settings, now=sqlite_desk.clock(), **HOW)
    demo.remove(sqlite_desk.store, sqlite_desk.settings, now=sqlite_desk.clock(), **HOW)
    late = poll(
        sqlite_desk.store,
        sqlite_desk.settings,
        account.id,
        classifier=None,
        now=sqlite_desk.clock,
    )
    assert late.new == 0


def test_what_hangs_on_a_removed_row_is_found_by_an_index() -> None:
    """Else each row that goes reads a whole table: the demo of two days held the writer for 20 s
    where 5,000 real answers stood in the outbox, with the index for 4."""
    many = {"contacts", "conversations", "messages", "notes", "outbox", "turn_warnings"}
    unfound = [
        str(column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name in many for key in column.foreign_keys)
        and column.name not in leading(table)
    ]
    assert unfound == []


def leading(table: Table) -> set[str]:
    """The columns that an index of all rows begins with."""
    whole = [key.columns for key in table.indexes if key.dialect_options["sqlite"]["where"] is None]
    unique = [key.columns for key in table.constraints if isinstance(key, UniqueConstraint)]
    return {next(iter(key)).name for key in (table.primary_key.columns, *unique, *whole)}


def test_the_demos_own_team_gives_the_planner_all_that_it_needs_on_the_first_day(
    sqlite_desk: Desk,
) -> None:
    """History, times that answers took, shifts with a hole; none of it where somebody real is."""
    store, now = sqlite_desk.store, sqlite_desk.clock()
    make_brand(store)
    demo.prepare(store, now)
    demo_team.prepare(store, now)
    with store.read() as session:
        account = accounts.by_name(session, demo.CHANNEL, demo.HANDLE)
        assert account is not None
        assert demo_team.members(session) == account.settings["agents"]
        assert first_run.how_far(session).states["people"] != "done"
        assert playbooks.listed(session)
        assert answers.by_shortcut(session, answers.TEAM, "looking")
    poll(store, sqlite_desk.settings, account.id, classifier=None, now=sqlite_desk.clock)
    with store.read() as session:
        found = planning.plan(planning_waits.known(session, now), Wish(without=("night",)))
    assert found.needs == ()
    assert found.seen >= LEAST_INTERVALS
    assert 120 < (found.handling_s or 0) < 1200
    assert found.now is not None
    assert found.changed is not None
    asleep = sum(hour.can == 0 for hour in found.now.hours)
    assert 0 < asleep < sum(hour.can == 0 for hour in found.changed.hours)


def test_a_team_is_invented_for_nobody_who_is_real(sqlite_desk: Desk) -> None:
    store, now = sqlite_desk.store, sqlite_desk.clock()
    make_user(store, "Ada Voss", "admin")
    demo.prepare(store, now)
    demo_team.prepare(store, now)
    with store.read() as session:
        assert demo_team.members(session) == []
        assert roster.newest(session) is None


def test_the_demos_own_team_goes_with_it_and_a_shift_of_somebody_real_stays(desk: Desk) -> None:
    """One of them had a real conversation that is over: her name stays with it, and is shut out."""
    store, now = desk.store, desk.clock()
    make_brand(store)
    desk.take(says("1", "Where is my refund?"), says("2", "Hello", conversation="c2", author="bo"))
    over, open_ = desk.rows(Conversation)
    demo.prepare(store, now)
    demo_team.prepare(store, now)
    real = make_user(store, "Bo Narin", "agent").email
    noor, tobin, *_ = [demo_team.address(name) for name in demo_team.NAMES]
    with store.write() as session:
        ids = {one.email: one.id for one in people.everyone(session)}
        session.get_one(Conversation, over.id).assignee_id = ids[noor]
        session.get_one(Conversation, over.id).status = "resolved"
        session.get_one(Conversation, open_.id).assignee_id = ids[tobin]
        day, *others = roster_written.document(roster.shifts(session), "Europe/Lisbon")["shift"]
        with_bo = {"shift": [day | {"groups": [[noor, real], [noor]]}, *others]}
        rostering.change_in(session, with_bo, actor=real, now=now)
    demo.remove(store, desk.settings, now=now, **HOW)
    with store.read() as session:
        left = {one.email: one.disabled_at for one in people.everyone(session)}
        assert left == {"ada@lumen.example": None, real: None, noor: now}
        assert [one.groups for one in roster.shifts(session)] == [((real,), ())]
        assert session.get_one(Conversation, open_.id).assignee_id is None
