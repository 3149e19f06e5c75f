"""Who may come in: the first admin, signing in and out, adding people and new passwords.

Passwords are argon2id hashes. Tokens of sessions and links are random, and only their SHA-256 is
stored: who reads the database cannot come in with it. Guessing is slowed by a table of failures per
account name and per address. An attempt is counted before the password is looked at, so guesses
made at once count too.
"""

import base64
import hashlib
import re
import secrets
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import available_timezones

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.orm import Session

from connectors.core.text import clean
from inbox.config import Settings
from inbox.store import accounts, audit, people
from inbox.store.session import Store
from inbox.store.tables import Brand

ROLES = ("agent", "lead", "admin", "auditor")
MIN_PASSWORD = 12  # characters
MAX_PASSWORD = 1024
IDLE = timedelta(hours=12)
LASTS = timedelta(days=30)
TOUCH_AFTER = timedelta(minutes=5)
"""A session's last use is written at most so often."""
LINK_LASTS = timedelta(hours=24)
QUIET = timedelta(days=1)
"""Failures are forgotten after a day without one."""
LONGEST_WAIT = timedelta(minutes=15)
FREE_TRIES: Mapping[str, int] = {"account": 5, "address": 20, "setup": 10}
"""Tries before the waiting starts: 1 s, then doubling."""

_SETUP = "setup"
_HASHES = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
"""argon2id with 19 MiB and two passes, OWASP's choice (2025): 25 ms, also on a small machine."""
_HASHING = threading.BoundedSemaphore(4)  # many sign-ins at once must not take all memory


class PersonInvalid(ValueError):
    """The data of a person cannot be taken. `errors`: field → code (see `SetupPage`)."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(_SAYS[field] for field in errors))
        self.errors = dict(errors)


class LinkUsed(ValueError):
    """The one-time link was used, replaced, or is older than a day."""


class WrongPassword(ValueError):
    """Address and password do not belong together; it does not tell which is wrong."""


class TooManyTries(ValueError):
    """No further try before `retry_at`."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(f"No further try before {retry_at.isoformat()}.")
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True)
class Signed:
    """Who a session belongs to."""

    id: int
    email: str
    name: str
    role: str
    locale: str | None
    theme: str | None


@dataclass(frozen=True, slots=True)
class NewAdmin:
    """What the set-up page asks for. `zone` is an IANA name, `locale` the pages' language."""

    name: str
    email: str
    password: str
    brand: str
    zone: str
    locale: str


def setup_link(store: Store, settings: Settings, now: datetime) -> str | None:
    """A fresh one-time address that makes the first admin; None once there is one."""
    token = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
    with store.write() as session:
        if people.has_admin(session):
            return None
        people.make_link(session, _SETUP, _hash(token), now, LINK_LASTS)
    return f"{settings.base_url}/setup/{token}"


def setup_code(store: Store, *, code: str, address: str, now: datetime) -> str | None:
    """The token behind a typed code (capitals, spaces and dashes do not matter), None if wrong.

    Raises `TooManyTries`.
    """
    token = re.sub(r"[\s-]", "", code).lower()
    with store.write() as session:
        counted = _count(session, {"setup": address}, now)
        if not people.link_works(session, _SETUP, _hash(token), now):
            return None
        _uncount(session, counted, now)
    return token


def setup_is_open(store: Store) -> bool:
    """Whether the first admin is still to be made."""
    with store.read() as session:
        return not people.has_admin(session)


def link_is_open(store: Store, token: str, now: datetime) -> bool:
    """Whether this link makes the first admin."""
    with store.read() as session:
        works = people.link_works(session, _SETUP, _hash(token), now)
        return works and not people.has_admin(session)


def create_first_admin(store: Store, *, token: str, admin: NewAdmin, now: datetime) -> str:
    """Makes brand and admin, uses the link up, and signs in: the session's token.

    Raises `PersonInvalid`, `LinkUsed`.
    """
    email, name, brand = _email(admin.email), _line(admin.name), _line(admin.brand)
    errors = _errors(email, name, admin.password)
    if not brand:
        errors["brand"] = "empty"
    if not _is_zone(admin.zone):
        errors["zone"] = "zone"
    if errors:
        raise PersonInvalid(errors)
    hashed = _hash_password(admin.password)
    with store.write() as session:
        if people.has_admin(session) or not people.use_link(session, _SETUP, _hash(token), now):
            raise LinkUsed("The link was used already, or is too old.")
        user_id = people.add(session, email, name, "admin", hashed, now)
        _name_brand(session, brand, admin, email, now)
        audit.record(session, email, "setup", f"user:{user_id}", now, brand=brand)
        return _open(session, user_id, now)


def sign_in(store: Store, *, email: str, password: str, address: str, now: datetime) -> str:
    """A new session's token. Raises `WrongPassword`, `TooManyTries`.

    It takes as long for an unknown address as for a known one.
    """
    email = _email(email)
    with store.write() as session:
        counted = _count(session, {"account": email, "address": address}, now)
        person = people.by_email(session, email)
    known = person is not None and person.password_hash is not None and person.disabled_at is None
    stored = person.password_hash if person is not None and known else None
    right = _verify(password, stored or _nobodys_hash())
    if person is None or not known or not right:
        raise WrongPassword("This e-mail and password do not belong together.")
    with store.write() as session:
        _uncount(session, counted, now)
        people.forget_stale(session, now, IDLE, QUIET)
        return _open(session, person.id, now)


