"""People whom a routing rule names: who gets a message's conversation, and who is told of it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain.rules import LEADS, Act, team_of
from inbox.flows import steps, warnings
from inbox.store import events, notices, persons, scope, teams
from inbox.store import roster as stored_roster
from inbox.store.session import lock_promises
from inbox.store.sql import AnyRow

SYSTEM = "system"
FIRST_WORDS = 200
NOBODY = word("Nobody with this address may answer here.")
NO_TEAM = word("There is no team of this name.")
TAKEN = word("Somebody had it already.")
NOT_SEEN = word("They do not see this account.")


class Nobody(ValueError):
    """Who is named is not there; the message says why."""


def assign(session: Session, row: AnyRow, act: Act, now: datetime) -> str | None:
    """Gives the conversation to a person, or leaves it to a team, unless somebody has it; why
    not."""
    name = team_of(act.value)
    if name is not None:
        return _leave_to(session, row, act.rule.name, name, now)
    person = stored_roster.one_of_staff(session, email=act.value)
    if person is None:
        return NOBODY
    if not scope.among(session, row.conversation_id, [person.id]):
        return NOT_SEEN
    why = _because(act.rule.name)
    done = steps.hand_over(session, row.conversation_id, person.id, None, SYSTEM, now, rule=why)
    return None if done else TAKEN


def _leave_to(session: Session, row: AnyRow, rule: str, name: str, now: datetime) -> str | None:
    lock_promises(session, change=False)
    team = teams.named(session, name)
    if team is None:
        return NO_TEAM
    if not steps.may_serve(session, team, row.conversation_id):
        return word("Nobody of this team sees this account.")
    about = (session, row.conversation_id, team, None, SYSTEM, now)
    return None if steps.leave_to_team(*about, rule=_because(rule)) else TAKEN


def _because(rule: str) -> dict[str, str]:
    return {"because": "rule", "name": rule}


def notify(
    session: Session, row: AnyRow, act: Act, told: Collection[int], now: datetime
) -> tuple[frozenset[int], str | None]:
    """Tells who is named of a message, but for those whom another action `told` of it already. Who
    it names and sees the account, and why nobody was to be told."""
    if persons.quiet(session, [row.conversation_id]):
        return frozenset(), word("They are muted or blocked.")
    try:
        named = _named(session, row, act.value)
    except Nobody as e:
        return frozenset(), str(e)
    seers = frozenset(scope.among(session, row.conversation_id, named))
    if not seers:
        return seers, NOT_SEEN
    words = " ".join(row.text.split())[:FIRST_WORDS]
    about = row.conversation_id, act.rule.name, words
    notices.tell(session, seers.difference(told), "rule", *about, now)
    events.announce(session, "notice", now)
    return seers, None


def _named(session: Session, row: AnyRow, value: str) -> Collection[int]:
    """Whom a value of `notify` names. Raises `Nobody`."""
    if value == LEADS:
        return warnings.all_leads(session, row.conversation_id)
    name = team_of(value)
    if name is not None:
        team = teams.named(session, name)
        if team is None:
            raise Nobody(NO_TEAM)
        return team.members.intersection(one.id for one in stored_roster.staff(session))
    person = stored_roster.one_of_staff(session, email=value)
    if person is None:
        raise Nobody(NOBODY)
    return [person.id]
