"""What people change about themselves: their name, their password, where they are signed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from inbox.flows.branding import LOCALES
from inbox.flows.keys import count, hash_password, token_hash, uncount, verify
from inbox.flows.people import (
    IDLE,
    MAX_PASSWORD,
    MIN_PASSWORD,
    PersonInvalid,
    WrongPassword,
    one_line,
)
from inbox.store import audit, people
from inbox.store.session import Store
from inbox.store.tables import User


@dataclass(frozen=True, slots=True)
class Place:
    """A browser in which someone is signed in. `key` names it and opens nothing."""

    key: str
    browser: str  # "Firefox, Linux"; empty when it did not say
    since: datetime
    seen_at: datetime
    here: bool


def places(store: Store, user_id: int, now: datetime, token: str = "") -> list[Place]:
    """Where a person is signed in, the session of this token first, then last used first."""
    here = token_hash(token)
    with store.read() as session:
        rows = people.sessions_of(session, user_id, now, IDLE)
    found = [
        Place(row.token_hash, row.browser, row.created_at, row.seen_at, row.token_hash == here)
        for row in rows
    ]
    return sorted(found, key=lambda place: not place.here)


def end_place(store: Store, *, user_id: int, key: str, actor: str, now: datetime) -> bool:
    """Ends one session of this person; False when it has ended already."""
    with store.write() as session:
        ended = people.close_one(session, user_id, key)
        if ended:
            audit.record(session, actor, "session_end", f"user:{user_id}", now)
    return ended


def end_places(store: Store, *, user_id: int, actor: str, now: datetime, but: str = "") -> int:
    """Ends every session of this person but the one of this token; how many there were."""
    with store.write() as session:
        ended = people.close_sessions(session, user_id, token_hash(but) if but else "")
        audit.record(session, actor, "sessions_end", f"user:{user_id}", now, ended=ended)
    return ended


def rename(store: Store, *, user_id: int, name: str, actor: str, now: datetime) -> None:
    """A new name. Raises `PersonInvalid`."""
    name = one_line(name)
    if not name:
        raise PersonInvalid({"name": "empty"})
    with store.write() as session:
        people.rename(session, user_id, name)
        audit.record(session, actor, "rename", f"user:{user_id}", now, name=name)


LOOKS: Final[Mapping[str, Mapping[str, str | None]]] = {
    "locale": {locale: locale for locale in LOCALES},
    "theme": {"system": None, "light": "light", "dark": "dark"},
    "density": {"comfortable": None, "compact": "compact"},
}
"""How one's own pages may look: what is chosen → what is stored."""


def set_look(store: Store, *, user_id: int, **chosen: str) -> None:
    """Chooses one or more of `LOOKS`. Raises ValueError for what is no choice."""
    for name, choice in chosen.items():
        if choice not in LOOKS[name]:
            raise ValueError(f"{name} is one of: {', '.join(LOOKS[name])}")
    if chosen:
        with store.write() as session:
            stored = {name: LOOKS[name][choice] for name, choice in chosen.items()}
            people.set_taste(session, user_id, **stored)


def set_desktop(store: Store, *, user_id: int, desktop: str | None) -> None:
    """Notices on the desktop: None for none, else the hours without (`domain.quiet`)."""
    with store.write() as session:
        people.set_taste(session, user_id, desktop=desktop)


def change_password(
    store: Store, *, user_id: int, old: str, new: str, token: str, now: datetime
) -> None:
    """A new password for who knows the old one; every session but this one ends.

    Raises `PersonInvalid`, `WrongPassword`, `TooManyTries`.
    """
    if not MIN_PASSWORD <= len(new) <= MAX_PASSWORD:
        raise PersonInvalid({"password": "short"})
    prove(store, user_id=user_id, password=old, now=now)
    made = hash_password(new)
    with store.write() as session:
        people.set_password(session, user_id, made)
        people.close_sessions(session, user_id, token_hash(token))
        email = session.get_one(User, user_id).email
        audit.record(session, email, "password_change", f"user:{user_id}", now)


def prove(store: Store, *, user_id: int, password: str, now: datetime) -> None:
    """Asks again for the password of who is signed in. Raises `WrongPassword`, `TooManyTries`."""
    with store.write() as session:
        person = session.get_one(User, user_id)
        counted = count(session, {"account": person.email}, now)
    if person.password_hash is None or not verify(password, person.password_hash):
        raise WrongPassword("This is not your password.")
    with store.write() as session:
        uncount(session, counted, now)
