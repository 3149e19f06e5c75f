"""A forgotten password: asking for a link, and setting a new one with it."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from inbox.config import Settings
from inbox.flows.keys import count, hash_password, key_of, token_hash, uncount
from inbox.flows.people import MAX_PASSWORD, MIN_PASSWORD, LinkUsed, PersonInvalid, plain_email
from inbox.store import audit, letters, people
from inbox.store.session import Store
from inbox.store.tables import User

RESET_LASTS = timedelta(hours=1)


def ask(store: Store, *, email: str, address: str, now: datetime) -> None:
    """Asks for a mail with a link, if somebody has this address. Raises `TooManyTries`.

    Nothing tells the caller whether somebody has.
    """
    email = plain_email(email)
    with store.write() as session:
        count(session, {"forgot": email, "forgot-address": address}, now)
        person = people.by_email(session, email)
        if person is not None and _may_sign_in(person):
            letters.ask(session, "user_id", person.id, now)
            audit.record(session, "system", "password_forgot", f"user:{person.id}", now)


def new_link(
    store: Store, settings: Settings, *, user_id: int, actor: str, now: datetime
) -> str | None:
    """An admin helps: the link by mail, or, without a mail server, to be handed over.

    Raises `PersonInvalid` for who cannot sign in.
    """
    with store.write() as session:
        if not _may_sign_in(session.get_one(User, user_id)):
            raise PersonInvalid({"unknown": "unknown"})
        audit.record(session, actor, "password_link", f"user:{user_id}", now)
        if settings.smtp_url is None:
            return reset_link(session, settings, user_id, now)
        letters.ask(session, "user_id", user_id, now)
        return None


def reset_link(session: Session, settings: Settings, user_id: int, now: datetime) -> str:
    """A fresh one-time address for a new password; the one before stops working."""
    token = secrets.token_urlsafe(32)
    people.make_link(session, people.reset_purpose(user_id), token_hash(token), now, RESET_LASTS)
    return f"{settings.base_url}/reset/{token}"


def link_works(store: Store, token: str, now: datetime) -> bool:
    """Whether this link sets a new password."""
    with store.read() as session:
        return _whose(session, token, now) is not None


def set_password(store: Store, *, token: str, password: str, now: datetime) -> None:
    """A new password by a link; every session of that person ends. The second step stays.

    Raises `PersonInvalid`, `LinkUsed`.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise PersonInvalid({"password": "short"})
    made = hash_password(password)
    with store.write() as session:
        person = _whose(session, token, now)
        if person is None or not people.use_link(
            session, people.reset_purpose(person.id), token_hash(token), now
        ):
            raise LinkUsed("The link was used already, or is too old.")
        people.set_password(session, person.id, made)
        people.close_sessions(session, person.id)
        uncount(session, [key_of("account", person.email)], now)
        audit.record(session, person.email, "password_reset", f"user:{person.id}", now)


def _whose(session: Session, token: str, now: datetime) -> User | None:
    purpose = people.purpose_of(session, token_hash(token), now)
    if purpose is None or not purpose.startswith(people.RESET):
        return None
    person = session.get(User, int(purpose.removeprefix(people.RESET)))
    return person if person is not None and _may_sign_in(person) else None


def _may_sign_in(person: User) -> bool:
    return person.password_hash is not None and person.disabled_at is None
