"""People whom rules name: who is told, who is given what, and what follows a team's new name."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from inbox.domain.written import Unclear
from inbox.flows import rule_book, teams
from inbox.flows.teams import Wanted
from inbox.store import notices
from inbox.store import ruling as stored
from inbox.store.tables import Contact, Notice, User
from tests.factories import make_team, make_user
from tests.flows.desk import Desk, says
from tests.flows.test_ruling import book, ready, runs


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
