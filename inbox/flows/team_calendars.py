"""Which accounts count by a team's calendar: a new version whenever teams change what counts.

The versions are judged by as those of policies are (`flows.policies`): open turns at once, turns
that have ended by the one in force when they ended.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain.promises import TeamCalendar, with_teams
from inbox.domain.teams import BadTeam, Team, TwoCalendars, calendars
from inbox.flows.policies import Effect, effect_of
from inbox.store import accounts, audit
from inbox.store import promises as stored
from inbox.store.tables import TeamCalendarVersion


def settle(
    session: Session, teams: Sequence[Team], *, actor: str, now: datetime
) -> TeamCalendarVersion | None:
    """Stores what counts with these teams; None where nothing does otherwise than before. The
    caller holds the lock of promises. Raises `BadTeam`."""
    said, newest = _said(session, teams), stored.newest_of_teams(session)
    if said == (newest.said if newest else []):
        return None
    row = TeamCalendarVersion(
        number=newest.number + 1 if newest else 1, said=said, since=now, made_at=now, made_by=actor
    )
    session.add(row)
    audit.record(
        session, actor, "sla.change", f"team-calendars:{row.number}", now, version=row.number
    )
    return row


def effect(session: Session, teams: Sequence[Team], now: datetime) -> Effect:
    """What these teams would do to the turns that are open now. Raises `BadTeam`."""
    said = {
        one["account"]: TeamCalendar(one["team"], one["calendar"]) for one in _said(session, teams)
    }
    return effect_of(session, with_teams(stored.promises(session), now, said), now)


def _said(session: Session, teams: Sequence[Team]) -> list[dict[str, Any]]:
    known = stored.calendar_names(session)
    for team in teams:
        if team.calendar and team.calendar not in known:
            said = word("There is no calendar “{calendar}”.")
            raise BadTeam(said.format(calendar=team.calendar))
    try:
        found = calendars(teams)
    except TwoCalendars as e:
        raise BadTeam(
            word(
                "{account} would count by two calendars: “{one}” of {team} and “{other}” of"
                " {second}. Give both teams the same one, or only one of them a calendar."
            ).format(
                account=_handle(session, e.account),
                one=e.first.calendar,
                team=e.first.name,
                other=e.second.calendar,
                second=e.second.name,
            )
        ) from e
    return [
        {"account": account, "team": team.name, "calendar": team.calendar}
        for account, team in sorted(found.items())
    ]


def _handle(session: Session, account_id: int) -> str:
    found = (one for one in accounts.everyone(session) if one.id == account_id)
    return next((f"{one.channel}/{one.handle}" for one in found), str(account_id))
