"""Teams count in calendars of their own: on their accounts, from then on, with evidence."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from inbox.domain.teams import BadTeam
from inbox.domain.written import Unclear
from inbox.flows import case_telling, teams
from inbox.flows.foreseeing import foresee
from inbox.flows.policies import change_calendar, change_policies
from inbox.flows.teams import Wanted
from inbox.store import promises as stored
from inbox.store.tables import Account, CalendarVersion, TeamCalendarVersion, TeamRow, TurnRow
from tests.clock import MONDAY
from tests.factories import make_account, make_team
from tests.flows.desk import Desk, at, own, says
from tests.flows.test_policies import promised
from tests.flows.test_refold import current

DAY = timedelta(days=1)
WHO: dict[str, Any] = {"actor": "ada", "now": MONDAY}
LATER = {"hours": dict.fromkeys(("wednesday", "thursday", "friday"), "09:00-18:00")}


def counts_in(desk: Desk, calendar: str, accounts: Iterable[Account], team: int = 0) -> int:
    """A team of its own for these accounts, or the same one changed."""
    wanted = Wanted("Shanghai", accounts=frozenset(a.id for a in accounts), calendar=calendar)
    if not team:
        return teams.add(desk.store, wanted, actor="ada", now=desk.clock())
    teams.change(desk.store, team, wanted, actor="ada", now=desk.clock())
    return team


def two_business_days(desk: Desk) -> None:
    change_policies(desk.store, promised(desk, "1bd"), **WHO)
    change_calendar(desk.store, "Shanghai hours", LATER, **WHO)


def dues(desk: Desk) -> list[timedelta]:
    return [turn.due_at - MONDAY for turn in current(desk)]


def test_a_teams_calendar_counts_instead_of_the_policys_and_says_whose_it_is(desk: Desk) -> None:
    two_business_days(desk)
    desk.take(says("1"))
    before = dues(desk)
    team = counts_in(desk, "Shanghai hours", [desk.account])
    turn = current(desk)[0]
    assert turn.due_at.isoformat() == "2026-11-25T18:00:00+00:00"  # the first open day: Wednesday
    assert turn.calendar == {
        "name": "Shanghai hours",
        "version": 1,
        "zone": "UTC",
        "team": "Shanghai",
        "instead_of": "working days",
    }
    assert len(desk.rows(TurnRow)) == 2  # the evidence of before stands, superseded
    teams.remove(desk.store, team, actor="ada", now=desk.clock())
    assert dues(desk) == before
    assert "team" not in current(desk)[0].calendar
    assert [len(row.said) for row in desk.rows(TeamCalendarVersion)] == [1, 0]


def test_what_ended_before_keeps_its_verdict_and_other_accounts_their_calendar(
    sqlite_desk: Desk,
) -> None:
    desk = sqlite_desk
    two_business_days(desk)
    desk.clock.forward(minutes=40)
    desk.take(says("1", minutes=10), own("2", minutes=30))
    before = dues(desk)
    desk.clock.forward(minutes=60)
    team = counts_in(desk, "Shanghai hours", [make_account(desk.store)])
    desk.take(says("3", minutes=90))
    assert [turn.calendar["name"] for turn in current(desk)] == ["working days"] * 2
    desk.clock.forward(minutes=20)
    counts_in(desk, "Shanghai hours", [desk.account], team)
    assert dues(desk)[0] == before[0]
    assert [turn.calendar["name"] for turn in current(desk)] == ["working days", "Shanghai hours"]


def test_one_account_has_one_calendar(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    two_business_days(desk)
    counts_in(desk, "Shanghai hours", [desk.account])
    make_team(desk.store, "No say", accounts=[desk.account])
    wanted = Wanted("Lisbon", accounts=frozenset({desk.account.id}), calendar="working days")
    with pytest.raises(BadTeam, match=r"by two calendars: “working days” of Lisbon and “Shanghai"):
        teams.add(desk.store, wanted, **WHO)
    with pytest.raises(BadTeam, match="no calendar “Mars”"):
        teams.add(desk.store, Wanted("Mars", calendar="Mars"), **WHO)
    assert {team.name for team in desk.rows(TeamRow)} == {"Shanghai", "No say"}  # nothing half-made
    same = Wanted("Lisbon", accounts=wanted.accounts, calendar="Shanghai hours")
    teams.add(desk.store, same, **WHO)
    assert [one["team"] for one in desk.rows(TeamCalendarVersion)[-1].said] == ["Lisbon"]


def test_the_preview_of_a_team_is_what_saving_does(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    two_business_days(desk)
    desk.take(says("1"))
    wanted = Wanted("S", accounts=frozenset({desk.account.id}), calendar="Shanghai hours")
    found = teams.effect(desk.store, 0, wanted, desk.clock())
    assert (found.open, found.earlier, found.later) == (1, 0, 1)
    assert not desk.rows(TeamCalendarVersion)


def test_case_clocks_and_what_would_be_due_follow_the_team(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    two_business_days(desk)
    counts_in(desk, "Shanghai hours", [desk.account])
    policy = {"id": "m", "name": "Matter", "first": "2bd", "until": "resolved"}
    document = promised(desk, "1bd")
    document["policy"].insert(0, policy)
    change_policies(desk.store, document, **WHO)
    desk.take(says("1"))
    with desk.store.read() as session:
        case = case_telling.of_conversation(session, 1, at(1))[-1]
        account = session.get_one(Account, desk.account.id)
        found = foresee(session, account, at(0), kind="dm")
    assert (case["calendar"]["team"], case["due_at"].day) == ("Shanghai", 26)
    answer, matter = (one.told() for one in found if one.of != "internal")
    assert answer["due_at"] == current(desk)[0].due_at
    assert matter["due_at"] == case["due_at"]
    assert [str(one["date"]) for one in answer["skipped"]] == ["2026-11-24"]


def test_a_calendar_follows_another_but_for_days_of_its_own(sqlite_desk: Desk) -> None:
    desk, store = sqlite_desk, sqlite_desk.store
    two_business_days(desk)
    own_days = {"base": "Shanghai hours", "days": {"2026-11-25": "closed Moving house"}}
    change_calendar(store, "Shanghai cards", own_days, **WHO)
    counts_in(desk, "Shanghai cards", [desk.account])
    desk.take(says("1"))
    assert current(desk)[0].due_at.isoformat() == "2026-11-26T18:00:00+00:00"
    earlier = {"hours": dict.fromkeys(("wednesday", "thursday"), "09:00-12:00")}
    change_calendar(store, "Shanghai hours", earlier, **WHO)
    assert current(desk)[0].due_at.isoformat() == "2026-11-26T12:00:00+00:00"
    assert current(desk)[0].calendar["version"] == 2
    with store.read() as session:
        newest = stored.newest_calendars(session)["Shanghai cards"]
        assert stored.calendar_document(newest, "UTC") == own_days
    for wrong, why in (
        ({"base": "Shanghai cards"}, "itself follows"),
        ({"base": "nothing"}, "to follow; there are"),
        (own_days | {"hours": {}}, "“hours” means nothing"),
        (own_days, "version 2 says already"),
    ):
        name = "Shanghai cards" if wrong == own_days else "third"
        with pytest.raises(Unclear, match=why):
            change_calendar(store, name, wrong, **WHO)
    with pytest.raises(Unclear, match="Others follow"):
        change_calendar(store, "Shanghai hours", {"base": "working days"}, **WHO)
    with store.read() as session:
        first = stored.calendar_versions(session, "Shanghai cards")[0]
    change_calendar(store, "Shanghai cards", {"base": "working days"}, **WHO)
    change_calendar(store, "Shanghai cards", first.said, restores=first, **WHO)
    assert desk.rows(CalendarVersion)[-1].exceptions == own_days["days"]
    assert current(desk)[0].due_at.isoformat() == "2026-11-26T12:00:00+00:00"


def test_a_team_renamed_counts_on_under_its_new_name(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    two_business_days(desk)
    team = counts_in(desk, "Shanghai hours", [desk.account])
    desk.take(says("1"))
    wanted = Wanted("Pudong", accounts=frozenset({desk.account.id}), calendar="Shanghai hours")
    teams.change(desk.store, team, wanted, **WHO)
    assert current(desk)[0].calendar["team"] == "Pudong"
    teams.change(desk.store, team, wanted, **WHO)
    assert len(desk.rows(TeamCalendarVersion)) == 2  # nothing new, no version
    with desk.store.read() as session:
        assert not stored.pending(session)
