"""Who sees which accounts, as plain sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.teams import Team, TwoCalendars, calendars, hidden

IDS = st.frozensets(st.integers(1, 5), max_size=4)
CALENDAR = st.sampled_from(["", "", "one", "two"])
TEAMS = st.lists(st.builds(Team, st.just(1), st.just("T"), st.none(), IDS, IDS), max_size=4)
ACCOUNTS = frozenset(range(1, 6))


def sees(teams: list[Team], person: int) -> frozenset[int]:
    return ACCOUNTS - hidden(teams, person, is_admin=False)


@given(TEAMS, st.integers(1, 5))
def test_an_account_is_seen_by_its_teams_and_one_without_any_by_everybody(
    teams: list[Team], person: int
) -> None:
    for account in ACCOUNTS:
        serving = [team for team in teams if account in team.accounts]
        inside = any(person in team.members for team in serving)
        assert (account in sees(teams, person)) == (inside or not serving)
        assert account not in hidden(teams, person, is_admin=True)


@given(TEAMS, st.integers(1, 5), IDS, IDS)
def test_another_team_opens_to_its_members_and_closes_to_all_others(
    teams: list[Team], person: int, members: frozenset[int], accounts: frozenset[int]
) -> None:
    after = sees([*teams, Team(2, "U", None, members, accounts)], person)
    if person in members:
        assert after == sees(teams, person) | accounts
    else:
        assert after <= sees(teams, person)


@given(
    st.lists(
        st.builds(Team, st.integers(1, 9), st.sampled_from("ABC"), st.none(), IDS, IDS, CALENDAR),
        max_size=4,
        unique_by=lambda team: team.name,
    )
)
def test_an_account_counts_in_the_one_calendar_that_its_teams_name(teams: list[Team]) -> None:
    named = {
        one: {t.calendar for t in teams if one in t.accounts and t.calendar} for one in range(9)
    }
    if any(len(some) > 1 for some in named.values()):
        with pytest.raises(TwoCalendars):
            calendars(teams)
        return
    found = {account: team.calendar for account, team in calendars(teams).items()}
    assert found == {account: some.pop() for account, some in named.items() if some}
