"""Warnings of open waits: each once, quiet when answered, nothing of history."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, update

from inbox.flows import contacts, rostering, steps, warnings
from inbox.flows.importing import fold_dirty
from inbox.flows.ingest import ingest
from inbox.flows.policies import change_policies, read_toml
from inbox.store import warnings as stored
from inbox.store.session import Store
from inbox.store.tables import (
    Account,
    Audit,
    Conversation,
    Event,
    HookDelivery,
    Notice,
    TurnWarning,
    User,
)
from tests.clock import MONDAY
from tests.factories import make_endpoint, make_user
from tests.flows.desk import Desk, at, own, says
from tests.kill.victims import Step, run


def look(desk: Desk, hours: float) -> int:
    """A look so many hours after Ann wrote."""
    desk.clock.now = at(-10) + timedelta(hours=hours)
    return warnings.look(desk.store, desk.clock())


def told(desk: Desk) -> list[tuple[str, int, str, str]]:
    """(person, part, why, channel) of every notice, in order."""
    names = {user.id: user.name for user in desk.rows(User)}
    parts = {row.id: row.part for row in desk.rows(TurnWarning)}
    return [
        (names[row.user_id], parts[row.warning_id], row.why, row.channel)
        for row in desk.rows(Notice)
    ]


def assign(desk: Desk, agent_id: int | None) -> None:
    with desk.store.write() as session:
        session.execute(update(Conversation).values(assignee_id=agent_id))


def connected(desk: Desk, minutes: float) -> Desk:
    """Its account was connected then."""
    with desk.store.write() as session:
        session.execute(update(Account).values(created_at=at(minutes)))
    return desk


@pytest.fixture
def team(desk: Desk) -> Desk:
    """Ann waits; the conversation is Ada's; Lee leads, Max is the admin."""
    connected(desk, -60).take(says("1"))
    make_user(desk.store, "Lee Lead", "lead", warn_by_mail=0)
    make_user(desk.store, "Max Admin", "admin")
    assign(desk, desk.agent_id)
    return desk


@pytest.fixture
def lead(sqlite_desk: Desk) -> Desk:
    """Lee leads; nobody waits yet; the engine does not matter."""
    make_user(sqlite_desk.store, "Lee Lead", "lead")
    return connected(sqlite_desk, -30)


def test_the_lead_on_duty_is_told_and_the_other_is_not(team: Desk) -> None:
    make_user(team.store, "Dee Duty", "lead")
    row = {
        "id": "night",
        "name": "Night",
        "hours": "22:00-06:00",
        "people": ["dee@lumenpay.example"],
    }
    rostering.change_shifts(team.store, {"shift": [row]}, actor="cli", now=MONDAY)
    look(team, 18)
    assert {who for who, part, why, _ in told(team) if why == "lead"} == {"Dee Duty"}


def test_nobody_is_told_of_a_muted_person_not_even_later(team: Desk) -> None:
    mute = partial(contacts.set_mark, team.store, contact_id=1, mark="muted", actor="cli")
    mute(on=True, now=MONDAY)
    make_endpoint(team.store, events=["turn.warning", "turn.breached"])
    assert look(team, 18) == 0
    mute(on=False, now=MONDAY)
    look(team, 18.1)
    assert told(team) == []
    assert team.rows(HookDelivery) == []
    assert "notice" not in [row.topic for row in team.rows(Event)]


def test_each_step_is_told_once_to_a_growing_circle(team: Desk) -> None:
    assert [look(team, hours) for hours in (11.9, 12, 12.1, 18, 21.6, 23.9, 24, 90)] == (
        [0, 1, 0, 1, 1, 0, 1, 0]
    )
    assert [row for row in told(team) if row[3] == "app"] == [
        ("Ada", 50, "assignee", "app"),
        ("Ada", 75, "assignee", "app"),
        ("Lee Lead", 75, "lead", "app"),
        ("Ada", 90, "assignee", "app"),
        ("Lee Lead", 90, "lead", "app"),
        ("Ada", 100, "assignee", "app"),
        ("Lee Lead", 100, "lead", "app"),
        ("Max Admin", 100, "wide", "app"),
    ]
    assert [row[:2] for row in told(team) if row[3] == "mail"] == [
        ("Ada", 90),
        ("Ada", 100),
        ("Max Admin", 100),
    ]
    assert team.conversation().warn_at is None


def test_a_look_after_hours_of_standstill_tells_the_highest_step_alone(team: Desk) -> None:
    assert look(team, 200) == 1
    assert [row.part for row in team.rows(TurnWarning)] == [100]
    assert [row.action for row in team.rows(Audit)].count("breach") == 1
    assert "notice" in [row.topic for row in team.rows(Event)]


@pytest.mark.parametrize("end", ["answer", "excuse", "resolve"])
def test_a_wait_that_has_ended_is_quiet(team: Desk, end: str) -> None:
    look(team, 12)
    if end == "answer":
        team.take(own("2", minutes=-5))
    else:
        verb: Callable[..., None] = getattr(steps, end)
        more: dict[str, Any] = {"agent_id": team.agent_id, "actor": "ada", "reason": "thanks"}
        verb(
            team.store,
            conversation_id=team.conversation().id,
            seen=team.newest(),
            now=team.clock(),
            **more,
        )
    assert look(team, 90) == 0


