"""The demo's own team: invented colleagues with shifts, so that roster, planner and the reports of
people have something to show. It comes with `replydesk demo` only, never beside real colleagues.
"""

import secrets
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from inbox.flows.demo import CHANNEL, HANDLE
from inbox.flows.keys import hash_password
from inbox.flows.rostering import change_in
from inbox.store import accounts, people, roster
from inbox.store.session import Store

ACTOR: Final = "demo"
AGENTS: Final = "agents"
"""In the settings of the demo's account: the addresses by which its history was answered."""
NAMES: Final = ("Noor Halvari", "Tobin Aske", "Mirela Quistad", "Jonah Tevetani")


def prepare(store: Store, now: datetime) -> None:
    """Adds the colleagues and their shifts to a desk on which nobody is yet; before its first look,
    so that they have answered its history.

    They count as able to sign in, as whoever has a shift must be; nobody knows their password.
    """
    with store.write() as session:
        account = accounts.by_name(session, CHANNEL, HANDLE)
        if account is None or people.has_admin(session) or roster.newest(session) is not None:
            return
        emails = [address(name) for name in NAMES]
        hashed = hash_password(secrets.token_urlsafe(24))
        for name, email in zip(NAMES, emails, strict=True):
            people.add(session, email, name, "agent", hashed, now)
        change_in(session, {"shift": _shifts(emails)}, actor=ACTOR, now=now)
        account.settings = account.settings | {AGENTS: emails}


def address(name: str) -> str:
    """`Noor Halvari` → `noor@demo.example`."""
    return f"{name.split()[0].lower()}@demo.example"


def members(session: Session) -> list[str]:
    """The addresses of the invented colleagues."""
    found = accounts.by_name(session, CHANNEL, HANDLE)
    return list(found.settings.get(AGENTS, ())) if found else []


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
