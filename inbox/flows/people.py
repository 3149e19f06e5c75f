"""Who may come in: the first admin, signing in and out, adding people and new passwords.

How passwords and tokens are kept, and guessing is slowed: `inbox.flows.keys`.
"""

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connectors.core.text import clean
from inbox.config import Settings
from inbox.flows.keys import (
    QUIET,
    count,
    hash_password,
    key_of,
    nobodys_hash,
    token_hash,
    uncount,
    verify,
)
from inbox.store import audit, people, presence, scope
from inbox.store.session import Store

ROLES = ("agent", "lead", "admin", "auditor")
MIN_PASSWORD = 12  # characters
MAX_PASSWORD = 1024
IDLE = timedelta(hours=12)
LASTS = timedelta(days=30)
HALF_LASTS = timedelta(minutes=10)
TOUCH_AFTER = timedelta(minutes=5)
"""A session's last use is written at most so often."""
LINK_LASTS = timedelta(hours=24)

_SETUP = "setup"


class PersonInvalid(ValueError):
    """The data of a person cannot be taken. `errors`: field → code (see `SetupPage`)."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(_SAYS[field] for field in errors))
        self.errors = dict(errors)


class LinkUsed(ValueError):
    """The one-time link was used, replaced, or is older than a day."""


class WrongPassword(ValueError):
    """Address and password do not belong together; it does not tell which is wrong."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who a session belongs to."""

    id: int
    email: str
    name: str
    role: str
    locale: str | None
    theme: str | None
    two_step: bool = False
    must_enrol: bool = False  # this role must have a second step, and this person has none yet
    density: str | None = None  # of the list's rows: compact, None is comfortable
    desktop: str | None = None  # notices there: None not, else the quiet hours
    hidden: frozenset[int] = frozenset()  # accounts that only teams of others serve


@dataclass(frozen=True, slots=True)
class NewAdmin:
    """What the set-up page asks for."""

    name: str
    email: str
    password: str


def setup_link(store: Store, settings: Settings, now: datetime) -> str | None:
    """A fresh one-time address that makes the first admin; None once there is one."""
    token = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
    with store.write() as session:
        if people.has_admin(session):
            return None
        people.make_link(session, _SETUP, token_hash(token), now, LINK_LASTS)
    return f"{settings.base_url}/setup/{token}"


def setup_code(store: Store, *, code: str, address: str, now: datetime) -> str | None:
    """The token behind a typed code or the link that ends in it (capitals, spaces and dashes do not
    matter), None if wrong.

    Raises `TooManyTries`.
    """
    token = re.sub(r"[\s-]", "", code).lower().rpartition("/")[2]
    with store.write() as session:
        counted = count(session, {"setup": address}, now)
        if not people.link_works(session, _SETUP, token_hash(token), now):
            return None
        uncount(session, counted, now)
    return token


def setup_is_open(store: Store) -> bool:
    """Whether the first admin is still to be made."""
    with store.read() as session:
        return not people.has_admin(session)


def link_is_open(store: Store, token: str, now: datetime) -> bool:
    """Whether this link makes the first admin."""
    with store.read() as session:
        works = people.link_works(session, _SETUP, token_hash(token), now)
        return works and not people.has_admin(session)


def create_first_admin(
    store: Store, *, token: str, admin: NewAdmin, now: datetime, browser: str = ""
) -> str:
    """Makes the admin, uses the link up, and signs in: the session's token. The brand comes next
    (`flows.first_run`).

    Raises `PersonInvalid`, `LinkUsed`.
    """
    email, name = plain_email(admin.email), one_line(admin.name)
    errors = errors_of(email, name, admin.password)
    if errors:
        raise PersonInvalid(errors)
    hashed = hash_password(admin.password)
    with store.write() as session:
        if people.has_admin(session) or not people.use_link(
            session, _SETUP, token_hash(token), now
        ):
            raise LinkUsed("The link was used already, or is too old.")
        user_id = people.add(session, email, name, "admin", hashed, now)
        audit.record(session, email, "setup", f"user:{user_id}", now)
        return open_session(session, user_id, now, browser)


