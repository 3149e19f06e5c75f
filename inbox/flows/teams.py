"""Changing teams: who is in them, and which accounts they serve, and so who sees what (ADR 47).

Whoever does not see a conversation any more does not keep it: a clock runs there for a customer,
and somebody who sees it must find it free.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain.teams import MOST, BadTeam, Team, key_of, name_of
from inbox.domain.written import Unclear
from inbox.flows import rule_book, team_calendars
from inbox.flows.policies import Effect, apply_due
from inbox.flows.team import tell_freed
from inbox.store import accounts, audit, events, people, promises, scope
from inbox.store import teams as stored
from inbox.store.session import Store, lock_promises
from inbox.store.tables import Account, User


@dataclass(frozen=True, slots=True)
class Wanted:
    """A team as it is to be; ids of people and accounts. Who leads it is a member, too. `calendar`
    is the name of one that counts on its accounts, or empty."""

    name: str
    members: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()
    lead: int | None = None
    calendar: str = ""


def add(store: Store, wanted: Wanted, *, actor: str, now: datetime, at_once: float = inf) -> int:
    """A new team's number. Raises `BadTeam`."""
    with _writing(store, wanted.name) as session:
        known = stored.everyone(session)
        if len(known) >= MOST:
            raise BadTeam(word("There are {n} teams: remove one first.").format(n=MOST))
        made = _checked(session, known, wanted, 0)
        made = replace(made, id=stored.add(session, made.name, now))
        _put(session, made, "team.add", actor, now)
    _apply(store, now, at_once)
    return made.id


def change(
    store: Store,
    team_id: int,
    wanted: Wanted,
    *,
    actor: str,
    now: datetime,
    at_once: float = inf,
) -> int:
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
        freed = _put(session, team, "team.change", actor, now)
    _apply(store, now, at_once)
    return freed


def effect(store: Store, team_id: int, wanted: Wanted, now: datetime) -> Effect:
    """What a team, a new one without a number, would do to the turns that are open. Raises
    `BadTeam`."""
    with store.read() as session:
        known = stored.everyone(session)
        made = _checked(session, known, wanted, team_id)
        others = [team for team in known if team.id != team_id]
        return team_calendars.effect(session, [*others, made], now)


def remove(store: Store, team_id: int, *, actor: str, now: datetime, at_once: float = inf) -> None:
    """The team is gone; accounts that no other team serves are everyone's. Raises NoResultFound."""
    with store.write() as session:
        lock_promises(session, change=True)
        team = stored.one(session, team_id)
        if team is None:
            raise NoResultFound
        stored.remove(session, team_id)
        _moved(session, team, "team.remove", actor, now)
    _apply(store, now, at_once)


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
            "calendar": team.calendar or None,
        }
        for team in stored.everyone(session)
    ]


def wanted_of(
    session: Session,
    name: str,
    members: list[str],
    served: list[str],
    lead: str | None,
    calendar: str | None = None,
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
        calendar or "",
    )


def _apply(store: Store, now: datetime, at_once: float) -> None:
    """Judges anew what counts by another calendar now; with more open turns than that the
    scheduler does."""
    with store.read() as session:
        some = promises.pending(session) and len(promises.waiting(session)) <= at_once
    if some:
        apply_due(store, now)


@contextmanager
def _writing(store: Store, name: str) -> Iterator[Session]:
    """A transaction in which another one may give the same name away first."""
    try:
        with store.write() as session:
            lock_promises(session, change=True)  # before any row: judges take it first, too
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
    name, calendar = name_of(wanted.name, taken), wanted.calendar.strip()
    return Team(team_id, name, lead, members, served, calendar)


def _put(session: Session, team: Team, act: str, actor: str, now: datetime) -> int:
    stored.put(session, team)
    return _moved(session, team, act, actor, now)


def _moved(session: Session, team: Team, act: str, actor: str, now: datetime) -> int:
    """Borders have moved: into the log, what nobody sees any more is free, pages look again."""
    about: dict[str, Any] = {"name": team.name, "lead": team.lead}
    about |= {"members": sorted(team.members), "accounts": sorted(team.accounts)}
    about |= {"calendar": team.calendar}
    team_calendars.settle(session, stored.everyone(session), actor=actor, now=now)
    audit.record(session, actor, act, f"team:{team.id}", now, **about)
    freed = scope.release_unseen(session)
    tell_freed(session, freed, actor, now)
    events.announce(session, "account", now)
    return len(freed)
