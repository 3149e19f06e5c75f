"""Teams' rows: who is in them, and what they serve."""

from datetime import datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from inbox.domain.teams import Team, key_of
from inbox.store.sql import insert
from inbox.store.tables import Conversation, TeamAccount, TeamMember, TeamRow


def everyone(session: Session) -> list[Team]:
    """All teams, by name."""
    rows = session.scalars(select(TeamRow).order_by(TeamRow.name_key)).all()
    if not rows:
        return []
    members = _by_team(session, select(TeamMember.team_id, TeamMember.user_id))
    accounts = _by_team(session, select(TeamAccount.team_id, TeamAccount.account_id))
    nobody: frozenset[int] = frozenset()
    return [
        Team(
            r.id,
            r.name,
            r.lead_id,
            members.get(r.id, nobody),
            accounts.get(r.id, nobody),
            r.calendar,
        )
        for r in rows
    ]


def one(session: Session, team_id: int) -> Team | None:
    return next((team for team in everyone(session) if team.id == team_id), None)


def named(session: Session, name: str) -> Team | None:
    """The team of this name, however it is written."""
    key = key_of(name)
    return next((team for team in everyone(session) if key_of(team.name) == key), None)


def add(session: Session, name: str, now: datetime) -> int:
    """A new team, of nobody yet."""
    row = {"name": name, "name_key": key_of(name), "made_at": now, "lead_id": None}
    made: int = session.scalars(insert(session, TeamRow).values(**row).returning(TeamRow.id)).one()
    return made


def put(session: Session, team: Team) -> None:
    """A team as it is from now on."""
    values = {"name": team.name, "name_key": key_of(team.name), "lead_id": team.lead}
    values |= {"calendar": team.calendar}
    session.execute(update(TeamRow).where(TeamRow.id == team.id).values(**values))
    session.execute(delete(TeamMember).where(TeamMember.team_id == team.id))
    session.execute(delete(TeamAccount).where(TeamAccount.team_id == team.id))
    members = [{"team_id": team.id, "user_id": one} for one in sorted(team.members)]
    accounts = [{"team_id": team.id, "account_id": one} for one in sorted(team.accounts)]
    if members:
        session.execute(insert(session, TeamMember), members)
    if accounts:
        session.execute(insert(session, TeamAccount), accounts)


def remove(session: Session, team_id: int) -> None:
    """The team is gone; what only it served is everyone's, and what was left to it anybody's."""
    theirs = update(Conversation).where(Conversation.team_id == team_id)
    session.execute(theirs.values(team_id=None))
    session.execute(delete(TeamRow).where(TeamRow.id == team_id))


def _by_team(session: Session, statement: Select[int, int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for team, other in session.execute(statement):
        found.setdefault(team, set()).add(other)
    return {team: frozenset(some) for team, some in found.items()}