def sign_in(
    store: Store, *, email: str, password: str, address: str, now: datetime, browser: str = ""
) -> str:
    """A new session's token. Raises `WrongPassword`, `TooManyTries`.

    It takes as long for an unknown address as for a known one. Who has a second step gets half a
    session, which `inbox.flows.two_step.finish` makes whole.
    """
    email = plain_email(email)
    with store.write() as session:
        counted = count(session, {"account": email, "address": address}, now)
        person = people.by_email(session, email)
    known = person is not None and person.password_hash is not None and person.disabled_at is None
    stored = person.password_hash if person is not None and known else None
    right = verify(password, stored or nobodys_hash())
    if person is None or not known or not right:
        raise WrongPassword("This e-mail and password do not belong together.")
    with store.write() as session:
        uncount(session, counted, now)
        people.forget_stale(session, now, IDLE, QUIET)
        return open_session(session, person.id, now, browser, half=person.totp_since is not None)


def sign_out(store: Store, token: str, now: datetime) -> None:
    """Ends the session; whoever has no other one is not there any more."""
    with store.write() as session:
        user_id = people.close_session(session, token_hash(token))
        if user_id is not None and presence.signs(session, [user_id], now)[user_id].seen_at is None:
            presence.forget_choice(session, user_id)


def who(store: Store, token: str, now: datetime, *, used: bool = True) -> Signed | None:
    """The person of a session, None when it has ended. `used` False leaves it idling."""
    with store.read() as session:
        row = people.signed_in(session, token_hash(token), now, IDLE)
        if row is None:
            return None
        hidden = frozenset[int]()
        if row.borders:
            hidden = scope.hidden_from(session, row.id, row.role)
    if used and now - row.seen_at > TOUCH_AFTER:
        with store.write() as session:
            people.touch(session, token_hash(token), now)
    two_step = row.totp_since is not None
    must_enrol = not two_step and row.role in (row.two_step_roles or ())
    return Signed(
        *(row.id, row.email, row.name, row.role, row.locale, row.theme, two_step, must_enrol),
        density=row.density,
        desktop=row.desktop,
        hidden=hidden,
    )


def add_user(
    store: Store, *, email: str, name: str, role: str, password: str, actor: str, now: datetime
) -> int:
    """A new person's id; a name from an import gets its sign-in. Raises `PersonInvalid`."""
    email, name = plain_email(email), one_line(name)
    errors = errors_of(email, name, password)
    if role not in ROLES:
        errors["role"] = "unknown"
    if errors:
        raise PersonInvalid(errors)
    hashed = hash_password(password)
    with store.write() as session:
        known = people.by_email(session, email)
        if known is not None and known.password_hash is not None:
            raise PersonInvalid({"known": "known"})
        user_id = people.add(session, email, name, role, hashed, now)
        audit.record(session, actor, "user_add", f"user:{user_id}", now, role=role)
    return user_id


def reset_password(store: Store, *, email: str, password: str, actor: str, now: datetime) -> None:
    """A new password; every session of that person ends. Raises `PersonInvalid`."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise PersonInvalid({"password": "short"})
    hashed = hash_password(password)
    with store.write() as session:
        person = people.by_email(session, plain_email(email))
        if person is None:
            raise PersonInvalid({"unknown": "unknown"})
        people.set_password(session, person.id, hashed)
        people.close_sessions(session, person.id)
        uncount(session, [key_of("account", person.email)], now)
        audit.record(session, actor, "password_reset", f"user:{person.id}", now)


_SAYS = {
    "name": "A name is needed.",
    "email": "This is not an e-mail address.",
    "password": f"The password needs {MIN_PASSWORD} to {MAX_PASSWORD} characters.",
    "role": f"The role is one of: {', '.join(ROLES)}.",
    "known": "This person has an account already.",
    "unknown": "Nobody has this e-mail address.",
}


def open_session(
    session: Session, user_id: int, now: datetime, browser: str = "", *, half: bool = False
) -> str:
    """The token of a new session; half of one lasts for ten minutes."""
    token = secrets.token_urlsafe(32)
    lasts = HALF_LASTS if half else LASTS
    people.open_session(session, user_id, token_hash(token), now, lasts, browser, half)
    return token


def errors_of(email: str, name: str, password: str) -> dict[str, str]:
    """What is wrong with these: field → code."""
    errors = {}
    if not name:
        errors["name"] = "empty"
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email) or len(email) > 254:
        errors["email"] = "email"
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        errors["password"] = "short"
    return errors


def plain_email(text: str) -> str:
    """An address as it is stored and compared."""
    return clean(text).strip().lower()


def one_line(text: str) -> str:
    """A name without line breaks, at most 120 characters."""
    return " ".join(clean(text).split())[:120]
