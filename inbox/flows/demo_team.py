"""The demo's own team: invented colleagues with shifts, so that roster, planner and the reports of
people have something to show, and the ready answers and playbooks. It comes with `replydesk demo`
only, never beside real colleagues.
"""

import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from inbox.domain import roster_written
from inbox.domain.starters import STARTERS
from inbox.domain.written import Unclear
from inbox.flows import answer_lines, playbook_lines, team
from inbox.flows.answers import By
from inbox.flows.keys import hash_password
from inbox.flows.rostering import change_in
from inbox.store import accounts, people, roster
from inbox.store.session import Store
from inbox.store.tables import User

ACTOR: Final = "demo"
AGENTS: Final = "agents"
"""In the settings of the demo's account: the addresses by which its history was answered."""
NAMES: Final = ("Noor Halvari", "Tobin Aske", "Mirela Quistad", "Jonah Tevetani")


def prepare(store: Store, now: datetime) -> None:
    """Adds the colleagues, their shifts and what they answer with to a desk on which nobody is yet;
    before its first look, so that they have answered its history.

    They count as able to sign in, as whoever has a shift must be; nobody knows their password.
    """
    with store.write() as session:
        account = accounts.by_name(session, accounts.INVENTED, accounts.INVENTED_HANDLE)
        if account is None or people.has_admin(session) or roster.newest(session) is not None:
            return
        emails = [address(name) for name in NAMES]
        hashed = hash_password(secrets.token_urlsafe(24))
        for name, email in zip(NAMES, emails, strict=True):
            people.add(session, email, name, "agent", hashed, now)
        change_in(session, {"shift": _shifts(emails)}, actor=ACTOR, now=now)
        account.settings = account.settings | {AGENTS: emails}
    by = By(0, ACTOR, "", leads=True)
    answer_lines.adopt(store, STARTERS, by=by, now=now)
    playbook_lines.adopt(store, playbook_lines.starters(), by=by, now=now)


def address(name: str) -> str:
    """`Noor Halvari` → `noor@demo.example`."""
    return f"{name.split()[0].lower()}@demo.example"


def members(session: Session) -> list[str]:
    """The addresses of the invented colleagues."""
    found = accounts.by_name(session, accounts.INVENTED, accounts.INVENTED_HANDLE)
    return list(found.settings.get(AGENTS, ())) if found else []


def remove(session: Session, emails: list[str], *, actor: str, now: datetime) -> None:
    """Takes the colleagues out of the shifts and out of the team, once the demo's account is gone.

    Whom a real conversation names, as somebody once gave it to them, is shut out instead.
    """
    if not emails:
        return
    _leave_shifts(session, set(emails), actor, now)
    for person in filter(None, [people.by_email(session, email) for email in emails]):
        team.shut_out(session, person.id, actor=actor, now=now)
        try:
            with session.begin_nested():
                session.execute(delete(User).where(User.id == person.id))
        except IntegrityError:
            continue  # the name stays with what it is written beside


def _leave_shifts(session: Session, gone: set[str], actor: str, now: datetime) -> None:
    """A shift that nobody else has goes with them."""
    left = []
    for one in roster.shifts(session):
        groups = tuple(tuple(who for who in group if who not in gone) for group in one.groups)
        if groups == one.groups or any(groups):
            left.append(replace(one, groups=groups))
    said = roster_written.document(left, accounts.brand_zone(session))
    with suppress(Unclear):  # none of them has a shift
        change_in(session, said, actor=actor, now=now)


def _shifts(emails: list[str]) -> list[dict[str, Any]]:
    """Around the clock but for one night: a hole is worth seeing."""
    noor, tobin, mirela, jonah = emails
    nights = ["monday", "tuesday", "wednesday", "thursday", "friday", "sunday"]
    weekend, week = ["saturday", "sunday"], ["monday", "tuesday", "wednesday", "thursday", "friday"]
    turns = [[noor, tobin], [noor, mirela]]
    return [
        {"id": "day", "name": "Day", "hours": "07:00-15:00", "groups": turns, "weekdays": week},
        {"id": "late", "name": "Late", "hours": "15:00-23:00", "groups": [[mirela], [tobin]]},
        {"id": "night", "name": "Night", "hours": "23:00-07:00", "people": [jonah]}
        | {"weekdays": nights},
        {"id": "weekend", "name": "Weekend", "hours": "07:00-15:00", "groups": [[tobin], [noor]]}
        | {"weekdays": weekend},
    ]
