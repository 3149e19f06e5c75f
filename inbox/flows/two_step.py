"""The second step of the sign-in: a code from an app (TOTP, RFC 6238), or a recovery code.

Six digits, SHA-1, steps of 30 s, as every authenticator app knows it. A code counts one step early
and one late, and once only. The secret is encrypted in the database, recovery codes are hashed.
"""

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.fernet import MultiFernet
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from sqlalchemy.orm import Session

from inbox.flows.keys import count, key_of, token_hash, uncount
from inbox.flows.people import IDLE, open_session
from inbox.flows.profile import prove
from inbox.store import accounts, audit, people, two_step
from inbox.store.session import Store
from inbox.store.tables import User

STEP_S = 30
SECRET_BYTES = 20  # as long as SHA-1's answer, which RFC 4226 advises
RECOVERY_CODES = 10


class WrongCode(ValueError):
    """The code is wrong, too old, or was used before."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret to put into an app: as base32, and as the address that apps open."""

    secret: str
    uri: str


def begin(store: Store, cipher: MultiFernet, *, user_id: int) -> Offer:
    """A fresh secret, which counts once a code of it has come back."""
    secret = secrets.token_bytes(SECRET_BYTES)
    with store.write() as session:
        two_step.keep_secret(session, user_id, cipher.encrypt(secret).decode())
    return offer(store, cipher, user_id)


def offer(store: Store, cipher: MultiFernet, user_id: int) -> Offer:
    """The secret that is still to be confirmed. Raises `WrongCode` if there is none."""
    with store.read() as session:
        person, brand = session.get_one(User, user_id), accounts.brand(session)
    if person.totp_secret is None or person.totp_since is not None:
        raise WrongCode("There is nothing to confirm.")
    secret = base64.b32encode(cipher.decrypt(person.totp_secret.encode())).decode()
    issuer = (brand.name if brand else "Replydesk").replace(":", " ")
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return Offer(secret, f"otpauth://totp/{quote(f'{issuer}:{person.email}')}?{query}")


def confirm(
    store: Store, cipher: MultiFernet, *, user_id: int, code: str, token: str, now: datetime
) -> tuple[str, ...]:
    """Switches the second step on; the recovery codes, which are shown only now.

    The other browsers are signed out: they came in without it. Raises `WrongCode`, `TooManyTries`.
    """
    with store.write() as session:
        counted = count(session, {"code": str(user_id)}, now)
    with store.write() as session:
        person = session.get_one(User, user_id)
        if person.totp_since is not None or not _right(session, cipher, person, code, now):
            raise WrongCode("This is not the code.")
        uncount(session, counted, now)
        two_step.turn_on(session, user_id, now)
        people.close_sessions(session, user_id, token_hash(token))
        audit.record(session, person.email, "two_step_on", f"user:{user_id}", now)
        return _fresh_codes(session, user_id)


def waits(store: Store, token: str, now: datetime) -> bool:
    """Whether the second step of this session is still to come."""
    with store.read() as session:
        return people.half_signed_in(session, token_hash(token), now, IDLE) is not None


def finish(
    store: Store, cipher: MultiFernet, *, token: str, code: str, now: datetime
) -> str | None:
    """The second step: the token of a whole session in place of half of one; None if it is over.

    Raises `WrongCode`, `TooManyTries`.
    """
    with store.write() as session:
        found = people.half_signed_in(session, token_hash(token), now, IDLE)
        if found is None:
            return None
        person, half = found
        counted = count(session, {"code": str(person.id)}, now)
    with store.write() as session:
        if not _right(session, cipher, person, code, now):
            if not two_step.use_code(session, person.id, _recovery_hash(code), now):
                raise WrongCode("This is not the code.")
            audit.record(session, person.email, "recovery_code", f"user:{person.id}", now)
        uncount(session, counted, now)
        if not people.close_one(session, person.id, token_hash(token)):
            return None
        return open_session(session, person.id, now, half.browser)


def new_codes(store: Store, *, user_id: int, password: str, now: datetime) -> tuple[str, ...]:
    """Ten fresh recovery codes. Raises `WrongPassword`, `TooManyTries`."""
    prove(store, user_id=user_id, password=password, now=now)
    with store.write() as session:
        email = session.get_one(User, user_id).email
        audit.record(session, email, "recovery_codes", f"user:{user_id}", now)
        return _fresh_codes(session, user_id)


def turn_off(store: Store, *, user_id: int, password: str, now: datetime) -> None:
    """Switches one's own second step off. Raises `WrongPassword`, `TooManyTries`."""
    prove(store, user_id=user_id, password=password, now=now)
    with store.write() as session:
        email = session.get_one(User, user_id).email
        two_step.turn_off(session, user_id)
        audit.record(session, email, "two_step_off", f"user:{user_id}", now)


def reset(store: Store, *, user_id: int, actor: str, now: datetime) -> None:
    """For who lost phone and codes: the password alone signs in again; every session ends."""
    with store.write() as session:
        email = session.get_one(User, user_id).email
        two_step.turn_off(session, user_id)
        people.close_sessions(session, user_id)
        uncount(session, [key_of("code", str(user_id))], now)
        audit.record(session, actor, "two_step_reset", f"user:{user_id}", now, email=email)


def codes_left(store: Store, user_id: int) -> int:
    """How many recovery codes are unused."""
    with store.read() as session:
        return two_step.codes_left(session, user_id)


def _right(session: Session, cipher: MultiFernet, person: User, code: str, now: datetime) -> bool:
    """Whether the code is of now, one step early or late, and unused; uses it up."""
    if person.totp_secret is None:
        return False
    secret = cipher.decrypt(person.totp_secret.encode())
    step = step_of(secret, re.sub(r"\s", "", code), now)
    return step is not None and two_step.take_step(session, person.id, step)


def step_of(secret: bytes, code: str, now: datetime) -> int | None:
    """The step, at most one away, whose code this is."""
    hotp, here = HOTP(secret, 6, SHA1()), int(now.timestamp()) // STEP_S
    given = code.encode("utf-8", "replace")
    fits = [s for s in (here - 1, here, here + 1) if hmac.compare_digest(hotp.generate(s), given)]
    return fits[-1] if fits else None


def _fresh_codes(session: Session, user_id: int) -> tuple[str, ...]:
    """80 random bits each: a plain hash is enough."""
    codes = tuple(
        "-".join(re.findall("....", base64.b32encode(secrets.token_bytes(10)).decode().lower()))
        for _ in range(RECOVERY_CODES)
    )
    two_step.keep_codes(session, user_id, [_recovery_hash(code) for code in codes])
    return codes


def _recovery_hash(code: str) -> str:
    """Capitals, spaces and dashes do not matter."""
    return token_hash(re.sub(r"[\s-]", "", code).lower())
