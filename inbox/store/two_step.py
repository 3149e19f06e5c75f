"""The second step of the sign-in: its secret, the codes used, and the recovery codes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from inbox.store.sql import insert
from inbox.store.tables import RecoveryCode, User


def keep_secret(session: Session, user_id: int, sealed: str) -> None:
    """A secret that is still to be confirmed; nothing happens where one is confirmed already."""
    session.execute(
        update(User)
        .where(User.id == user_id, User.totp_since.is_(None))
        .values(totp_secret=sealed, totp_step=None)
    )


def take_step(session: Session, user_id: int, step: int) -> bool:
    """Uses a 30-second step up; False when it, or a later one, was used before."""
    unused = User.totp_step.is_(None) | (User.totp_step < step)
    taken = session.execute(update(User).where(User.id == user_id, unused).values(totp_step=step))
    return isinstance(taken, CursorResult) and taken.rowcount == 1


def turn_on(session: Session, user_id: int, now: datetime) -> None:
    session.execute(update(User).where(User.id == user_id).values(totp_since=now))


def turn_off(session: Session, user_id: int) -> None:
    """Forgets secret and recovery codes."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.execute(
        update(User)
        .where(User.id == user_id)
        .values(totp_secret=None, totp_since=None, totp_step=None)
    )


def keep_codes(session: Session, user_id: int, hashes: Sequence[str]) -> None:
    """Fresh recovery codes; those from before stop working."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    rows = [{"code_hash": one, "user_id": user_id, "used_at": None} for one in hashes]
    session.execute(insert(session, RecoveryCode), rows)


def use_code(session: Session, user_id: int, code_hash: str, now: datetime) -> bool:
    """Uses a recovery code up; False when it is none, or was used before."""
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == code_hash,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return isinstance(used, CursorResult) and used.rowcount == 1


def codes_left(session: Session, user_id: int) -> int:
    """How many recovery codes are unused."""
    found = select(func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(found) or 0
