"""API tokens, and the stored answers of calls that carry an idempotency key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Select, delete, select, update
from sqlalchemy.orm import Session

from inbox.store import scope
from inbox.store.sql import AnyRow, insert
from inbox.store.tables import ApiAnswer, ApiToken, User


def add(session: Session, row: dict[str, Any]) -> int:
    """The id of a new token."""
    made: int = session.execute(
        insert(session, ApiToken).returning(ApiToken.id), [row]
    ).scalar_one()
    return made


def listed(session: Session, user_id: int | None = None) -> Sequence[AnyRow]:
    """Tokens that were not revoked, of one person or of all, newest first: the token's columns,
    and of its person `email`, `person`, `role` and `disabled_at`."""
    found = _select().where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.id.desc())
    if user_id is not None:
        found = found.where(ApiToken.user_id == user_id)
    return session.execute(found).all()


def one(session: Session, token_id: int) -> AnyRow | None:
    """A token (see `listed`), revoked or not."""
    return session.execute(_select().where(ApiToken.id == token_id)).one_or_none()


def working(session: Session, token_hash: str, now: datetime) -> AnyRow | None:
    """The token with this hash (see `listed`; with `borders` of `store.scope`), if it was neither
    revoked nor has expired, and its person is not shut out."""
    found = _select().add_columns(scope.borders().label("borders"))
    found = found.where(
        ApiToken.token_hash == token_hash,
        ApiToken.revoked_at.is_(None),
        (ApiToken.expires_at.is_(None)) | (ApiToken.expires_at > now),
        User.disabled_at.is_(None),
    )
    return session.execute(found).one_or_none()


def touch(session: Session, token_id: int, now: datetime) -> None:
    """The token was used."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now))


def revoke(session: Session, token_id: int, now: datetime) -> bool:
    """Ends a token for good; False when it had been."""
    live = (ApiToken.id == token_id, ApiToken.revoked_at.is_(None))
    return _done(session.execute(update(ApiToken).where(*live).values(revoked_at=now)))


def revoke_all(session: Session, user_id: int, now: datetime) -> None:
    """Ends every token of a person who is shut out: they do not come back with the person."""
    live = (ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    session.execute(update(ApiToken).where(*live).values(revoked_at=now))


def claim(session: Session, row: dict[str, Any]) -> ApiAnswer | None:
    """Takes an idempotency key for a call; else who has it already."""
    statement = insert(session, ApiAnswer).values(**row).on_conflict_do_nothing()
    if session.scalar(statement.returning(ApiAnswer.token_id)) is not None:
        return None
    return session.get_one(ApiAnswer, (row["token_id"], row["key_hash"]))


def claim_again(session: Session, before: ApiAnswer, now: datetime) -> bool:
    """Takes over a call that was left without an answer; False when another was first."""
    held = (*_is(before.token_id, before.key_hash), ApiAnswer.claimed_at == before.claimed_at)
    taken = update(ApiAnswer).where(*held, ApiAnswer.status.is_(None)).values(claimed_at=now)
    return _done(session.execute(taken))


def keep(session: Session, token_id: int, key_hash: str, status: int, body: str) -> None:
    """What the call was answered."""
    answer = {"status": status, "body": body}
    session.execute(update(ApiAnswer).where(*_is(token_id, key_hash)).values(**answer))


def release(session: Session, token_id: int, key_hash: str) -> None:
    """The call was refused and did nothing: its key is free again."""
    session.execute(delete(ApiAnswer).where(*_is(token_id, key_hash), ApiAnswer.status.is_(None)))


def prune(session: Session, before: datetime) -> None:
    """Forgets the answers of earlier calls."""
    session.execute(delete(ApiAnswer).where(ApiAnswer.claimed_at < before))


def _is(token_id: int, key_hash: str) -> tuple[Any, Any]:
    return ApiAnswer.token_id == token_id, ApiAnswer.key_hash == key_hash


def _done(result: Any) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1


def _select() -> Select[Any]:
    return select(
        *ApiToken.__table__.columns,
        User.email,
        User.name.label("person"),
        User.role,
        User.locale,
        User.theme,
        User.density,
        User.disabled_at,
    ).join(User, User.id == ApiToken.user_id)
