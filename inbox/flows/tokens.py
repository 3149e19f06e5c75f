"""API tokens: a person makes one for a program, sees it once, and can end it.

The token is random; only its SHA-256 is stored, so who reads the database cannot come in with it.
What it may do is never more than what its person may do at that moment.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain.scopes import SCOPES, effective, held
from inbox.flows.keys import token_hash
from inbox.flows.people import TOUCH_AFTER, Signed
from inbox.store import audit, people, scope, tokens
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from inbox.store.tables import User

BEGINS: Final = "rd_"
"""So that a program that searches files for secrets can know ours."""
_SHOWN: Final = 7  # characters by which people know it again
LONGEST: Final = timedelta(days=3650)
MOST_NAME: Final = 80


class TokenInvalid(ValueError):
    """The token cannot be made. `field`: name, scopes, days or person."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Made:
    """A fresh token: the only time that it is known."""

    id: int
    token: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who calls: the token, its person as they are now, and what the token may do now."""

    token_id: int
    person: Signed
    scopes: frozenset[str]


def make(
    store: Store,
    *,
    email: str,
    name: str,
    scopes: Sequence[str],
    lasts: timedelta | None,
    actor: str,
    now: datetime,
) -> Made:
    """A new token of a person; `lasts` None never expires. Raises `TokenInvalid`."""
    name = " ".join(clean(name).split())[:MOST_NAME]
    if not name:
        raise TokenInvalid("name", word("Give the token a name that says what uses it."))
    if lasts is not None and not timedelta(0) < lasts <= LONGEST:
        raise TokenInvalid("days", word("A token lasts from 1 to 3650 days, or for good."))
    token = BEGINS + secrets.token_urlsafe(32)
    with store.write() as session:
        person = _person(session, email)
        wanted = _wanted(scopes, person.role)
        row = {
            "user_id": person.id,
            "name": name,
            "token_hash": token_hash(token),
            "starts": token[:_SHOWN],
            "scopes": wanted,
            "created_at": now,
            "expires_at": None if lasts is None else now + lasts,
        }
        token_id = tokens.add(session, row)
        detail = {"person": person.email, "scopes": wanted}
        audit.record(session, actor, "token_add", f"token:{token_id}", now, **detail)
    return Made(token_id, token)


def revoke(store: Store, token_id: int, *, actor: str, now: datetime) -> bool:
    """Ends a token at once; False when there is none, or it had ended."""
    with store.write() as session:
        done = tokens.revoke(session, token_id, now)
        if done:
            audit.record(session, actor, "token_revoke", f"token:{token_id}", now)
    return done


def bearer(store: Store, token: str, now: datetime) -> Bearer | None:
    """Who calls with this token; None when it does not work (any more)."""
    with store.read() as session:
        row = tokens.working(session, token_hash(token), now)
        if row is None:
            return None
        hidden = frozenset[int]()
        if row.borders:
            hidden = scope.hidden_from(session, row.user_id, row.role)
    if row.last_used_at is None or now - row.last_used_at > TOUCH_AFTER:
        with store.write() as session:
            tokens.touch(session, row.id, now)
    who = (row.user_id, row.email, row.person, row.role, row.locale, row.theme)
    person = Signed(*who, density=row.density, hidden=hidden)
    return Bearer(row.id, person, effective(row.scopes, row.role))


def state_of(row: AnyRow, now: datetime) -> str:
    """works, expired, or void: its person is shut out."""
    if row.disabled_at is not None:
        return "void"
    return "works" if row.expires_at is None or row.expires_at > now else "expired"


def _person(session: Session, email: str) -> User:
    """Someone who may sign in."""
    person = people.by_email(session, clean(email).strip().lower())
    if person is None or person.password_hash is None or person.disabled_at is not None:
        raise TokenInvalid("person", word("Nobody with this e-mail address may sign in."))
    return person


def _wanted(scopes: Sequence[str], role: str) -> list[str]:
    """In the order of `SCOPES`, each once."""
    if not scopes:
        raise TokenInvalid("scopes", word("Choose at least one thing that the token may do."))
    beyond = [scope for scope in scopes if scope not in held(role)]
    if beyond:
        raise TokenInvalid(
            "scopes",
            word("This role cannot give {scopes} to a token.").format(scopes=", ".join(beyond)),
        )
    return [scope for scope in SCOPES if scope in scopes]
