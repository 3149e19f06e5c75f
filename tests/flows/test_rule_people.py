"""People whom rules name: who is told, who is given what, and what follows a team's new name."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from inbox.domain.written import Unclear
from inbox.flows import assigning, rule_book, steps, team, teams
from inbox.flows.ingest import ingest
from inbox.flows.teams import Wanted
from inbox.store import notices
from inbox.store import ruling as stored
from inbox.store.session import Store
from inbox.store.tables import Contact, Conversation, Notice, User
from tests.clock import MONDAY
from tests.factories import make_account, make_team, make_user
from tests.flows.desk import Desk, says
from tests.flows.test_assigning import opened, user
from tests.flows.test_ruling import RULE, book, ready, runs


@dataclass
class House:
    """The desk's account is served by the team Cards alone: Lin (agent), Max (auditor). Ada sees
    nothing of it, nor does the lead Cy; Bo is an admin."""

    desk: Desk
    lin: User
    cy: User

    def told(self) -> list[tuple[str, str, int]]:
        """(person, rule, times) of what stands in the app."""
        with self.desk.store.read() as session:
            names = {user.id: user.name for user in session.query(User)}
        rows = [row for row in self.desk.rows(Notice) if row.channel == "app"]
        return sorted((names[row.user_id], row.by, row.times) for row in rows)


@pytest.fixture
def house(sqlite_desk: Desk) -> House:
    desk = ready(sqlite_desk)
    lin, cy = make_user(desk.store, "Lin Yue"), make_user(desk.store, "Cy Hall", "lead")
    auditor = make_user(desk.store, "Max Roth", "auditor")
    make_team(desk.store, "Cards", [lin, auditor], [desk.account])
    return House(desk, lin, cy)


def test_each_person_is_told_of_a_message_once_however_many_rules_name_them(house: House) -> None:
    everybody = ["team:cards", house.lin.email, "leads", house.cy.email]
    desk = house.desk
    book(
        desk,
        {"notify": everybody},
        {"id": "again", "name": "Again", "notify": [house.lin.email, "leads"]},
    )
    for _ in range(2):
        desk.take(says("1", "my card was stolen"))
    assert house.told() == [("Bo Narin", "Stolen", 1), ("Lin Yue", "Stolen", 1)]
    assert ("notify", "failed", "They do not see this account.") in runs(desk)  # Cy, by name
    desk.take(says("2", "stolen, do you hear", -9))
    assert house.told() == [("Bo Narin", "Stolen", 2), ("Lin Yue", "Stolen", 2)]
    mails = [row for row in desk.rows(Notice) if row.channel == "mail"]
    assert {row.user_id for row in mails} == {2, house.lin.id}  # who wants mails at all
    with desk.store.write() as session:
        notices.forget_words(session, desk.message("2").id)
    assert {row.words for row in desk.rows(Notice)} == {""}


def test_a_rule_leaves_it_to_a_team_and_it_goes_to_who_of_them_is_at_work(store: Store) -> None:
    opened(store)  # Ada and Dee are on duty and online; Bo is online alone
    bo, dee = user(store, "Bo"), user(store, "Dee")
    account = make_account(store, created_at=MONDAY - timedelta(days=1))
    rule = RULE | {"assign": "team:iberia"}
    with pytest.raises(Unclear, match="no team iberia"):
        rule_book.change(store, {"rule": [rule]}, actor="cli", now=MONDAY)
    iberia = make_team(store, "Iberia", [bo], [])
    rule_book.change(store, {"rule": [rule]}, actor="cli", now=MONDAY)
    for n in range(2):
        page = says(str(n), "stolen" if n else "hello", author=f"u{n}", conversation=f"c{n}")
        ingest(store, account, [page], classifier=None, now=MONDAY)

    def holders() -> list[tuple[int | None, int | None]]:
        with store.read() as session:
            rows = session.scalars(select(Conversation).order_by(Conversation.id))
            return [(row.assignee_id, row.team_id) for row in rows]

    assigning.look(store, MONDAY)
    ada = user(store, "Ada").id
    assert holders() == [(ada, None), (None, iberia)]  # nobody of them is at work
    with store.read() as session:
        ((_, stands),) = assigning.queue(session, assigning.staff(session, MONDAY), 9)
    assert stands == "team"
    wanted = Wanted("Iberia", frozenset({bo.id, dee.id}))
    teams.change(store, iberia, wanted, actor="cli", now=MONDAY)
    assigning.look(store, MONDAY)
    assert holders() == [(ada, None), (dee.id, iberia)]
    other = make_team(store, "Cards", [bo], [account])  # Iberia's Bo sees it, Dee does not
    assert holders()[1] == (None, iberia)
    cards = frozenset({user(store, "Ada").id})
    border = Wanted("Cards", cards, frozenset({account.id}))
    teams.change(store, other, border, actor="cli", now=MONDAY)
    assert holders()[1] == (None, None)  # nobody of Iberia sees it: it is anybody's


def test_what_a_removed_team_was_to_do_is_anybodys_and_what_somebody_has_stays_theirs(
    house: House,
) -> None:
    desk = house.desk
    book(desk, {"assign": "team:Cards"})
    desk.take(says("1", "stolen"))
    assert desk.conversation().team_id == 1
    taking: dict[str, Any] = {"conversation_id": 1, "expected": None, "actor": "cli"}
    assert steps.assign(desk.store, agent_id=house.lin.id, now=desk.clock(), **taking)
    desk.take(says("2", "stolen again", -9))
    assert runs(desk)[-1] == ("assign", "failed", "Somebody had it already.")
    assert desk.conversation().assignee_id == house.lin.id
    teams.remove(desk.store, 1, actor="cli", now=desk.clock())
    assert desk.conversation().team_id is None


def test_what_nobody_of_its_team_may_answer_any_more_is_anybodys(house: House) -> None:
    desk = house.desk
    book(desk, {"assign": "team:Cards"})
    desk.take(says("1", "stolen"))
    assert desk.conversation().team_id == 1
    team.disable(desk.store, user_id=house.lin.id, actor="cli", now=desk.clock())
    assert desk.conversation().team_id is None  # an auditor is left in it
    desk.take(says("2", "stolen again", -9))
    assert runs(desk)[-1] == ("assign", "failed", "Nobody of this team sees this account.")
    team.enable(desk.store, user_id=house.lin.id, actor="cli", now=desk.clock())
    desk.take(says("3", "stolen, I say", -8))
    assert desk.conversation().team_id == 1


def test_nobody_is_told_of_who_is_muted(house: House) -> None:
    book(house.desk, {"notify": ["leads"]})
    house.desk.take(says("0", "hello"))
    with house.desk.store.write() as session:
        session.query(Contact).update({"muted": True})
    house.desk.take(says("1", "stolen"))
    assert house.told() == []
    assert runs(house.desk) == [("notify", "failed", "They are muted or blocked.")]


def test_a_rule_names_nobody_who_is_not_there_and_follows_a_teams_new_name(house: House) -> None:
    desk, how = house.desk, dict[str, Any](actor="cli", now=house.desk.clock())
    with pytest.raises(Unclear, match="no team Nobodies"):
        book(desk, {"notify": ["team:Nobodies"]})
    with pytest.raises(Unclear, match="Nobody with the address"):
        book(desk, {"notify": ["nobody@lumen.example"]})
    book(desk, {"notify": ["team:cards", "leads"]})
    teams.change(desk.store, 1, Wanted("Card team", frozenset({house.lin.id})), **how)
    with desk.store.read() as session:
        newest = stored.newest(session)
        assert newest is not None
        (rule,) = stored.rules(newest)
    assert (newest.number, rule.actions) == (2, (("notify", "team:Card team"), ("notify", "leads")))
    teams.remove(desk.store, 1, **how)
    desk.clock.now += timedelta(minutes=1)
    desk.take(says("1", "stolen"))
    assert ("notify", "failed", "There is no team of this name.") in runs(desk)
    with desk.store.read() as session:
        trial = rule_book.try_out(session, [rule], desk.clock())
    assert trial.hits[0].actions == {("notify", "team:Card team"): 1, ("notify", "leads"): 1}
