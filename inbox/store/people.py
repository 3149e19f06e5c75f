"""People, their sessions, one-time links, and the wait after failed sign-ins."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    bindparam,
    delete,
    false,
    select,
    update,
)
from sqlalchemy.orm import Session

from inbox.store import scope
from inbox.store.kept import kept
from inbox.store.sql import AnyRow, ask, insert
from inbox.store.tables import Brand, Letter, OneTimeLink, Throttle, User, UserSession

RESET = "reset:"


def everyone(session: Session) -> list[User]:
    """All people, by e-mail; those without a password are names from an import."""
    return list(session.scalars(select(User).order_by(User.email)))


def by_email(session: Session, email: str) -> User | None:
    """The person with this address, in lower case."""
    return session.scalar(select(User).where(User.email == email))


def first_admin(session: Session) -> User | None:
    """The admin who has been there longest."""
    found = select(User).where(User.role == "admin", User.disabled_at.is_(None))
    return session.scalar(found.order_by(User.id).limit(1))


def has_admin(session: Session) -> bool:
    """Whether someone can sign in as admin: then the set-up is over for good."""
    found = select(User.id).where(User.role == "admin", User.password_hash.is_not(None))
    return session.scalar(found.limit(1)) is not None


def add(
    session: Session, email: str, name: str, role: str, password_hash: str, now: datetime
) -> int:
    """The id of a new person, or of a name from an import that may sign in from now on."""
    row = {
        "email": email,
        "name": name,
        "role": role,
        "password_hash": password_hash,
        "created_at": now,
    }
    known = ["name", "role", "password_hash"]
    statement = insert(session, User).values(**row)
    statement = statement.on_conflict_do_update(
        index_elements=["email"],
        set_={column: statement.excluded[column] for column in known},
        where=User.password_hash.is_(None),
    )
    session.execute(statement)
    return session.scalars(select(User.id).where(User.email == email)).one()


def set_password(session: Session, user_id: int, password_hash: str) -> None:
    """A new password; links to another one, made or still to be mailed, stop working."""
    session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))
    end_resets(session, user_id)


def end_resets(session: Session, user_id: int) -> None:
    """This person's links to a new password stop working, and none is mailed any more."""
    session.execute(delete(OneTimeLink).where(OneTimeLink.purpose == reset_purpose(user_id)))
    session.execute(delete(Letter).where(Letter.user_id == user_id))


def names_by_email(session: Session, addresses: Collection[str]) -> dict[str, str]:
    """What people are called."""
    found = select(User.email, User.name).where(User.email.in_(addresses))
    return {email: name for email, name in session.execute(found)} if addresses else {}


def reset_purpose(user_id: int) -> str:
    """What a link to this person's new password is for."""
    return f"{RESET}{user_id}"


def set_taste(session: Session, user_id: int, **taste: str | None) -> None:
    """How a person's pages look, and whether notices stand on their desktop."""
    session.execute(update(User).where(User.id == user_id).values(**taste))


def rename(session: Session, user_id: int, name: str) -> None:
    session.execute(update(User).where(User.id == user_id).values(name=name))


def open_session(
    session: Session,
    user_id: int,
    token_hash: str,
    now: datetime,
    lasts: timedelta,
    browser: str = "",
    half: bool = False,
) -> None:
    row = {
        "token_hash": token_hash,
        "user_id": user_id,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + lasts,
        "browser": browser,
        "half": half,
    }
    session.execute(insert(session, UserSession), [row])


def signed_in(session: Session, token_hash: str, now: datetime, idle: timedelta) -> AnyRow | None:
    """The person of a session that has neither ended nor idled: the user's columns, `seen_at`,
    `two_step_roles` of the brand, and `borders` (`store.scope`).

    A disabled person's sessions are void, and so is one that waits for its second step.
    """
    row = _session(session, token_hash)
    lives = row is not None and row.expires_at > now and row.seen_at > now - idle
    return row if lives else None


@kept
def _session(session: Session, token_hash: str) -> AnyRow | None:
    return ask(session, _signed_in(), {"token_hash": token_hash}).one_or_none()


@cache
def _signed_in() -> Select[Any]:
    """Built once: every page asks."""
    token = UserSession.token_hash == bindparam("token_hash")
    columns: list[Any] = [
        *(User.id, User.email, User.name, User.role, User.locale, User.theme, User.density),
        *(User.desktop, User.totp_since, UserSession.seen_at, UserSession.expires_at),
        *(Brand.two_step_roles, scope.borders().label("borders")),
    ]
    return (
        select(*columns)
        .join(User, User.id == UserSession.user_id)
        .outerjoin(Brand, Brand.id == 1)
        .where(token, User.disabled_at.is_(None), UserSession.half == false())
    )


