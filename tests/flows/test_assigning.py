"""Conversations given by rule: to whom, why, never twice, and taken back when a shift ends."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select, update

from inbox.domain.written import Unclear
from inbox.flows import assigning, drafting, presence, steps
from inbox.store import assigning as stored
from inbox.store import audit, persons
from inbox.store.session import Store
from inbox.store.tables import Audit, Conversation, User
from tests.clock import MONDAY
from tests.factories import (
    make_account,
    make_brand,
    make_conversation,
    make_reply,
    make_user,
)
from tests.flows.test_roster import change, shift

HOUR = timedelta(hours=1)


def user(store: Store, name: str) -> User:
    with store.read() as session:
        return session.scalars(select(User).where(User.name.startswith(name))).one()


@pytest.fixture
def both(store: Store) -> Store:
    """Ada and Dee on duty and online, Bo online but not on duty; the rule is on."""
    return opened(store)


@pytest.fixture
def team(sqlite_store: Store) -> Store:
    """The same, where the engine does not matter."""
    return opened(sqlite_store)


def opened(store: Store) -> Store:
    make_brand(store)
    for name, role in (("Ada Voss", "agent"), ("Bo Narin", "agent"), ("Dee Marl", "lead")):
        make_user(store, name, role)
        online(store, name)
    change(store, shift("day", "06:00-22:00", "ada@lumenpay.example", "dee@lumenpay.example"))
    assigning.switch(store, True, actor="cli", now=MONDAY)
    return store


def online(store: Store, name: str, state: str = "online", hours: float = 0) -> None:
    now = MONDAY + hours * HOUR
    presence.choose(store, user_id=user(store, name).id, state=state, actor="cli", now=now)


def takes(
    store: Store, name: str, *languages: str, skills: tuple[str, ...] = (), **more: int
) -> None:
    assigning.set_work(
        store,
        user_id=user(store, name).id,
        languages=languages,
        skills=skills,
        capacity=more.get("capacity", 10),
        actor="cli",
        now=MONDAY,
    )


def waits(store: Store, number: int, due_h: float = 5, **given: Any) -> Conversation:
    made = make_conversation(store, due_at=MONDAY + due_h * HOUR, **given)
    assert made.id == number
    return made


def owners(store: Store) -> dict[int, str | None]:
    with store.read() as session:
        found = (
            select(Conversation.id, User.name)
            .outerjoin(User, User.id == Conversation.assignee_id)
            .order_by(Conversation.id)
        )
        return {id_: name and name.split()[0] for id_, name in session.execute(found)}


def rule_of(store: Store, number: int) -> dict[str, Any]:
    with store.read() as session:
        row = audit.newest(session, f"conversation:{number}", "assign")
    assert row is not None
    assert row.actor == "system"
    found: dict[str, Any] = row.detail["rule"]
    return found


def test_it_goes_to_who_speaks_the_language_and_the_log_says_why(team: Store) -> None:
    takes(team, "Dee", "es", skills=("refund",), capacity=8)
    takes(team, "Ada", "en")
    waits(team, 1, lang="es", category="refund")
    waits(team, 2, lang="en", category="refund")
    assert assigning.look(team, MONDAY) == 2
    assert owners(team) == {1: "Dee", 2: "Ada"}
    assert rule_of(team, 1) == {
        "because": "assigned",
        "language": "es",
        "category": "refund",
        "open": 1,
        "capacity": 8,
    }
    assert rule_of(team, 2)["category"] is None
    assert assigning.look(team, MONDAY) == 0


def test_nothing_is_assigned_while_the_brand_assigns_by_hand(team: Store) -> None:
    waits(team, 1)
    assigning.switch(team, False, actor="cli", now=MONDAY)
    assert assigning.look(team, MONDAY) == 0
    assert owners(team) == {1: None}


def test_nobody_away_off_duty_or_full_gets_anything_and_the_oldest_due_comes_first(
    team: Store,
) -> None:
    online(team, "Dee", "away")
    takes(team, "Ada", capacity=2)
    for number, due_h in ((1, 9), (2, 7), (3, 8)):
        waits(team, number, due_h)
    assert assigning.look(team, MONDAY) == 2
    assert owners(team) == {1: None, 2: "Ada", 3: "Ada"}
    online(team, "Dee")
    assert assigning.look(team, MONDAY) == 1
    assert owners(team)[1] == "Dee"


def test_muted_people_are_given_to_nobody(team: Store) -> None:
    made = waits(team, 1)
    with team.write() as session:
        persons.mark(session, [made.contact_id], "muted", True)
        assert stored.count_waiting(session, 10) == 0
    assert assigning.look(team, MONDAY) == 0


def test_what_is_unanswered_goes_to_the_next_shift(both: Store) -> None:
    day, night = "06:00-12:00", "12:00-06:00"
    change(
        both, shift("day", day, "ada@lumenpay.example"), shift("n", night, "bo@lumenpay.example")
    )
    for number in (1, 2, 3):
        waits(both, number)
    assert assigning.look(both, MONDAY) == 3
    with both.write() as session:
        answered = update(Conversation).where(Conversation.id == 2)
        session.execute(answered.values(due_at=None, status="waiting"))
    with both.read() as session:
        writing = session.get_one(Conversation, 3)
    make_reply(both, writing, user(both, "Ada"), created_at=MONDAY + 2.9 * HOUR)
    online(both, "Bo", hours=2.9)
    online(both, "Ada", hours=2.9)
    assert assigning.look(both, MONDAY + 3 * HOUR) == 0  # Ada is at the desk and may finish
    online(both, "Ada", "away", hours=3)
    assert assigning.look(both, MONDAY + 3.05 * HOUR) == 2
    assert owners(both) == {1: "Bo", 2: "Ada", 3: "Ada"}
    assert [row.detail.get("rule", {}).get("because") for row in _log(both, 1)] == [
        "assigned",
        "shift_ended",
        "assigned",
    ]


def test_who_writes_keeps_it_and_a_draft_left_lying_or_a_rules_answer_keeps_nothing(
    team: Store,
) -> None:
    change(team, shift("day", "06:00-12:00", "ada@lumenpay.example"))
    rows = [waits(team, number) for number in (1, 2, 3)]
    ada, noon = user(team, "Ada"), MONDAY + 3 * HOUR
    assert assigning.look(team, MONDAY) == 3
    for row, ago_h in ((rows[0], 0.2), (rows[1], 0.3)):
        drafting.keep(
            team,
            conversation_id=row.id,
            user_id=ada.id,
            key=f"form-{row.id}",
            mode="private",
            text="Dear",
            now=noon - ago_h * HOUR,
        )
    make_reply(team, rows[2], ada, created_at=noon, automated=True)
    assert assigning.look(team, noon) == 2
    assert owners(team) == {1: "Ada", 2: None, 3: None}


def test_what_a_lead_took_off_duty_stays_theirs(team: Store) -> None:
    waits(team, 1)
    bo = user(team, "Bo")
    steps.assign(team, conversation_id=1, agent_id=bo.id, expected=None, actor=bo.email, now=MONDAY)
    for hours in (0, 14, 25, 40):  # in the shift of others, after it, and the day after
        assigning.look(team, MONDAY + hours * HOUR)
    assert owners(team) == {1: "Bo"}


def test_two_looks_at_once_give_each_conversation_once_and_nobody_too_much(both: Store) -> None:
    takes(both, "Ada", "en", "es", skills=("refund",), capacity=3)
    takes(both, "Dee", capacity=2)
    account = make_account(both)
    for number in range(1, 9):
        waits(both, number, number, account=account)
    looks = [Thread(target=assigning.look, args=(both, MONDAY)) for _ in range(4)]
    for one in looks:
        one.start()
    for one in looks:
        one.join()
    found = list(owners(both).values())
    assert (found.count("Ada"), found.count("Dee"), found[5:]) == (3, 2, [None] * 3)
    assert len([row for n in range(1, 9) for row in _log(both, n)]) == 5


@pytest.mark.parametrize(
    "wrong", [{"languages": ["klingon"]}, {"skills": ["hugs"]}, {"capacity": 201}]
)
def test_what_nobody_can_take_is_refused(sqlite_store: Store, wrong: dict[str, Any]) -> None:
    said: dict[str, Any] = {"languages": [], "skills": [], "capacity": 5} | wrong
    with pytest.raises(Unclear):
        assigning.set_work(sqlite_store, user_id=1, actor="cli", now=MONDAY, **said)


def _log(store: Store, number: int) -> list[Audit]:
    with store.read() as session:
        found = select(Audit).where(
            Audit.subject == f"conversation:{number}", Audit.action == "assign"
        )
        return list(session.scalars(found.order_by(Audit.id)))