def test_the_next_wait_is_warned_of_anew(team: Desk) -> None:
    look(team, 24)
    team.take(own("2", minutes=60 * 25), says("3", minutes=60 * 26))
    assert look(team, 26 + 24) == 1
    assert [row.part for row in team.rows(TurnWarning)] == [100, 100]


def test_a_changed_policy_or_owner_repeats_nothing(team: Desk) -> None:
    look(team, 18)
    assign(team, None)
    policy = '[[policy]]\nid = "all"\nname = "All"\nfirst = "30h"\nwarn_at = [40, 50, 95]'
    change_policies(team.store, read_toml(policy), actor="cli", now=team.clock())
    assert team.conversation().warn_at is not None
    assert look(team, 18.1) == 0
    assert look(team, 28.5) == 1
    assert [row.part for row in team.rows(TurnWarning)] == [75, 95]


def test_an_older_message_that_comes_late_repeats_nothing(team: Desk) -> None:
    look(team, 18)
    team.take(says("0", minutes=-11))
    assert team.conversation().opened_by != team.rows(TurnWarning)[0].opened_by
    assert look(team, 18.1) == 0
    assert look(team, 21.7) == 1


def test_two_schedulers_tell_once(team: Desk) -> None:
    """Both have seen the wait; the second comes to write after the first."""
    team.clock.now = at(-10) + timedelta(hours=24)
    ids = [team.conversation().id]
    for _ in range(2):
        with team.store.write() as session:
            session.execute(update(Conversation).values(warn_at=MONDAY))
            warnings._look_at(session, ids, team.clock())
    assert len(team.rows(TurnWarning)) == 1
    assert len(told(team)) == 5


def test_a_look_that_dies_at_any_write_tells_everything_once_at_the_next(team: Desk) -> None:
    team.clock.now = at(-10) + timedelta(hours=24)
    team.store.close()
    for table in ("turn_warnings", "notices", "audit", "conversations", "commit"):
        died = run(
            team.store, lambda: warnings.look(team.store, team.clock()), Step("before", table)
        )
        assert died, table
        assert team.rows(TurnWarning) == [], table
        team.store.close()
    assert look(team, 24) == 1
    assert len(told(team)) == 5
    assert look(team, 24.1) == 0


def test_history_is_told_to_nobody(lead: Desk) -> None:
    """What was written before the account was connected, and what an import brought."""
    desk = lead
    desk.take(says("1", minutes=-31, author="ben", conversation="c2"))
    page = [says("2", minutes=-20)]
    ingest(desk.store, desk.account, page, classifier=None, now=desk.clock(), fold=False)
    fold_dirty(desk.store, desk.clock)
    assert look(desk, 100) == 0
    desk.take(own("3", minutes=60 * 101), says("4", minutes=60 * 102))
    assert look(desk, 102 + 12) == 1, "what is written from now on is no history"


def test_an_import_leaves_a_wait_that_is_watched_already(lead: Desk) -> None:
    desk = lead
    desk.take(says("1"))
    page = [says("2", minutes=-9)]
    ingest(desk.store, desk.account, page, classifier=None, now=desk.clock(), fold=False)
    fold_dirty(desk.store, desk.clock)
    assert look(desk, 12) == 1


def test_an_internal_target_warns_beside_the_public_one(lead: Desk) -> None:
    desk = lead
    policies = (
        '[[policy]]\nid = "fast"\nname = "Fast"\nfirst = "1h"\npublic = false\n'
        '[[policy]]\nid = "all"\nname = "All"\nfirst = "24h"'
    )
    change_policies(desk.store, read_toml(policies), actor="cli", now=desk.clock())
    desk.take(says("1"))
    assert look(desk, 12) == 2
    assert [(row.target, row.part) for row in desk.rows(TurnWarning)] == [
        ("public", 50),
        ("internal", 100),
    ]


def test_a_policy_for_tagged_people_is_warned_of_by_its_own_clock(lead: Desk) -> None:
    desk = lead
    partner = (
        '[[policy]]\nid = "partner"\nname = "Partner"\nfirst = "2h"\ncontact_tags = ["partner"]\n'
        '[[policy]]\nid = "all"\nname = "All"\nfirst = "24h"'
    )
    desk.take(says("1"))
    contacts.change_tags(desk.store, contact_id=1, add=["partner"], actor="cli", now=desk.clock())
    change_policies(desk.store, read_toml(partner), actor="cli", now=desk.clock())
    assert look(desk, 1) == 1
    assert [(row.policy, row.part) for row in desk.rows(TurnWarning)] == [("partner", 50)]


def test_what_was_told_is_found_by_its_conversation(sqlite_store: Store) -> None:
    asked: list[str] = []
    with sqlite_store.read() as session:
        note = partial(_note, asked)
        event.listen(session.connection(), "before_cursor_execute", note)
        stored._told(session, [1], [1])
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", (1, 1))
        assert "ix_turn_warnings_conversation_id" in str(plan.all())


def _note(asked: list[str], connection: Any, cursor: Any, statement: str, *_: Any) -> None:
    asked.append(statement)


def test_a_look_with_nothing_due_reads_one_index(sqlite_store: Store) -> None:
    with sqlite_store.read() as session:
        plan = session.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM conversations"
            " WHERE warn_at <= '2026' ORDER BY warn_at, id LIMIT 200"
        )
        assert "ix_conversations_warn" in str(plan.all())