def half_signed_in(
    session: Session, token_hash: str, now: datetime, idle: timedelta
) -> tuple[User, UserSession] | None:
    """Who gave the right password in this session, and whose second step is still to come."""
    found = (
        select(User, UserSession)
        .join(User, User.id == UserSession.user_id)
        .where(*_live(token_hash, now, now - idle), UserSession.half)
    )
    row = session.execute(found).one_or_none()
    return (row[0], row[1]) if row else None


def sessions_of(
    session: Session, user_id: int, now: datetime, idle: timedelta
) -> list[UserSession]:
    """The sessions in which this person is signed in, last used first."""
    found = select(UserSession).where(
        UserSession.user_id == user_id,
        UserSession.expires_at > now,
        UserSession.seen_at > now - idle,
        UserSession.half == false(),
    )
    return list(session.scalars(found.order_by(UserSession.seen_at.desc(), UserSession.created_at)))


def touch(session: Session, token_hash: str, now: datetime) -> None:
    """The session was used."""
    session.execute(
        update(UserSession).where(UserSession.token_hash == token_hash).values(seen_at=now)
    )


def close_session(session: Session, token_hash: str) -> int | None:
    """Whose session it was."""
    ended = delete(UserSession).where(UserSession.token_hash == token_hash)
    return session.scalar(ended.returning(UserSession.user_id))


def close_sessions(session: Session, user_id: int, but: str = "") -> int:
    """Signs a person out everywhere, but for the session with this hash; how many were ended."""
    ended = session.execute(
        delete(UserSession).where(UserSession.user_id == user_id, UserSession.token_hash != but)
    )
    return ended.rowcount if isinstance(ended, CursorResult) else 0


def close_one(session: Session, user_id: int, token_hash: str) -> bool:
    """Ends one session of this person; False if there is none."""
    ended = session.execute(
        delete(UserSession).where(
            UserSession.user_id == user_id, UserSession.token_hash == token_hash
        )
    )
    return isinstance(ended, CursorResult) and ended.rowcount == 1


def forget_stale(session: Session, now: datetime, idle: timedelta, quiet: timedelta) -> None:
    """Deletes ended sessions, and counters of failures that stopped `quiet` ago."""
    session.execute(
        delete(UserSession).where(
            (UserSession.expires_at <= now) | (UserSession.seen_at <= now - idle)
        )
    )
    session.execute(delete(Throttle).where(Throttle.updated_at <= now - quiet))


def make_link(
    session: Session, purpose: str, token_hash: str, now: datetime, lasts: timedelta
) -> None:
    """A fresh one-time link; earlier ones of this purpose stop working."""
    session.execute(delete(OneTimeLink).where(OneTimeLink.purpose == purpose))
    row = {
        "token_hash": token_hash,
        "purpose": purpose,
        "created_at": now,
        "expires_at": now + lasts,
    }
    session.execute(insert(session, OneTimeLink), [row])


def link_works(session: Session, purpose: str, token_hash: str, now: datetime) -> bool:
    """Whether the link is unused and not expired."""
    return (
        session.scalar(select(OneTimeLink.token_hash).where(*_open(purpose, token_hash, now)))
        is not None
    )


def purpose_of(session: Session, token_hash: str, now: datetime) -> str | None:
    """What an unused link that has not expired is for."""
    found = select(OneTimeLink.purpose).where(
        OneTimeLink.token_hash == token_hash,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > now,
    )
    return session.scalar(found)


def use_link(session: Session, purpose: str, token_hash: str, now: datetime) -> bool:
    """Uses the link up; False when it was used, replaced or expired before."""
    used = session.execute(
        update(OneTimeLink).where(*_open(purpose, token_hash, now)).values(used_at=now)
    )
    return isinstance(used, CursorResult) and used.rowcount == 1


def throttles(session: Session, keys: Sequence[str], now: datetime) -> list[Throttle]:
    """The counters of these keys, made where missing and locked until the transaction ends."""
    rows = [{"key": key, "failures": 0, "updated_at": now} for key in sorted(keys)]
    session.execute(insert(session, Throttle).on_conflict_do_nothing(), rows)
    found = select(Throttle).where(Throttle.key.in_(keys)).order_by(Throttle.key)
    return list(session.scalars(found.with_for_update()))


def _open(purpose: str, token_hash: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeLink.token_hash == token_hash,
        OneTimeLink.purpose == purpose,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > now,
    )


def _live(token_hash: Any, now: Any, seen: Any) -> tuple[ColumnElement[bool], ...]:
    return (
        UserSession.token_hash == token_hash,
        UserSession.expires_at > now,
        UserSession.seen_at > seen,
        User.disabled_at.is_(None),
    )