def sign_out(store: Store, token: str) -> None:
    """Ends the session."""
    with store.write() as session:
        people.close_session(session, _hash(token))


def who(store: Store, token: str, now: datetime, *, used: bool = True) -> Signed | None:
    """The person of a session, None when it has ended. `used` False leaves it idling."""
    with store.read() as session:
        row = people.signed_in(session, _hash(token), now, IDLE)
    if row is None:
        return None
    if used and now - row.seen_at > TOUCH_AFTER:
        with store.write() as session:
            people.touch(session, _hash(token), now)
    return Signed(row.id, row.email, row.name, row.role, row.locale, row.theme)


def add_user(
    store: Store, *, email: str, name: str, role: str, password: str, actor: str, now: datetime
) -> int:
    """A new person's id; a name from an import gets its sign-in. Raises `PersonInvalid`."""
    email, name = _email(email), _line(name)
    errors = _errors(email, name, password)
    if role not in ROLES:
        errors["role"] = "unknown"
    if errors:
        raise PersonInvalid(errors)
    hashed = _hash_password(password)
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
    hashed = _hash_password(password)
    with store.write() as session:
        person = people.by_email(session, _email(email))
        if person is None:
            raise PersonInvalid({"unknown": "unknown"})
        people.set_password(session, person.id, hashed)
        people.close_sessions(session, person.id)
        _uncount(session, [_key("account", person.email)], now)
        audit.record(session, actor, "password_reset", f"user:{person.id}", now)


def set_taste(store: Store, *, user_id: int, **taste: str | None) -> None:
    """A person's own `locale` or `theme`; None goes back to the brand's, or the system's."""
    with store.write() as session:
        people.set_taste(session, user_id, **taste)


_SAYS = {
    "name": "A name is needed.",
    "email": "This is not an e-mail address.",
    "password": f"The password needs {MIN_PASSWORD} to {MAX_PASSWORD} characters.",
    "role": f"The role is one of: {', '.join(ROLES)}.",
    "brand": "The brand needs a name.",
    "zone": "This time zone is not known; an example is Europe/Berlin.",
    "known": "This person has an account already.",
    "unknown": "Nobody has this e-mail address.",
}


def _name_brand(session: Session, brand: str, admin: NewAdmin, email: str, now: datetime) -> None:
    known = accounts.brand(session)
    if known is None:
        known = Brand(id=1, report_at="07:00", target_share=0.95, created_at=now)
        session.add(known)
    known.name, known.zone, known.locale = brand, admin.zone, admin.locale
    known.report_recipients = [email]


def _open(session: Session, user_id: int, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    people.open_session(session, user_id, _hash(token), now, LASTS)
    return token


def _count(session: Session, by: Mapping[str, str], now: datetime) -> list[str]:
    """Counts one try for each kind and name, and returns their keys. Raises `TooManyTries`."""
    kinds = {_key(kind, name): kind for kind, name in by.items()}
    rows = people.throttles(session, list(kinds), now)
    waits = [row.not_before for row in rows if row.not_before and row.not_before > now]
    if waits:
        raise TooManyTries(max(waits))
    for row in rows:
        if now - row.updated_at > QUIET:
            row.failures = 0
        row.failures += 1
        over = row.failures - FREE_TRIES[kinds[row.key]]
        wait = min(timedelta(seconds=2.0 ** min(over, 20)), LONGEST_WAIT)
        row.not_before = now + wait if over >= 0 else None
        row.updated_at = now
    return list(kinds)


def _uncount(session: Session, keys: Sequence[str], now: datetime) -> None:
    """A right password clears its account's counter; the address only gets this try back."""
    for row in people.throttles(session, keys, now):
        row.failures = 0 if row.key.startswith("account:") else max(row.failures - 1, 0)
        row.not_before = None


def _key(kind: str, name: str) -> str:
    return f"{kind}:{_hash(name)}"


def _hash(secret: str) -> str:
    """Tokens have 128 random bits or more: a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _hash_password(password: str) -> str:
    with _HASHING:
        return _HASHES.hash(_normal(password))


def _verify(password: str, stored: str) -> bool:
    with _HASHING:
        return _HASHES.verify(_normal(password), stored)


def _normal(password: str) -> str:
    """The same key presses give the same password on every keyboard and system."""
    return unicodedata.normalize("NFKC", clean(password))


@cache
def _nobodys_hash() -> str:
    return _hash_password(secrets.token_urlsafe(16))


def _errors(email: str, name: str, password: str) -> dict[str, str]:
    errors = {}
    if not name:
        errors["name"] = "empty"
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email) or len(email) > 254:
        errors["email"] = "email"
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        errors["password"] = "short"
    return errors


def _email(text: str) -> str:
    return clean(text).strip().lower()


def _line(text: str) -> str:
    return " ".join(clean(text).split())[:120]


def _is_zone(name: str) -> bool:
    return name in available_timezones()
