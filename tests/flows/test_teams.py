"""Teams at work: who is told, who is given what, and what is free when a border moves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from inbox.domain.actions import Actions
from inbox.domain.teams import BadTeam
from inbox.flows import acting, assigning, following, notes, steps, team, teams, warnings
from inbox.flows.answers import By
from inbox.flows.teams import Wanted
from inbox.store.session import Store
from inbox.store.tables import Account, Audit, Conversation, Event, Notice, TurnWarning, User
from tests.clock import MONDAY
from tests.factories import make_account, make_brand, make_conversation, make_team, make_user
from tests.flows.desk import Desk, at, says
from tests.flows.test_assigning import online
from tests.flows.test_roster import change, shift

HOW: dict[str, Any] = {"actor": "cli", "now": MONDAY}


def who(store: Store, name: str) -> User:
    with store.read() as session:
        return session.scalars(select(User).where(User.name.startswith(name))).one()


def conversations(store: Store) -> list[Conversation]:
    with store.read() as session:
        return list(session.scalars(select(Conversation).order_by(Conversation.id)))


@pytest.fixture
def bordered(sqlite_store: Store) -> Store:
    return open_borders(sqlite_store)


def open_borders(store: Store) -> Store:
    """Ada's team serves the first account; Bo, who is in none, had a conversation there, one that
    is resolved, and one on the second account."""
    make_brand(store)
    ada, bo = make_user(store), make_user(store, "Bo Narin", "lead")
    first, second = make_account(store), make_account(store)
    for account, status in ((first, "open"), (first, "resolved"), (second, "open")):
        make_conversation(store, account, status=status, assignee_id=bo.id, assigned_at=MONDAY)
    make_team(store, "Cards", [ada], [first])
    return store


def test_what_somebody_sees_no_more_is_free_and_every_page_hears(store: Store) -> None:
    bordered = open_borders(store)
    bo, rows = who(bordered, "Bo"), conversations(bordered)
    assert [row.assignee_id for row in rows] == [None, None, bo.id]
    with bordered.read() as session:
        freed = session.scalars(select(Audit.subject).where(Audit.action == "assign"))
        assert list(freed) == [f"conversation:{rows[0].id}"]  # who resolved is no news
        told = session.scalars(select(Event.conversation_id).where(Event.topic == "conversation"))
        assert list(told) == [rows[0].id]


def test_nobody_is_given_what_they_do_not_see(bordered: Store) -> None:
    bo, ada, first = who(bordered, "Bo"), who(bordered, "Ada"), conversations(bordered)[0].id
    to: dict[str, Any] = {"conversation_id": first, "expected": None} | HOW
    assert not steps.assign(bordered, agent_id=bo.id, **to)
    assert not assigning.may_have(bordered, bo.id, first)
    assert assigning.may_have(bordered, ada.id, first)
    asked: dict[str, Any] = {"actions": Actions(assign=bo.email), "by": By.of(ada), "now": MONDAY}
    with pytest.raises(acting.Refused, match="does not see"):
        acting.run(bordered, conversation_id=first, name="", shown=0, key="k", **asked)
    assert steps.assign(bordered, agent_id=ada.id, **to)


def test_who_is_given_one_while_a_border_moves_does_not_keep_it(store: Store) -> None:
    """They saw it when it was given, and the border has moved when that is told to all."""
    make_brand(store)
    ada, bo = make_user(store), make_user(store, "Bo Narin")
    account = make_account(store)
    row = make_conversation(store, account)
    theirs = Wanted("Cards", frozenset({ada.id}), frozenset({account.id}))
    with ThreadPoolExecutor(1) as pool:
        with store.write() as session:
            assert steps.hand_over(session, row.id, bo.id, None, "cli", MONDAY)
            moving = pool.submit(teams.add, store, theirs, **HOW)
            with pytest.raises(TimeoutError):
                moving.result(0.5)
        moving.result(20)
    assert [one.assignee_id for one in conversations(store)] == [None]


def test_rule_and_roster_give_it_to_who_sees_it_and_the_others_wait(bordered: Store) -> None:
    bo, ada = who(bordered, "Bo"), who(bordered, "Ada")
    with bordered.write() as session:
        session.execute(update(Conversation).values(assignee_id=None))
    change(bordered, shift("day", "06:00-22:00", bo.email))
    assigning.switch(bordered, True, **HOW)
    online(bordered, "Bo")
    assigning.look(bordered, MONDAY)
    assert [row.assignee_id for row in conversations(bordered)] == [None, None, bo.id]
    change(bordered, shift("day", "06:00-22:00", bo.email, ada.email))
    online(bordered, "Ada")
    assigning.look(bordered, MONDAY)
    assert conversations(bordered)[0].assignee_id == ada.id


def test_nobody_outside_is_named_or_told(bordered: Store) -> None:
    bo, ada, first = who(bordered, "Bo"), who(bordered, "Ada"), conversations(bordered)[0].id
    following.follow(bordered, conversation_id=first, user_id=bo.id, **HOW)
    about: dict[str, Any] = {"conversation_id": first, "agent_id": ada.id} | HOW
    notes.write(bordered, text="@bo look", form_key="a", **about)
    new = {"role": "customer", "conversation_id": first, "sent_at": MONDAY, "text": "hello"}
    with bordered.write() as session:
        following.tell(session, [new | {"author_name": "Lin"}], MONDAY)
    with bordered.read() as session:
        assert session.scalars(select(Notice)).all() == []
    teams.change(bordered, _team(bordered), Wanted("Cards", frozenset({ada.id, bo.id})), **HOW)
    notes.write(bordered, text="@bo look", form_key="b", **about)
    with bordered.read() as session:
        assert set(session.scalars(select(Notice.user_id))) == {bo.id}


def test_a_mail_that_waits_does_not_leave_once_its_reader_is_outside(bordered: Store) -> None:
    bo, second = who(bordered, "Bo"), conversations(bordered)[2]
    ada = who(bordered, "Ada")
    about: dict[str, Any] = {"conversation_id": second.id, "agent_id": ada.id} | HOW
    notes.write(bordered, text="@bo look", form_key="a", **about)
    wanted = Wanted("Cards", frozenset({ada.id}), frozenset({second.account_id}))
    assert teams.change(bordered, _team(bordered), wanted, **HOW) == 1
    with bordered.read() as session:
        assert session.scalars(select(Notice.id).where(Notice.user_id == bo.id)).all() == []


def test_an_admin_of_yesterday_keeps_nothing_of_the_teams(bordered: Store) -> None:
    max_ = make_user(bordered, "Max Admin", "admin")
    make_user(bordered, "Root Admin", "admin")
    first = conversations(bordered)[0].id
    to: dict[str, Any] = {"conversation_id": first, "expected": None} | HOW
    assert steps.assign(bordered, agent_id=max_.id, **to)
    team.change_role(bordered, user_id=max_.id, role="lead", **HOW)
    assert conversations(bordered)[0].assignee_id is None


def test_a_warning_goes_to_who_sees_it_first_to_the_teams_own_lead(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    with desk.store.write() as session:
        session.execute(update(Account).values(created_at=at(-60)))
    desk.take(says("1"))
    ann = make_user(desk.store, "Ann Lead")
    make_user(desk.store, "Lee Lead", "lead")
    make_user(desk.store, "Max Admin", "admin")
    team_id = make_team(desk.store, "Cards", [ann], [desk.account], ann)
    assert told(desk, 18) == {(75, "Ann Lead", "lead")}  # nobody has it: the lead of the team
    wanted = Wanted("Cards", frozenset(), frozenset({desk.account.id}))
    teams.change(desk.store, team_id, wanted, **HOW)
    assert told(desk, 24) == {(100, "Max Admin", "wide")}


def test_a_lead_who_is_shut_out_is_told_nothing_and_the_others_are(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    with desk.store.write() as session:
        session.execute(update(Account).values(created_at=at(-60)))
    desk.take(says("1"))
    old, lee = make_user(desk.store, "Old Lead", "lead"), make_user(desk.store, "Lee Lead", "lead")
    make_team(desk.store, "Cards", [old, lee], [desk.account], old)
    team.disable(desk.store, user_id=old.id, **HOW)
    assert told(desk, 18) == {(75, "Lee Lead", "lead")}


def told(desk: Desk, hours: float) -> set[tuple[int, str, str]]:
    """(part, person, why) of what was told by then."""
    warnings.look(desk.store, at(-10) + timedelta(hours=hours))
    names = {user.id: user.name for user in desk.rows(User)}
    parts = {row.id: row.part for row in desk.rows(TurnWarning)}
    return {(parts[n.warning_id], names[n.user_id], n.why) for n in desk.rows(Notice)}


def test_a_name_is_one_teams_and_has_letters(bordered: Store) -> None:
    for name in ("", " ", "x" * 61, "CARDS", " cards "):
        with pytest.raises(BadTeam):
            teams.add(bordered, Wanted(name), **HOW)
    other = teams.add(bordered, Wanted("Shops", lead=who(bordered, "Ada").id), **HOW)
    with bordered.read() as session:
        said = next(one for one in teams.told(session) if one["id"] == other)
        assert said["members"] == [said["lead"]] == ["ada@lumenpay.example"]
        with pytest.raises(BadTeam, match="Nobody has"):
            teams.wanted_of(session, "X", ["nobody@lumenpay.example"], [], None)
        with pytest.raises(BadTeam, match="not known"):
            teams.wanted_of(session, "X", [], ["x/@nobody"], None)


def _team(store: Store) -> int:
    with store.read() as session:
        return int(teams.told(session)[0]["id"])
