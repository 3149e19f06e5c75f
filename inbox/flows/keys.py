"""Hashes of passwords and tokens, and the wait after failed tries.

Passwords are argon2id hashes. Tokens of sessions and links are random, and only their SHA-256 is
stored: who reads the database cannot come in with it. Guessing is slowed by a table of failures per
account name and per address. An attempt is counted before the secret is looked at, so guesses made
at once count too.
"""

import hashlib
import secrets
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.orm import Session

from connectors.core.text import clean
from inbox.store import people

QUIET = timedelta(days=1)
"""Failures are forgotten after a day without one."""
LONGEST_WAIT = timedelta(minutes=15)
FREE_TRIES: Mapping[str, int] = {
    "account": 5,
    "address": 20,
    "setup": 10,
    "code": 5,
    "forgot": 3,
    "forgot-address": 10,
}
"""Tries before the waiting starts: 1 s, then doubling."""

_HASHES = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
"""argon2id with 19 MiB and two passes, OWASP's choice (2025): 25 ms, also on a small machine."""
_HASHING = threading.BoundedSemaphore(4)  # many sign-ins at once must not take all memory


class TooManyTries(ValueError):
    """No further try before `retry_at`."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(f"No further try before {retry_at.isoformat()}.")
        self.retry_at = retry_at


def count(session: Session, by: Mapping[str, str], now: datetime) -> list[str]:
    """Counts one try for each kind and name, and returns their keys. Raises `TooManyTries`."""
    kinds = {key_of(kind, name): kind for kind, name in by.items()}
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


def uncount(session: Session, keys: Sequence[str], now: datetime) -> None:
    """A right secret clears its person's counter; the address only gets this try back."""
    for row in people.throttles(session, keys, now):
        own = row.key.startswith(("account:", "code:"))
        row.failures = 0 if own else max(row.failures - 1, 0)
        row.not_before = None


def key_of(kind: str, name: str) -> str:
    return f"{kind}:{token_hash(name)}"


def token_hash(secret: str) -> str:
    """Tokens have 128 random bits or more: a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def hash_password(password: str) -> str:
    with _HASHING:
        return _HASHES.hash(_normal(password))


def verify(password: str, stored: str) -> bool:
    with _HASHING:
        return _HASHES.verify(_normal(password), stored)


def _normal(password: str) -> str:
    """The same key presses give the same password on every keyboard and system."""
    return unicodedata.normalize("NFKC", clean(password))


@cache
def nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe(16))
