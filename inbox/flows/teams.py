"""Changing teams: who is in them, and which accounts they serve, and so who sees what (ADR 47).

Whoever does not see a conversation any more does not keep it: a clock runs there for a customer,
and somebody who sees it must find it free.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain.teams import MOST, BadTeam, Team, key_of, name_of
from inbox.domain.written import Unclear
from inbox.flows import rule_book
from inbox.flows.team import tell_freed
from inbox.store import accounts, audit, events, people, scope
from inbox.store import teams as stored
from inbox.store.session import Store
from inbox.store.tables import Account, User


@dataclass(frozen=True, slots=True)
class Wanted:
    """A team as it is to be; ids of people and accounts. Who leads it is a member, too."""

    name: str
    members: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()
    lead: int | None = None


def add(store: Store, wanted: Wanted, *, actor: str, now: datetime) -> int:
    """A new team's number. Raises `BadTeam`."""
    with _writing(store, wanted.name) as session:
        known = stored.everyone(session)
        if len(known) >= MOST:
            raise BadTeam(word("There are {n} teams: remove one first.").format(n=MOST))
        made = _checked(session, known, wanted, 0)
        made = replace(made, id=stored.add(session, made.name, now))
        _put(session, made, "team.add", actor, now)
    return made.id


def change(store: Store, team_id: int, wanted: Wanted, *, actor: str, now: datetime) -> int:
    """How many conversations nobody has now, for who had them sees them no more. Routing rules that
    name the team follow a new name. Raises `BadTeam` and NoResultFound."""
    with _writing(store, wanted.name) as session:
        known = stored.everyone(session)
        if team_id not in {team.id for team in known}:
            raise NoResultFound
        team = _checked(session, known, wanted, team_id)
        before = next(one.name for one in known if one.id == team_id)
        if before != team.name:
            rule_book.team_renamed(session, before, team.name, actor=actor, now=now)
        return _put(session, team, "team.change", actor, now)


def remove(store: Store, team_id: int, *, actor: str, now: datetime) -> None:
    """The team is gone; accounts that no other team serves are everyone's. Raises NoResultFound."""
    with store.write() as session:
        team = stored.one(session, team_id)
        if team is None:
            raise NoResultFound
        stored.remove(session, team_id)
        _moved(session, team, "team.remove", actor, now)


def told(session: Session) -> list[dict[str, Any]]:
    """The teams as programs are told them: people by e-mail address, accounts as `x/@brand`."""
    emails = {person.id: person.email for person in people.everyone(session)}
    handles = {one.id: f"{one.channel}/{one.handle}" for one in accounts.everyone(session)}
    return [
        {
            "id": team.id,
            "name": team.name,
            "lead": emails[team.lead] if team.lead is not None else None,
            "members": sorted(emails[one] for one in team.members),
            "accounts": sorted(handles[one] for one in team.accounts),
        }
        for team in stored.everyone(session)
    ]


def wanted_of(
    session: Session, name: str, members: list[str], served: list[str], lead: str | None
) -> Wanted:
    """The same the other way. Raises `BadTeam` for people and accounts that there are not."""
    ids = {person.email: person.id for person in people.everyone(session)}
    handles = {f"{one.channel}/{one.handle}": one.id for one in accounts.everyone(session)}
    for email in [*members, *([lead] if lead else [])]:
        if email.strip().lower() not in ids:
            raise BadTeam(word("Nobody has the address {email}.").format(email=email))
    for handle in served:
        if handle not in handles:
            raise BadTeam(
                word("{name} is not known. There are: {allowed}.").format(
                    name=handle, allowed=", ".join(sorted(handles))
                )
            )
    return Wanted(
        name,
        frozenset(ids[email.strip().lower()] for email in members),
        frozenset(handles[one] for one in served),
        ids[lead.strip().lower()] if lead else None,
    )


@contextmanager
def _writing(store: Store, name: str) -> Iterator[Session]:
    """A transaction in which another one may give the same name away first."""
    try:
        with store.write() as session:
            yield session
    except Unclear as e:  # somebody changed the rules that name it at the same time
        raise BadTeam(str(e)) from e
    except IntegrityError as e:
        raise BadTeam(word("There is a team {name} already.").format(name=name)) from e


def _checked(session: Session, known: list[Team], wanted: Wanted, team_id: int) -> Team:
    taken = {key_of(team.name) for team in known if team.id != team_id}
    asked = wanted.members if wanted.lead is None else wanted.members | {wanted.lead}
    members = frozenset(session.scalars(select(User.id).where(User.id.in_(asked))))
    served = frozenset(session.scalars(select(Account.id).where(Account.id.in_(wanted.accounts))))
    lead = wanted.lead if wanted.lead in members else None
    return Team(team_id, name_of(wanted.name, taken), lead, members, served)


def _put(session: Session, team: Team, act: str, actor: str, now: datetime) -> int:
    stored.put(session, team)
    return _moved(session, team, act, actor, now)


def _moved(session: Session, team: Team, act: str, actor: str, now: datetime) -> int:
    """Borders have moved: into the log, what nobody sees any more is free, pages look again."""
    about: dict[str, Any] = {"name": team.name, "lead": team.lead}
    about |= {"members": sorted(team.members), "accounts": sorted(team.accounts)}
    audit.record(session, actor, act, f"team:{team.id}", now, **about)
    freed = scope.release_unseen(session)
    tell_freed(session, freed, actor, now)
    events.announce(session, "account", now)
    return len(freed)
