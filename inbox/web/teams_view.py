"""Teams as their pages show them, from the store's rows."""

from collections.abc import Sequence

from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from inbox.domain.teams import Team
from inbox.flows.policies import Effect
from inbox.flows.teams import Wanted
from inbox.store import accounts, people, promises, teams
from inbox.store.tables import User
from inbox.web import accounts_view
from inbox.web.answers_view import number
from inbox.web.pages import Frame, Person, initials
from inbox.web.pages_teams import Served, TeamPage, TeamRow, TeamsPage


def teams_page(session: Session, frame: Frame, done: str = "", freed: int = 0) -> TeamsPage:
    """`/teams`."""
    found = teams.everyone(session)
    persons = {row.id: _person(row) for row in people.everyone(session)}
    known = {one.id: one for one in _served(session, found)}
    rows = tuple(
        TeamRow(
            team.id,
            team.name,
            team.lead,
            tuple(persons[one] for one in sorted(team.members, key=lambda m: m != team.lead)),
            tuple(one for one in known.values() if one.id in team.accounts),
            team.calendar,
        )
        for team in found
    )
    rest = tuple(one for one in known.values() if not one.by)
    return TeamsPage(frame, rows, rest, done, freed)


def team_page(
    session: Session,
    frame: Frame,
    team_id: int,
    given: FormData | None = None,
    trouble: str = "",
    effect: Effect | None = None,
) -> TeamPage | None:
    """`/teams/{id}` as it is stored, or as it was `given`; None where there is no such team."""
    found = teams.everyone(session)
    stored = next((team for team in found if team.id == team_id), None)
    if team_id and stored is None:
        return None
    wanted = Wanted("")
    if given is not None:
        wanted = form_team(given)
    elif stored is not None:
        wanted = Wanted(stored.name, stored.members, stored.accounts, stored.lead, stored.calendar)
    may = [row for row in people.everyone(session) if _may(row) or row.id in wanted.members]
    return TeamPage(
        frame,
        team_id,
        wanted.name,
        wanted.lead,
        wanted.members,
        wanted.accounts,
        tuple((_person(row), row.role) for row in sorted(may, key=lambda row: row.name)),
        tuple(_served(session, [team for team in found if team.id != team_id])),
        trouble,
        wanted.calendar,
        promises.calendar_names(session),
        effect,
    )


def form_team(given: FormData) -> Wanted:
    """A team as its form was sent."""

    def ids(name: str) -> frozenset[int]:
        return frozenset(n for n in map(number, map(str, given.getlist(name))) if n)

    name, lead = str(given.get("name", "")), number(str(given.get("lead", "")))
    calendar = str(given.get("calendar", ""))
    return Wanted(name, ids("member"), ids("account"), lead or None, calendar)


def _served(session: Session, by: Sequence[Team]) -> list[Served]:
    """Every account with those of these teams that serve it."""
    return [
        Served(
            one.id,
            accounts_view.named(one.channel),
            one.handle,
            tuple(team.name for team in by if one.id in team.accounts),
        )
        for one in accounts.everyone(session)
    ]


def _may(row: User) -> bool:
    """Whether somebody signs in, and has anything to gain by a team: admins see all."""
    return row.password_hash is not None and row.disabled_at is None and row.role != "admin"


def _person(row: User) -> Person:
    return Person(row.name, initials(row.name), row.email, row.id)
